"""The files of a plain folder, for want of git."""

from __future__ import annotations

import os
import re
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from mlaudit.repo.model import Skipped
from mlaudit.repo.regular import read_regular

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_ALWAYS_SKIPPED = """
    .git .hg .svn .bzr __pycache__ .venv venv .tox .nox .eggs node_modules site-packages
    .mypy_cache .pytest_cache .ruff_cache .hypothesis .ipynb_checkpoints .direnv .pixi
"""
ALWAYS_SKIPPED = frozenset(_ALWAYS_SKIPPED.split())
"""Folders that hold nothing of the project's own, whatever the ignore rules say."""

MAX_DEPTH = 64
"""Folders within folders. A deeper tree is an accident or a trap."""

_MAX_IGNORE_BYTES = 1 << 20
# The patterns become regular expressions that backtrack: each star in one part of a path
# multiplies the time by the length of a name. Real patterns have two or three.
_MAX_STARS = 3


class _Rules(NamedTuple):
    """The .gitignore files from the root down to a folder: where each lies, and what it says."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def ignore(self, path: str) -> bool:
        """Whether the innermost file that has an opinion says so. A folder's path ends in `/`."""
        for base, spec in reversed(self.specs):
            decision = spec.check_file(path[len(base) :]).include
            if decision is not None:
                return decision
        return False


def walk(root: str) -> tuple[list[str], list[Skipped]]:
    """The paths of all files and links that no .gitignore ignores, relative to the root.

    No link is followed. Folders in ALWAYS_SKIPPED are left out silently; those that cannot be
    read or lie too deep are returned with the reason.
    """
    paths: list[str] = []
    skipped: list[Skipped] = []
    waiting: list[tuple[str, int, _Rules]] = [("", 0, _Rules())]
    while waiting:
        base, depth, rules = waiting.pop()
        try:
            with os.scandir(f"{root}/{base}") as found:
                entries = list(found)
        except OSError as error:
            skipped.append(Skipped(base.rstrip("/"), f"cannot be listed: {error.strerror}"))
            continue
        rules = _extended(rules, root, base, entries)
        for entry in entries:
            path = base + entry.name
            if not entry.is_dir(follow_symlinks=False):
                if not rules.ignore(path):
                    paths.append(path)
            elif entry.name in ALWAYS_SKIPPED or rules.ignore(path + "/"):
                continue
            elif depth >= MAX_DEPTH:
                skipped.append(Skipped(path, f"more than {MAX_DEPTH} folders deep"))
            else:
                waiting.append((path + "/", depth + 1, rules))
    return paths, skipped


def _extended(rules: _Rules, root: str, base: str, entries: list[os.DirEntry[str]]) -> _Rules:
    if not any(entry.name == ".gitignore" for entry in entries):
        return rules
    try:
        content = read_regular(f"{root}/{base}.gitignore", _MAX_IGNORE_BYTES)
    except OSError:
        return rules
    return _Rules((*rules.specs, (base, _spec(os.fsdecode(content)))))


def _spec(text: str) -> GitIgnoreSpec:
    """The patterns of one file. Those that are malformed or take too long to match are left out."""
    from pathspec import GitIgnoreSpec

    # Releases of pathspec differ in the type that a spec takes.
    patterns: list[Any] = []
    for line in text.split("\n"):
        if max(part.count("*") for part in line.split("/")) > _MAX_STARS:
            continue
        with warnings.catch_warnings(), suppress(ValueError, re.error, FutureWarning):
            warnings.simplefilter("error")
            patterns += GitIgnoreSpec.from_lines([line]).patterns
    return GitIgnoreSpec(patterns)
