"""Hides secrets in source that is shown. Nothing leaves this room before it went through here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from mlaudit.facts.credentials import redact
from mlaudit.facts.records import FileFacts
from mlaudit.findings.model import Place
from mlaudit.findings.sources import SourceText
from mlaudit.repo.model import Kind

REDACTED_CHARS = 4_000
"""So much of an over-long line is looked through around a place; the rest is not shown."""

_LITERAL = re.compile(r"""(\\?["'])(.+?)(\1|$)""")
_SETTING = re.compile(r"=\s*(\S.*)")


class Mask(NamedTuple):
    """Columns from 0, the end exclusive; `literals`: only what stands in quotes there."""

    start: int
    end: int
    prefix: str = ""
    literals: bool = False


class Masks:
    """What must not be shown of one file."""

    def __init__(
        self, source: SourceText, facts: FileFacts | None, secrets: Iterable[tuple[Place, bool]]
    ) -> None:
        """`secrets`: where rules about credentials matched, and whether that place is code."""
        self._source = source
        self._settings = facts is not None and facts.kind is Kind.DOTENV
        self._masks: dict[int, list[Mask]] = {}
        for credential in facts.credentials if facts is not None else ():
            span = credential.span
            end_line = span.end_line or span.line
            end_column = span.end_column or len(source.line(end_line)) + 1
            place = Place("", span.line, span.column, end_line, end_column)
            self._add(place, credential.prefix, literals=False)
        for place, code in secrets:
            self._add(place, "", literals=code)

    def _add(self, place: Place, prefix: str, *, literals: bool) -> None:
        last = min(place.end_line, len(self._source.lines))
        for number in range(place.line, last + 1):
            start = place.column - 1 if number == place.line else 0
            line = self._source.line(number)
            end = place.end_column - 1 if number == place.end_line else len(line)
            shown = prefix if number == place.line else ""
            self._masks.setdefault(number, []).append(Mask(start, end, shown, literals))

    def line(self, number: int) -> str:
        """A line of the file, as long as it is there, with stars for what is secret."""
        text = self._source.line(number)
        if self._settings:
            text = _SETTING.sub(lambda match: _stars_for(match, 1), text)
        for mask in self._masks.get(number, ()):
            text = _masked(text, mask)
        return text


class Window(NamedTuple):
    """A part of a line, and where the marked place is in it, in characters from 0."""

    text: str
    start: int
    end: int


def window(line: str, start: int, end: int, width: int) -> Window:
    """At most `width` characters of a masked line around a place, redacted."""
    left = max(0, start - REDACTED_CHARS // 2)
    text = line[left : left + REDACTED_CHARS]
    clean = redact(text)
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


def _masked(text: str, mask: Mask) -> str:
    inner = text[mask.start : mask.end]
    if mask.literals:
        hidden = _LITERAL.sub(lambda match: _stars_for(match, 2), inner)
    else:
        kept = mask.prefix if inner.startswith(mask.prefix) else ""
        hidden = kept + "*" * (len(inner) - len(kept))
    return text[: mask.start] + hidden + text[mask.end :]


def _stars_for(match: re.Match[str], group: int) -> str:
    start, end = match.span(group)
    base = match.start()
    whole = match[0]
    return whole[: start - base] + "*" * (end - start) + whole[end - base :]
