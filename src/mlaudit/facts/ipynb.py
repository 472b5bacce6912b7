"""The JSON of a notebook with the offsets of what is reported on: cells, lines of code, outputs.

Objects and lists that hold such things are walked here; everything below them is left to the
decoder of the standard library, so that a megabyte of image costs what it costs in `json.loads`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple


class NotebookError(ValueError):
    """No notebook. The message is a reason for the user."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


class Piece(NamedTuple):
    """A JSON value with its offsets; for a string, those of its text without the quotes."""

    value: Any
    start: int
    end: int


class CodeLine(NamedTuple):
    text: str
    start: int
    """Offset of its first character in the file."""


class RawCell(NamedTuple):
    fields: dict[str, Any]
    """All but source and outputs."""
    source: tuple[Piece, ...]
    """Strings, to be joined."""
    outputs: tuple[Piece, ...]
    start: int


class RawNotebook(NamedTuple):
    fields: dict[str, Piece]
    """All but the cells."""
    cells: tuple[RawCell, ...]
    strays: tuple[int, ...]
    """Offsets of what is no cell among the cells, and of sources that are no text."""


def read_json(text: str) -> RawNotebook:
    """The notebook. Raises NotebookError, with the line, when the text is not one."""
    walk = _Walk(text)
    try:
        notebook = walk.notebook()
    except JSONDecodeError as error:
        reason = "is empty" if not text.strip() else f"is no valid JSON: {error.msg}"
        raise NotebookError(reason, error.lineno) from None
    except RecursionError:
        raise NotebookError("is nested too deeply to be read") from None
    except ValueError as error:  # integers of more than 4,300 digits
        raise NotebookError(f"is no valid JSON: {error}") from None
    if not walk.has_cells:
        raise NotebookError("is JSON, but no notebook: it has no list of cells")
    return notebook


_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = JSONDecoder()


