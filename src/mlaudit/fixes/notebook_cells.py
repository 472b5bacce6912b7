"""Fixes in the code of a notebook, as edits of the JSON text that the notebook is stored as."""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from mlaudit.facts.ipynb import NotebookError, Piece, RawCell, read_json
from mlaudit.facts.ipython import mask
from mlaudit.facts.python.reader import UnparsableError
from mlaudit.fixes.edits import Edit
from mlaudit.fixes.lines import Lines
from mlaudit.fixes.model import Recipe
from mlaudit.fixes.outputs import clear_outputs
from mlaudit.fixes.python_code import PythonCode

_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


class NotebookCells:
    """The JSON of one notebook, in whose code several findings may be fixed."""

    def __init__(self, text: str) -> None:
        """Raises UnparsableError."""
        self._text = text
        try:
            self._cells = [cell for cell in read_json(text).cells if cell.source]
        except NotebookError as error:
            raise UnparsableError(str(error)) from None
        self._starts = [cell.source[0].start for cell in self._cells]
        self._read: dict[int, _CellCode | None] = {}

    def fix(
        self, start: int, end: int, recipe: Recipe, values: Mapping[str, str]
    ) -> tuple[Edit, ...] | None:
        """Edits for what stands from `start` to `end` of the file; None where there are none."""
        if recipe.kind == "clear_outputs":
            return clear_outputs(self._text, start)
        number = bisect_right(self._starts, start) - 1
        if number < 0:
            return None
        if number not in self._read:
            self._read[number] = _read(self._text, self._cells[number])
        cell = self._read[number]
        return cell.fix(start, end, recipe, values) if cell is not None else None


def _read(text: str, cell: RawCell) -> _CellCode | None:
    """None for a cell in which nothing can be fixed."""
    try:
        return _CellCode(text, cell.source)
    except UnparsableError:
        return None


class _CellCode:
    """The code of one cell, and the way between its characters and those of the file.

    Offsets in three texts: the file, the cell's source, and that source with magics masked, which
    has the same lines and, where it is still Python, the same columns.
    """

    def __init__(self, text: str, source: tuple[Piece, ...]) -> None:
        """Raises UnparsableError for what is not Python."""
        self._offsets = [offset for piece in source for offset in _offsets(text, piece)]
        self._offsets.append(source[-1].end)
        self._separator = text[source[-2].end : source[-1].start] if len(source) > 1 else ""
        code = "".join(piece.value for piece in source)
        self._written = code.split("\n")
        masked = mask(self._written)
        if masked.language or "\r" in code or len(self._offsets) != len(code) + 1:
            raise UnparsableError("not Python as it is written")
        self._masked = masked.lines
        self._code_lines = Lines(code)
        self._masked_lines = Lines("\n".join(masked.lines))
        self._python = PythonCode("\n".join(masked.lines))

    def fix(
        self, start: int, end: int, recipe: Recipe, values: Mapping[str, str]
    ) -> tuple[Edit, ...] | None:
        edits = self._python.fix(self._in_masked(start), self._in_masked(end), recipe, values)
        if edits is None or not all(self._is_as_written(edit) for edit in edits):
            return None
        return tuple(self._in_file(edit) for edit in edits)

    def _in_masked(self, offset: int) -> int:
        position = self._code_lines.position(bisect_left(self._offsets, offset))
        return self._masked_lines.offset(*position)

    def _is_as_written(self, edit: Edit) -> bool:
        """Whether masking moved nothing in the lines that are edited."""
        first, last = (self._masked_lines.position(at)[0] for at in (edit.start, edit.end))
        return all(
            len(self._written[line - 1]) == len(self._masked[line - 1])
            for line in range(first, last + 1)
        )

    def _in_file(self, edit: Edit) -> Edit:
        start, end = (
            self._offsets[self._code_lines.offset(*self._masked_lines.position(at))]
            for at in (edit.start, edit.end)
        )
        written = json.dumps(edit.text)[1:-1]
        return Edit(start, end, written.replace("\\n", f"\\n{self._separator}"))


def _offsets(text: str, piece: Piece) -> list[int]:
    """Where in the file each character of a string begins."""
    if text.find("\\", piece.start, piece.end) < 0:
        return list(range(piece.start, piece.end))
    return [match.start() for match in _CHARACTER.finditer(text, piece.start, piece.end)]
