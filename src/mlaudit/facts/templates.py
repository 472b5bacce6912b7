"""Placeholders of Helm, Jinja and cookiecutter in files that are not YAML, TOML or JSON yet.

They are masked in place, with text of the same length, so that a parser can read what lies
around them and every position stays true. `${{ ... }}` is an expression of GitHub's workflows,
which are valid YAML as they stand, and is left alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from mlaudit.patterns import Gated

MASK = "\ue000"
"""Stands for a masked character: from the private use area, allowed by all three formats."""

_OPEN = Gated(r"(?<!\$)\{\{|\{%|\{#")
_CLOSE = {"{{": "}}", "{%": "%}", "{#": "#}"}
_CONTROL = re.compile(rf"^[ \t]*{MASK}[{MASK} \t]*$", re.MULTILINE)
_RUN = re.compile(rf"{MASK}(?:[{MASK}\s]*{MASK})?")
_NOT_BREAK = re.compile(r"[^\n]")


class Masked:
    """A text whose placeholders are masked.

    A line that holds nothing else becomes blank: it is a condition, a loop or an insertion of
    lines, not a value.
    """

    def __init__(self, text: str) -> None:
        self._original = text
        masked = "".join(_masked_pieces(text))
        self.text = _CONTROL.sub(lambda match: " " * len(match[0]), masked)
        self._runs = [match.span() for match in _RUN.finditer(self.text)]

    def restore(self, value: str, offset: int) -> str:
        """`value`, which was read at or after `offset`, with its placeholders as written."""
        if MASK not in value:
            return value
        first = bisect_left(self._runs, (offset, 0))
        runs = iter(self._runs[first:])

        def written(_: re.Match[str]) -> str:
            start, end = next(runs, (0, 0))
            return self._original[start:end]

        return _RUN.sub(written, value)


def has_placeholder(text: str) -> bool:
    return _OPEN.search(text) is not None


def _masked_pieces(text: str) -> list[str]:
    pieces = []
    done = 0
    closed: dict[str, bool] = {}
    while opening := _OPEN.search(text, done):
        close = _CLOSE[opening[0]]
        end = -1 if closed.get(close) is False else text.find(close, opening.end())
        if end < 0:
            # Looked for once: a text full of `{{` must not be searched to its end each time.
            closed[close] = False
            end = opening.end()
        else:
            end += len(close)
        pieces.append(text[done : opening.start()])
        pieces.append(_NOT_BREAK.sub(MASK, text[opening.start() : end]))
        done = end
    pieces.append(text[done:])
    return pieces
