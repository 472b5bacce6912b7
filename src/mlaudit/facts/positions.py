"""Offsets of a text as lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate


class Positions:
    """Lines end at `\\n`, as git and code hosts count them. Lines and columns start at 1."""

    def __init__(self, text: str) -> None:
        *lines, _ = text.split("\n")
        self._starts = list(accumulate([len(line) + 1 for line in lines], initial=0))

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column, in characters, of the character at `offset`."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
