"""The files of a plain folder, for want of git."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from mlaudit.repo.model import Skipped
from mlaudit.repo.regular import read_regular

if TYPE_CHECKING:
    from pathspec import Pattern

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


class IgnoreRule(NamedTuple):
    """A pattern that matches a path itself, as git has it.

    Pathspec's also match what lies below a folder that they match, so that `!sub/` would bring
    back all that `*` ignores in `sub`. The folders above were decided on before: here a pattern is
    given the name alone where it speaks of names, and else a path of as many parts as it has.
    """

    include: bool
    matches: Callable[[str], object]
    folders_only: bool
    anchored: bool
    depth: int
    """Parts of a path that an anchored pattern matches; 0 for any number."""

    def is_meant(self, path: str, folder: bool) -> bool:
        if self.folders_only and not folder:
            return False
        if not self.anchored:
            path = path.rpartition("/")[2]
        elif self.depth and path.count("/") + 1 != self.depth:
            return False
        return bool(self.matches(f"{path}/" if self.folders_only else path))


class _Rules(NamedTuple):
    """The .gitignore files from the root down to a folder: where each lies, and what it says."""

    files: tuple[tuple[str, tuple[IgnoreRule, ...]], ...] = ()

    def ignore(self, path: str, folder: bool = False) -> bool:
        """As git decides: the innermost file with an opinion, and in it the last pattern."""
        for base, rules in reversed(self.files):
            for rule in reversed(rules):
                if rule.is_meant(path[len(base) :], folder):
                    return rule.include
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
            elif entry.name in ALWAYS_SKIPPED or rules.ignore(path, folder=True):
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
    return _Rules((*rules.files, (base, _rules_of(os.fsdecode(content)))))


def _rules_of(text: str) -> tuple[IgnoreRule, ...]:
    return tuple(rule for line in text.split("\n") for rule in ignore_rules(line))


def ignore_rules(line: str) -> list[IgnoreRule]:
    """The pattern in a line of an ignore file; none where it is malformed or takes too long."""
    from pathspec import GitIgnoreSpec

    if max(part.count("*") for part in line.split("/")) > _MAX_STARS:
        return []
    with warnings.catch_warnings(), suppress(ValueError, re.error, FutureWarning):
        warnings.simplefilter("error")
        patterns = GitIgnoreSpec.from_lines([line]).patterns
        return [_rule(line, each) for each in patterns if each.include is not None]
    return []


def _rule(line: str, pattern: Pattern) -> IgnoreRule:
    text = line.strip().removeprefix("!")
    body = text.rstrip("/").removeprefix("**/")
    return IgnoreRule(
        include=bool(pattern.include),
        matches=pattern.match_file,
        folders_only=text.endswith("/"),
        anchored="/" in body,
        depth=0 if "**" in body else body.strip("/").count("/") + 1,
    )
