"""What .gitignore and .dvcignore say of a path, whether or not there is such a file."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from mlaudit.facts.records import FileFacts
from mlaudit.repo.walking import IgnoreRule, ignore_rules


class IgnoringLine(NamedTuple):
    path: str
    """Of the file of patterns."""
    line: int


class _Line(NamedTuple):
    line: int
    rule: IgnoreRule


Lines: TypeAlias = "Mapping[str, Sequence[_Line]]"
"""Of files of one name, by the folders that they lie in; the last line first."""


def ignore_lines(facts: Mapping[str, FileFacts], name: str) -> Lines:
    """What all files of a name say."""
    found: dict[str, list[_Line]] = {}
    for path, file in facts.items():
        if file.patterns and posixpath.basename(path) == name:
            lines = [
                _Line(pattern.line, rule)
                for pattern in file.patterns
                for rule in ignore_rules(pattern.pattern)
            ]
            found[posixpath.dirname(path)] = lines[::-1]
    return found


class IgnoreFiles:
    """All files of one name, as `.gitignore`, at or below a folder."""

    def __init__(self, lines: Lines, name: str, top: str = "") -> None:
        self._lines = lines
        self._name = name
        self._top = top

    def ignoring(self, path: str, *, folder: bool = False) -> IgnoringLine | None:
        """The line that makes a path ignored, or a folder that it lies in."""
        parts = path.split("/")
        for count in range(1, len(parts)):
            found = self._decided("/".join(parts[:count]), folder=True)
            if found is not None:
                return found
        return self._decided(path, folder=folder)

    def _decided(self, path: str, *, folder: bool) -> IgnoringLine | None:
        """The innermost file with an opinion decides, and in it the last line."""
        above = posixpath.dirname(path)
        while True:
            relative = path[len(above) + 1 :] if above else path
            for line, rule in self._lines.get(above, ()):
                if rule.is_meant(relative, folder):
                    name = f"{above}/{self._name}" if above else self._name
                    return IgnoringLine(name, line) if rule.include else None
            if above in ("", self._top):
                return None
            above = posixpath.dirname(above)
