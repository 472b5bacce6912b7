"""Hides secrets in source that is shown. Nothing leaves this room before it went through here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from mlaudit.facts.credentials import redact
from mlaudit.facts.records import FileFacts
from mlaudit.findings.model import Place
from mlaudit.findings.sources import SourceText
from mlaudit.repo.model import Kind

REDACTED_CHARS = 4_000
"""So much of an over-long line is looked through around a place; the rest is not shown."""

redacted = lru_cache(maxsize=4096)(redact)
"""The same lines are asked for again: as a place, as what is around another, in messages."""

_LITERAL = re.compile(r"""((?:\\?["']){3}|\\?["'])(.+?)(?:\1|$)""", re.DOTALL)
_SETTING = re.compile(r"=.+")


class Mask(NamedTuple):
    """Columns from 0, the end exclusive. The first `kept` characters stay readable."""

    start: int
    end: int
    kept: int = 0


class Masks:
    """What must not be shown of one file."""

    def __init__(
        self, source: SourceText, facts: FileFacts | None, secrets: Iterable[tuple[Place, bool]]
    ) -> None:
        """`secrets`: where rules about credentials matched, and whether that place is code.

        In code only what stands in quotes is hidden, elsewhere all of the place.
        """
        self._source = source
        self._settings = facts is not None and facts.kind is Kind.DOTENV
        self._masks: dict[int, list[Mask]] = {}
        for credential in facts.credentials if facts is not None else ():
            span = credential.span
            end_line = span.end_line or span.line
            end_column = span.end_column or len(source.line(end_line)) + 1
            self._hide(Place("", span.line, span.column, end_line, end_column), credential.prefix)
        for place, code in secrets:
            if code:
                self._hide_literals(place)
            else:
                self._hide(place, "")

    def _hide(self, place: Place, prefix: str) -> None:
        for number, start, end in self._parts(place):
            kept = number == place.line and self._source.line(number).startswith(prefix, start)
            self._add(number, Mask(start, end, min(len(prefix), end - start) if kept else 0))

    def _hide_literals(self, place: Place) -> None:
        parts = list(self._parts(place))
        text = "\n".join(self._source.line(number)[start:end] for number, start, end in parts)
        for match in _LITERAL.finditer(text):
            at = 0
            for number, start, end in parts:
                left, right = max(match.start(2), at), min(match.end(2), at + end - start)
                if left < right:
                    self._add(number, Mask(start + left - at, start + right - at))
                at += end - start + 1

    def _parts(self, place: Place) -> Iterator[tuple[int, int, int]]:
        """Number, start and end of what a place covers of each line, in columns from 0."""
        for number in range(place.line, min(place.end_line, len(self._source.lines)) + 1):
            length = len(self._source.line(number))
            start = min(place.column - 1, length) if number == place.line else 0
            end = min(place.end_column - 1, length) if number == place.end_line else length
            yield number, start, max(start, end)

    def _add(self, number: int, mask: Mask) -> None:
        self._masks.setdefault(number, []).append(mask)

    def line(self, number: int) -> str:
        """A line of the file, as long as it is there, with stars for what is secret."""
        text = self._source.line(number)
        if self._settings:
            text = _SETTING.sub(lambda match: "=" + "*" * (len(match[0]) - 1), text)
        for start, end, kept in self._masks.get(number, ()):
            text = f"{text[: start + kept]}{'*' * (end - start - kept)}{text[end:]}"
        return text


def masked_text(source: SourceText, masks: Masks) -> str:
    """All of a file as it may be shown, with line feeds for line ends."""
    return "\n".join(redacted(masks.line(number)) for number in range(1, len(source.lines) + 1))


class Window(NamedTuple):
    """A part of a line, and where the marked place is in it, in characters from 0."""

    text: str
    start: int
    end: int


def window(line: str, start: int, end: int, width: int) -> Window:
    """At most `width` characters of a masked line around a place, redacted."""
    left = max(0, start - REDACTED_CHARS // 2)
    text = line[left : left + REDACTED_CHARS]
    clean = redacted(text)
    start = _moved(text, clean, start - left)
    end = max(start, _moved(text, clean, end - left))
    if len(text) < len(line):
        # What was cut through at the edges may have escaped: show the middle only.
        width = min(width, REDACTED_CHARS // 2)
    if len(clean) > width:
        cut = max(0, min(start - width // 4, len(clean) - width))
        clean, start, end = clean[cut : cut + width], start - cut, end - cut
    return Window(clean, min(start, len(clean)), min(end, len(clean)))


def _moved(before: str, after: str, at: int) -> int:
    """Where a position went when secrets were replaced by something of another length."""
    if len(before) == len(after) or before[:at] == after[:at]:
        return at
    return max(0, at + len(after) - len(before))
