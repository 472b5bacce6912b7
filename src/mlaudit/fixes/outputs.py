"""Clears the saved output of a notebook's cell."""

from __future__ import annotations

from mlaudit.facts.ipynb import NotebookError, RawCell, read_json
from mlaudit.fixes.edits import Edit


def clear_outputs(text: str, start: int) -> tuple[Edit, ...] | None:
    """Takes all outputs of the cell away in whose outputs the character at `start` stands."""
    try:
        cells = read_json(text).cells
    except NotebookError:
        return None
    for cell in cells:
        if cell.outputs and cell.outputs[0].start <= start < cell.outputs[-1].end:
            return (_emptied(text, cell),)
    return None


def _emptied(text: str, cell: RawCell) -> Edit:
    opening = text.rindex("[", 0, cell.outputs[0].start)
    closing = text.index("]", cell.outputs[-1].end)
    return Edit(opening, closing + 1, "[]")
