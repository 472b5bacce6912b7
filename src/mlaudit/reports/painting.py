"""Styles for a terminal, and widths of text."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Protocol, TextIO
from unicodedata import combining, east_asian_width

MIN_WIDTH = 60
MAX_WIDTH = 120


class Painter(Protocol):
    """Text comes escaped: a painter adds codes of its own and never reads markup."""

    width: int

    def paint(self, text: str, style: str) -> str: ...


class Plain:
    def __init__(self, width: int) -> None:
        self.width = width

    def paint(self, text: str, style: str) -> str:  # noqa: ARG002
        return text


def painter_for(stream: TextIO) -> Painter | None:
    """A painter for a terminal; None when the stream is none. rich is imported for one only."""
    if not stream.isatty():
        return None
    from rich.console import Console
    from rich.style import Style

    console = Console(file=stream)
    system = console._color_system
    parse = lru_cache(maxsize=None)(Style.parse)

    class Coloured:
        width = max(MIN_WIDTH, min(console.width, MAX_WIDTH))

        def paint(self, text: str, style: str) -> str:
            return parse(style).render(text, color_system=system)

    plain = console.no_color or os.environ.get("TERM") == "dumb" or system is None
    return Plain(Coloured.width) if plain else Coloured()


def display_width(text: str) -> int:
    """Columns that a terminal gives the text."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def wrapped(text: str, width: int, first: int = 0, rest: int = 0) -> list[str]:
    """The text in lines, at least one; `first` and `rest` are what stands before them already."""
    lines: list[str] = []
    words: list[str] = []
    room = width - first
    for word in text.split(" "):
        size = display_width(word) + bool(words)
        if words and size > room:
            lines.append(" ".join(words))
            words, room, size = [], width - rest, display_width(word)
        words.append(word)
        room -= size
    return [*lines, " ".join(words)]
