"""Where the keys and values of a TOML document stand.

The scanner reads text that a parser has found valid, so it checks nothing, and takes values from
what was parsed. Dates and times keep their text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mlaudit.facts.positions import Positions
from mlaudit.facts.records import Entry
from mlaudit.facts.scalars import storable

if TYPE_CHECKING:
    from mlaudit.facts.templates import Masked

MAX_ENTRIES = 100_000
MAX_DEPTH = 100

Path: TypeAlias = tuple["str | int", ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(
    r"""[ \t]*(?P<key>(?P<bare>[^\s"'=.\]]+)|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*"""
    r"""(?P<next>[.=]|\]{1,2})[ \t]*"""
)
_SCALAR = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*"{3,5}'
    r"|'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'[^'\n]*'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*"
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


class TooLargeError(Exception):
    """The document is larger or deeper than is taken in."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


class Scanner:
    """Collects the entries of a document in the order of the file."""

    def __init__(self, text: str, data: dict[str, Any], masked: Masked | None = None) -> None:
        self.entries: list[Entry] = []
        self._text = text
        self._data = data
        self._masked = masked
        self._at = Positions(text).at
        self._seen: set[Path] = set()
        self._lengths: dict[Path, int] = {}
        """How many tables of an array of tables have come so far."""

    def run(self) -> None:
        """Raises TooLargeError; the entries up to there are kept."""
        text = self._text
        path: Path = ()
        table: Any = self._data
        offset = self._skip(0)
        while offset < len(text):
            if text[offset] == "[":
                path, table, offset = self._header(offset)
            else:
                offset = self._pair(offset, path, table)
            offset = self._skip(offset)

    def _skip(self, offset: int) -> int:
        match = _BLANK.match(self._text, offset)
        return match.end() if match else offset

    def _header(self, offset: int) -> tuple[Path, Any, int]:
        """Path and contents of the table that a header opens, and where its body begins."""
        array = self._text.startswith("[[", offset)
        parts, end = self._key(offset + (2 if array else 1))
        path, table = self._descend((), self._data, parts if not array else parts[:-1])
        if array:
            name, key_offset = parts[-1]
            path = (*path, name)
            self._see(path, "sequence", key_offset)
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            path, table = (*path, index), table[name][index]
            self._see(path, "mapping", key_offset)
        return path, table, end

    def _descend(self, path: Path, table: Any, parts: list[tuple[str, int]]) -> tuple[Path, Any]:
        """Into nested tables, and into the latest of an array of tables."""
        for name, offset in parts:
            path, table = (*path, name), table[name]
            if type(table) is list:
                index = self._lengths[path] - 1
                path, table = (*path, index), table[index]
            else:
                self._see(path, "mapping", offset)
        return path, table

    def _see(self, path: Path, kind: Literal["mapping", "sequence"], offset: int) -> None:
        if path not in self._seen:
            self._seen.add(path)
            self._emit(path, None, kind, offset, offset)

    def _pair(self, offset: int, path: Path, table: Any) -> int:
        """Takes `key = value`, and gives the offset after it."""
        parts, offset = self._key(offset)
        if len(parts) > 1:
            path, table = self._descend(path, table, parts[:-1])
        name, key_offset = parts[-1]
        return self._value(offset, (*path, name), key_offset, table[name])

    def _value(self, offset: int, path: Path, key_offset: int, value: Any) -> int:
        kind = type(value)
        if kind is dict:
            self._emit(path, None, "mapping", key_offset, offset)
            return self._inline_table(offset, path, value)
        if kind is list:
            self._emit(path, None, "sequence", key_offset, offset)
            return self._array(offset, path, value)
        match = _SCALAR.match(self._text, offset)
        end = match.end() if match else offset + 1
        if kind is str:
            if self._masked is not None:
                value = self._masked.restore(value, offset)
        elif kind is int:
            value = storable(value, self._text[offset:end])
        elif kind is not bool and kind is not float:
            value = self._text[offset:end]
        self._emit(path, value, "scalar", key_offset, offset)
        return end

    def _inline_table(self, offset: int, path: Path, table: dict[str, Any]) -> int:
        offset = self._skip(offset + 1)
        while self._text[offset] != "}":
            offset = self._next(self._pair(offset, path, table))
        return offset + 1

    def _array(self, offset: int, path: Path, items: list[Any]) -> int:
        offset = self._skip(offset + 1)
        for index, item in enumerate(items):
            offset = self._next(self._value(offset, (*path, index), offset, item))
        return offset + 1

    def _next(self, offset: int) -> int:
        """Past a comma and blanks."""
        offset = self._skip(offset)
        return self._skip(offset + 1) if self._text[offset] == "," else offset

    def _emit(
        self,
        path: Path,
        value: Any,
        kind: Literal["scalar", "mapping", "sequence"],
        key_offset: int,
        value_offset: int,
    ) -> None:
        line, column = self._at(key_offset)
        value_line, value_column = self._at(value_offset)
        if len(path) > MAX_DEPTH:
            raise TooLargeError(f"nested deeper than {MAX_DEPTH} levels", line)
        if len(self.entries) >= MAX_ENTRIES:
            raise TooLargeError(f"more than {MAX_ENTRIES} values", line)
        self.entries.append(Entry(path, value, kind, line, column, value_line, value_column))

    def _key(self, offset: int) -> tuple[list[tuple[str, int]], int]:
        """The parts of a dotted key with their offsets, and where what follows begins."""
        parts = []
        following = "."
        while following == ".":
            match = _KEY.match(self._text, offset)
            if match is None:
                raise TooLargeError("a key that the scanner does not know", self._at(offset)[0])
            key = match["bare"] or _unquoted(match["key"])
            parts.append((key, match.start("key")))
            following = match["next"]
            offset = match.end()
        return parts, offset


def _unquoted(key: str) -> str:
    if key.startswith("'") or "\\" not in key:
        return key[1:-1]
    from mlaudit.facts.standard_toml import load_toml

    loaded = load_toml(f"{key} = 0")
    return next(iter(loaded)) if isinstance(loaded, dict) else key
