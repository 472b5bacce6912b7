"""Lines and columns of a text as offsets."""

from __future__ import annotations

import re
from bisect import bisect_right

_BREAK = re.compile(r"\r\n|\r|\n")


class Lines:
    """Lines end as they do for Python: at `\\n`, `\\r\\n` and `\\r`."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]

    def offset(self, line: int, column: int) -> int:
        """Of the character in a line and column from 1; the end of the text for one beyond it."""
        if not 1 <= line <= len(self._starts):
            return self._length
        return min(self._starts[line - 1] + column - 1, self._length)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
