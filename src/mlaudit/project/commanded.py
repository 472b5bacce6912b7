"""Which code of the repository a command runs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlaudit.facts.commands import python_target, split_commands
from mlaudit.facts.python_commands import without_runners
from mlaudit.project.entry_points import EntryPoint
from mlaudit.project.resolution import Definition
from mlaudit.repo.model import Kind

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_FARTHEST = 3
"""Scripts inside one another that are followed."""
_NOTEBOOK = re.compile(r"[\w./-]+\.ipynb")
_SHELLS = frozenset({"sh", "bash", "zsh", "dash"})


def entries_of(
    project: Project, path: str, text: str, folders: tuple[str, ...] = (), left: int = _FARTHEST
) -> Iterator[EntryPoint]:
    """The programs that a command runs, which stands in the file `path`."""
    for argv in split_commands(text):
        target = python_target(argv)
        if target is not None:
            yield from _program(project, path, target, folders)
            continue
        words = without_runners(argv)
        if not words:
            continue
        name = words[0].rpartition("/")[2]
        if name in ("papermill", "jupyter", "runipy", "ploomber"):
            yield from _notebooks(project, path, text, folders)
        elif name in _SHELLS or words[0].endswith(".sh"):
            yield from _script(project, path, words, folders, left)
        else:
            yield from _console(project, name)


def _program(
    project: Project, path: str, target: str, folders: tuple[str, ...]
) -> Iterator[EntryPoint]:
    names = [target]
    if target.startswith("-m "):
        stem = target[3:].replace(".", "/")
        names = [f"{stem}.py", f"{stem}/__main__.py"]
    for name in names:
        found = _find(project, path, name, folders)
        if found and project.facts[found].python is not None:
            yield EntryPoint(found, 0, "command")
            return


def _find(project: Project, path: str, name: str, folders: tuple[str, ...]) -> str:
    """A file as seen from a folder of the command, of its file, or the top; else the only one."""
    name = name.removeprefix("./")
    for folder in (*folders, path.rpartition("/")[0], "", "src"):
        candidate = posixpath.normpath(posixpath.join(folder, name))
        if candidate in project.facts:
            return candidate
    ends = [one for one in (f"{f}/{name}" for f in folders if f) if not one.startswith("/")]
    for end in (*ends, name):
        alike = [one for one in project.facts if one.endswith(f"/{end}")]
        near = [one for one in alike if _same_top(one, path)]
        for found in (near, alike):
            if len(found) == 1:
                return found[0]
    return ""


def _same_top(one: str, other: str) -> bool:
    """Whether two files share more than the top of the repository, as far as the other is deep."""
    folders = other.split("/")[:-1][:2]
    return bool(folders) and one.split("/")[: len(folders)] == folders


def _notebooks(
    project: Project, path: str, text: str, folders: tuple[str, ...]
) -> Iterator[EntryPoint]:
    for name in _NOTEBOOK.findall(text)[:1]:
        found = _find(project, path, name, folders)
        if found:
            yield EntryPoint(found, 0, "notebook")


def _script(
    project: Project, path: str, words: list[str], folders: tuple[str, ...], left: int
) -> Iterator[EntryPoint]:
    name = next((word for word in words if word.endswith(".sh")), "")
    found = _find(project, path, name, folders) if name and left else ""
    if found and project.facts[found].kind is Kind.SHELL:
        for command in project.facts[found].commands:
            yield from entries_of(project, found, command.text, folders, left - 1)


def _console(project: Project, name: str) -> Iterator[EntryPoint]:
    for facts in project.facts.values():
        for script, target in facts.manifest.scripts if facts.manifest is not None else ():
            if script == name:
                dotted = target.partition("[")[0].strip().replace(":", ".")
                found = project.program.resolver.name(facts.path, dotted)
                if isinstance(found, Definition):
                    yield EntryPoint(found.path, found.scope, "console-script")