class _Walk:
    """Moves over the text. Whoever takes a member or an item from it reads its value next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.has_cells = False
        self.cells: list[RawCell] = []
        self.strays: list[int] = []

    def notebook(self) -> RawNotebook:
        fields: dict[str, Piece] = {}
        self._skip()
        if not self._is("{"):
            self._value()
        else:
            for key in self._members():
                if key == "cells" and self._is("["):
                    self._cells()
                elif key == "worksheets" and self._is("["):
                    self._worksheets()
                else:
                    fields[key] = self._value()
        self._skip()
        if self.at != len(self.text):
            raise JSONDecodeError("Extra data", self.text, self.at)
        return RawNotebook(fields, tuple(self.cells), tuple(self.strays))

    def _worksheets(self) -> None:
        """Up to nbformat 3 the cells lie in one sheet or, in theory, in several."""
        self.has_cells = True
        for _ in self._items():
            if not self._is("{"):
                self._value()
                continue
            for key in self._members():
                if key == "cells" and self._is("["):
                    self._cells()
                else:
                    self._value()

    def _cells(self) -> None:
        self.has_cells = True
        for _ in self._items():
            if self._is("{"):
                self.cells.append(self._cell())
            else:
                self.strays.append(self.at)
                self._value()

    def _cell(self) -> RawCell:
        start = self.at
        fields: dict[str, Any] = {}
        source: tuple[Piece, ...] = ()
        outputs: tuple[Piece, ...] = ()
        for key in self._members():
            if key in ("source", "input"):
                source = self._strings()
            elif key == "outputs" and self._is("["):
                outputs = tuple([self._value() for _ in self._items()])
            else:
                fields[key] = self._value().value
        return RawCell(fields, source, outputs, start)

    def _strings(self) -> tuple[Piece, ...]:
        """A text as nbformat has it: one string, or a list of them."""
        value, start, end = self._value()
        if isinstance(value, str):
            return (Piece(value, start + 1, end - 1),)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            written = _STRING.finditer(self.text, start, end)
            return tuple(
                Piece(item, match.start() + 1, match.end() - 1)
                for item, match in zip(value, written, strict=True)
            )
        self.strays.append(start)
        return ()

    def _members(self) -> Iterator[str]:
        self.at += 1
        self._skip()
        if self._is("}"):
            self.at += 1
            return
        while True:
            if not self._is('"'):
                raise JSONDecodeError(
                    "Expecting property name enclosed in double quotes", self.text, self.at
                )
            key = self._value().value
            self._skip()
            self._take(":")
            yield key
            if self._ends("}"):
                return

    def _items(self) -> Iterator[None]:
        self.at += 1
        self._skip()
        if self._is("]"):
            self.at += 1
            return
        while True:
            yield
            if self._ends("]"):
                return

    def _ends(self, close: str) -> bool:
        self._skip()
        if self._is(close):
            self.at += 1
            return True
        self._take(",")
        return False

    def _take(self, character: str) -> None:
        if not self._is(character):
            raise JSONDecodeError(f"Expecting '{character}' delimiter", self.text, self.at)
        self.at += 1
        self._skip()

    def _value(self) -> Piece:
        start = self.at
        value, self.at = _DECODER.raw_decode(self.text, start)
        return Piece(value, start, self.at)

    def _is(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at


_BREAK = re.compile(r"\r\n|\r|\n")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")
_RETURNS = ("\\r", "\\u000d", "\\u000D")
_FEEDS = ("\\n", "\\u000a", "\\u000A")


def code_lines(text: str, source: tuple[Piece, ...]) -> list[CodeLine]:
    """The lines of a source as Python counts them. A last line that is empty is none."""
    lines: list[CodeLine] = []
    open_line = False
    for piece in source:
        value = piece.value
        if not open_line and value.find("\n") == len(value) - 1 >= 0 and "\r" not in value:
            lines.append(CodeLine(value[:-1], piece.start))
            continue
        parts = _BREAK.split(piece.value)
        starts = [piece.start]
        if len(parts) > 2 or (len(parts) == 2 and parts[1]):
            starts += _starts_within(text, piece)
        for number, (part, start) in enumerate(zip(parts, starts, strict=False)):
            if number == 0 and open_line:
                lines[-1] = CodeLine(lines[-1].text + part, lines[-1].start)
            elif part or number < len(parts) - 1:
                lines.append(CodeLine(part, start))
        if piece.value:
            open_line = bool(parts[-1])
    return lines


def _starts_within(text: str, piece: Piece) -> Iterator[int]:
    """Offsets after the line breaks that are written in a string."""
    after_return = -1
    for match in _ESCAPE.finditer(text, piece.start, piece.end):
        if after_return >= 0:
            # `\r\n` is one break.
            joined = match.start() == after_return and match[0] in _FEEDS
            yield match.end() if joined else after_return
            after_return = -1
            if joined:
                continue
        if match[0] in _RETURNS:
            after_return = match.end()
        elif match[0] in _FEEDS:
            yield match.end()
    if after_return >= 0:
        yield after_return


_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[0-9a-fA-F]{4}|\\[^u]|[^\"\\]",
    re.DOTALL,
)


def raw_offset(text: str, start: int, characters: int) -> int:
    """Where in the file the character of a string stands, `characters` after the one at `start`."""
    end = start + characters
    if text.find("\\", start, end) < 0:
        return end
    at = start
    for _ in range(characters):
        match = _CHARACTER.match(text, at)
        if match is None:
            break
        at = match.end()
    return at


def raw_column(raw_line: str, start_column: int, code_column: int) -> int:
    """Column, from 1, in a line of the .ipynb file, of a place in a line of code.

    `start_column` is that of `RawLine`, `code_column` counts UTF-8 bytes from 0, as `ast` does.
    """
    at = start_column - 1
    while code_column > 0:
        match = _CHARACTER.match(raw_line, at)
        if match is None:
            break
        at = match.end()
        code_column -= _utf8_size(match[0])
    return at + 1


def _utf8_size(written: str) -> int:
    if written[0] != "\\":
        return len(written.encode("utf-8", "replace"))
    if written[1] != "u":
        return 1
    if len(written) > 6:
        return 4
    return len(chr(int(written[2:6], 16)).encode("utf-8", "replace"))
