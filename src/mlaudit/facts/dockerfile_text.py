"""The text of a Dockerfile as instructions, before any meaning is given to them.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.records import Span

_DIRECTIVE = re.compile(r"#\s*(?P<name>\w+)\s*=\s*(?P<value>\S+)\s*$")
_HEREDOC = re.compile(r"""<<-?\s*(?:"([^"\n]+)"|'([^'\n]+)'|([A-Za-z_]\w*))""")
_HEREDOC_ONLY = re.compile(r"(?:--\S+\s+)*<<-?\s*[\"']?\w+[\"']?\s*")
_WITH_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})


class RawInstruction(NamedTuple):
    keyword: str
    """In upper case."""
    value: str
    """Continuation lines joined; a here-document and its end follow on lines of their own."""
    span: Span
    body: tuple[str, int] | None = None
    """The here-document of `RUN <<EOF`, which is the command, and its first line."""


def raw_instructions(text: str) -> Iterator[RawInstruction]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    escape = _escape(lines)
    at = 0
    while at < len(lines):
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            at += 1
            continue
        joined, end = _joined(lines, at, escape)
        keyword, _, value = joined.strip().partition(" ")
        keyword, value = keyword.upper(), value.strip()
        body = None
        last = end
        if keyword in _WITH_HEREDOCS and "<<" in value:
            last = _after_heredocs(lines, end, value)
            if _HEREDOC_ONLY.fullmatch(value):
                body = ("\n".join(lines[end + 1 : last]), end + 2)
            if last > end:
                value = "\n".join([value, *lines[end + 1 : last + 1]])
        column = len(lines[at]) - len(lines[at].lstrip()) + 1
        end_column = len(lines[last].rstrip()) + 1
        span = Span(at + 1, column, last + 1 if last > at else 0, end_column)
        yield RawInstruction(keyword, value, span, body)
        at = last + 1


def _escape(lines: list[str]) -> str:
    """The escape character; a directive counts at the very top only."""
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if match is None:
            break
        if match["name"].lower() == "escape" and match["value"] in ("`", "\\"):
            return match["value"]
    return "\\"


def _joined(lines: list[str], at: int, escape: str) -> tuple[str, int]:
    """The instruction that begins here as one line, and the index of its last line."""
    pieces: list[str] = []
    last = at
    for index in range(at, len(lines)):
        line = lines[index].replace("\t", " ")
        if pieces and (not line.strip() or line.lstrip().startswith("#")):
            continue
        last = index
        stripped = line.rstrip()
        goes_on = stripped.endswith(escape)
        piece = stripped[:-1] if goes_on else stripped
        pieces.append(" " + piece.lstrip() if pieces and piece.startswith(" ") else piece)
        if not goes_on:
            break
    return "".join(pieces), last


def _after_heredocs(lines: list[str], at: int, value: str) -> int:
    """The index of the line that ends the last here-document; `at` when there is none."""
    for match in _HEREDOC.finditer(value):
        delimiter = match[1] or match[2] or match[3]
        for index in range(at + 1, len(lines)):
            if lines[index].strip() == delimiter:
                at = index
                break
        else:
            return at
    return at
