"""What fixes change, as a unified diff for people; a notebook cell by cell, as code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import unified_diff
from itertools import zip_longest

from mlaudit.facts.ipynb import NotebookError, read_json
from mlaudit.fixes.edits import Shown
from mlaudit.repo.model import Kind
from mlaudit.reports.escape import terminal
from mlaudit.reports.painting import Painter, Plain

MAX_LINE = 1_000
"""Characters shown of one line."""
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def render(changes: Iterable[Shown], painter: Painter | None = None) -> str:
    """Empty when nothing changes."""
    paint = (painter or Plain(0)).paint
    lines: list[str] = []
    for change in changes:
        for name, before, after in _parts(change):
            diff = [*unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="")]
            lines += [paint(_line(line), "bold") for line in diff[:2]]
            lines += [paint(_line(line), _STYLES.get(line[0], "none")) for line in diff[2:]]
    return "".join(f"{line}\n" for line in lines)


def _parts(change: Shown) -> Iterator[tuple[str, list[str], list[str]]]:
    """Names and lines of what differs."""
    if change.kind is not Kind.NOTEBOOK:
        yield change.path, _lines(change.before), _lines(change.after)
        return
    cells = zip_longest(_cells(change.before), _cells(change.after), fillvalue="")
    for number, (before, after) in enumerate(cells, 1):
        if before != after:
            yield f"{change.path}:cell {number}", _lines(before), _lines(after)


def _cells(text: str) -> list[str]:
    """Sources of the cells; the whole text where masking left no notebook."""
    try:
        cells = read_json(text).cells
    except NotebookError:
        return [text]
    return ["".join(piece.value for piece in cell.source) for cell in cells]


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _line(line: str) -> str:
    """The mark, and the text; tabs stay."""
    shown = line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}..."
    return "\t".join(map(terminal, shown.split("\t")))
