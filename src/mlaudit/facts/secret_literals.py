"""Literals of Python that are secrets, as credentials: so that no excerpt shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mlaudit.facts.records import Credential, Span
from mlaudit.facts.syntax import Secret

_OPENING = re.compile(r"[A-Za-z]{0,2}(\"\"\"|'''|[\"'])")

_BREAK = re.compile(r"\r\n|\r|\n")


class Literal(NamedTuple):
    """A string literal of which only the secret is kept that it holds."""

    secret: Secret
    name: str
    """What it is bound to or passed as; empty where only its place tells what it is."""
    node: Any
    offset: int
    """Added to the lines of the node."""


class Stretch(NamedTuple):
    """The characters between the quotes; lines from 1, columns from 0, counted in characters."""

    line: int
    column: int
    end_line: int
    end_column: int


def stretch(literal: Literal, lines: list[str]) -> Stretch:
    """Where the text of a literal stands in the lines of its source."""
    node, offset = literal.node, literal.offset
    line, end_line = node.lineno + offset, node.end_lineno + offset
    column = _characters(lines[line - 1], node.col_offset)
    end_column = _characters(lines[end_line - 1], node.end_col_offset)
    opening = _OPENING.match(lines[line - 1], column)
    if opening is not None:
        column, end_column = opening.end(), end_column - len(opening[1])
    return Stretch(line, column, end_line, end_column)


def _characters(line: str, column: int) -> int:
    """`ast` counts bytes of UTF-8."""
    return column if line.isascii() else len(line.encode()[:column].decode("utf-8", "ignore"))


def as_credentials(literals: Iterable[Literal], text: str) -> Iterator[Credential]:
    lines = _BREAK.split(text)
    for literal in literals:
        place = stretch(literal, lines)
        span = Span(place.line, place.column + 1, place.end_line, place.end_column + 1)
        yield as_credential(literal, span)


def as_credential(literal: Literal, span: Span, virtual_line: int = 0) -> Credential:
    secret = literal.secret
    return Credential(
        provider="named",
        span=span,
        prefix=secret.prefix,
        length=secret.length,
        digest=secret.digest,
        virtual_line=virtual_line,
        name=literal.name,
    )
