"""JSON documents, flattened.

As lenient as the programs that read configuration: comments and trailing commas (tsconfig.json,
devcontainer.json), NaN, and several documents one after the other (JSON Lines) are taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from mlaudit.facts.documents import read_document
from mlaudit.facts.positions import Positions
from mlaudit.facts.records import Document, Entry, FileFacts, Problem
from mlaudit.facts.scalars import Scalar, storable, without_surrogates
from mlaudit.facts.templates import MASK, Masked, has_placeholder

if TYPE_CHECKING:
    from mlaudit.facts.source import Source

MAX_SIZE = 2_000_000
MAX_ENTRIES = 100_000
"""What is larger than either is data rather than configuration: it has no entries, and that is
no problem."""
MAX_DEPTH = 100

_STRING = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_VALUE = (
    rf"(?:(?P<string>{_STRING})"
    r"|(?P<float>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))"
    r"|(?P<integer>-?(?:0|[1-9][0-9]*))"
    rf"|(?P<word>true|false|null|NaN|-?Infinity|{MASK}+)"
    r"|(?P<open>[\[{]))"
)
_ITEM = re.compile(rf"\s*(?:{_VALUE}|(?P<close>\]))\s*")
_MEMBER = re.compile(rf"\s*(?:(?P<key>{_STRING})\s*:\s*{_VALUE}|(?P<close>\}}))\s*")
# An unclosed string or comment runs to its end, so that nothing is searched twice.
_COMMENT = re.compile(rf"{_STRING}?|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_NOT_BREAK = re.compile(r"[^\n]")

_LONGEST_INTEGER = 20
_WORDS: dict[str, Scalar] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


class _UnreadableError(Exception):
    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset


class _DataError(Exception):
    """More values than a configuration has."""


def read_json(source: Source) -> FileFacts:
    """A JSON document, flattened, with the commands that it says to run."""
    return read_document(source, parse_json)


def parse_json(text: str) -> tuple[Document, tuple[Problem, ...]]:
    """The document, and why it could not be read. One that is no JSON has no entries."""
    if len(text) > MAX_SIZE or text.count(",") > MAX_ENTRIES:
        return Document("json"), ()
    try:
        return Document("json", _read(text)), ()
    except _DataError:
        return Document("json"), ()
    except _UnreadableError as error:
        if has_placeholder(text):
            return _template(text), ()
        # What is wrong stands behind the blanks.
        offset = len(text) - len(text[error.offset :].lstrip())
        return Document("json"), (Problem(str(error), text.count("\n", 0, offset) + 1),)


def _read(text: str) -> tuple[Entry, ...]:
    try:
        return _Flattener(text).run()
    except _UnreadableError:
        bare = _COMMENT.sub(_without_comment, text)
        if bare == text:
            raise
        return _Flattener(bare).run()


def _without_comment(match: re.Match[str]) -> str:
    """Blanks of the same length, so that positions stay true."""
    return match[0] if match[0].startswith('"') else _NOT_BREAK.sub(" ", match[0])


def _template(text: str) -> Document:
    """As much as can be read of JSON that a template engine has yet to write."""
    masked = Masked(text)
    try:
        return Document("json", _Flattener(masked.text, masked).run(), template=True)
    except (_DataError, _UnreadableError):
        return Document("json", template=True)


class _Frame:
    """A collection that is open."""

    __slots__ = ("count", "mapping", "path", "pattern", "ready")

    def __init__(self, mapping: bool, path: tuple[str | int, ...]) -> None:
        self.mapping = mapping
        self.pattern = _MEMBER if mapping else _ITEM
        self.path = path
        self.count = 0
        self.ready = True
        """An item may come: at the start, and after a comma."""


class _Flattener:
    def __init__(self, text: str, masked: Masked | None = None) -> None:
        self._text = text
        self._masked = masked
        self._at = Positions(text).at
        self._entries: list[Entry] = []
        self._stack: list[_Frame] = []
        self._number = 0

    def run(self) -> tuple[Entry, ...]:
        """Raises _UnreadableError or _DataError."""
        stack, text = self._stack, self._text
        offset = 0
        while offset < len(text):
            match = _ITEM.match(text, offset)
            if match is None or match["close"]:
                if not text[offset:].strip():
                    break
                raise _UnreadableError("not valid JSON", offset)
            if match["open"]:
                self._stack.append(_Frame(match["open"] == "{", ()))
            offset = match.end()
            while stack:
                offset = self._step(offset, stack[-1])
            self._number += 1
        return tuple(self._entries)

    def _step(self, offset: int, frame: _Frame) -> int:
        """Takes one item or the end of a collection, and gives the offset after it."""
        match = frame.pattern.match(self._text, offset)
        if match is None:
            raise _UnreadableError("not valid JSON", offset)
        end = match.end()
        kind = match.lastgroup
        if kind == "close":
            self._stack.pop()
        elif frame.ready:
            frame.ready = False
            self._item(match, kind, frame)
        else:
            raise _UnreadableError("not valid JSON: a comma is missing", offset)
        if self._stack and kind != "open" and self._text.startswith(",", end):
            self._stack[-1].ready = True
            return end + 1
        return end

    def _item(self, match: re.Match[str], kind: str | None, frame: _Frame) -> None:
        value_offset = match.start(kind or 0)
        line, column = self._at(value_offset)
        value_line, value_column = line, column
        key: str | int = frame.count
        if frame.mapping:
            key_offset = match.start("key")
            key = self._string(match["key"], key_offset)
            line, column = self._at(key_offset)
        frame.count += 1
        path = (*frame.path, key)
        if len(self._entries) >= MAX_ENTRIES:
            raise _DataError
        value: Scalar = None
        shape: Literal["scalar", "mapping", "sequence"] = "scalar"
        if kind == "open":
            shape = "mapping" if match["open"] == "{" else "sequence"
            if len(path) >= MAX_DEPTH:
                raise _UnreadableError(f"nested deeper than {MAX_DEPTH} levels", value_offset)
            self._stack.append(_Frame(shape == "mapping", path))
        else:
            value = self._scalar(match, kind, value_offset)
        self._entries.append(
            Entry(path, value, shape, line, column, value_line, value_column, self._number)
        )

    def _scalar(self, match: re.Match[str], kind: str | None, offset: int) -> Scalar:
        text = match[kind or 0]
        if kind == "string":
            return self._string(text, offset)
        if kind == "integer" and len(text) <= _LONGEST_INTEGER:
            return storable(int(text), text)
        if kind in ("float", "integer"):
            return float(text)
        if text in _WORDS:
            return _WORDS[text]
        return self._masked.restore(text, offset) if self._masked else text

    def _string(self, text: str, offset: int) -> str:
        if self._masked:
            text = self._masked.restore(text, offset)
        if "\\" not in text:
            return text[1:-1]
        import json

        try:
            return without_surrogates(json.loads(text, strict=False))
        except ValueError:
            raise _UnreadableError("not valid JSON: an unknown escape", offset) from None
