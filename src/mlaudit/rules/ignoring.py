"""Lines for the .gitignore of the repository: what is ignored already, and how to write a path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlaudit.project.project import Project

IGNORE_FILE = ".gitignore"
MAX_CHARS = 180
"""Longer lines would be cut where values are shown."""

_SPECIAL = re.compile(r"([\\*?\[])")
_NAMED = 3
"""Files of a folder that are named one by one; of more, the endings are."""


def ignores(project: Project) -> Callable[[str], bool]:
    """Tells whether git would ignore a path. A folder is named with a slash at its end."""

    def is_ignored(path: str) -> bool:
        folder = path.endswith("/")
        return project.git_ignore.ignoring(path.rstrip("/"), folder=folder) is not None

    return is_ignored


def lines_for(paths: Iterable[str], is_ignored: Callable[[str], bool]) -> str:
    """Lines that make git ignore paths of a folder; empty where none is needed or can be given."""
    wanted = [path for path in paths if not is_ignored(path)]
    if len(wanted) > _NAMED:
        patterns = sorted({_by_ending(path) for path in wanted})
    else:
        patterns = sorted({line_for(path) for path in wanted})
    lines = "\n".join(patterns)
    return lines if all(patterns) and len(lines) <= MAX_CHARS else ""


def line_for(path: str) -> str:
    """The line for one path, from the root on; empty for a path that no line can name."""
    if "\n" in path or "\r" in path:
        return ""
    escaped = "/" + _SPECIAL.sub(r"\\\1", path)
    stripped = escaped.rstrip(" ")
    return stripped + r"\ " * (len(escaped) - len(stripped))


def _by_ending(path: str) -> str:
    folder, _, name = path.rpartition("/")
    _, dot, ending = name.rpartition(".")
    if not dot:
        return line_for(path)
    start = line_for(f"{folder}/") if folder else "/"
    return f"{start}*.{ending}" if start and ending.isalnum() else line_for(path)
