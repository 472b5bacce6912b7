"""From a spot, as facts know it, to a place, as an editor counts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from mlaudit.facts.records import FileFacts, Notebook, Span
from mlaudit.findings import notebooks
from mlaudit.findings.model import Place
from mlaudit.findings.sources import Sources, SourceText
from mlaudit.rules.model import Spot


class Point(NamedTuple):
    line: int
    column: int


def place_of(spot: Spot, facts: Mapping[str, FileFacts], sources: Sources) -> Place:
    """Where a spot is. Columns are characters from 1, the end is exclusive.

    Never fails: a spot outside its file, or in one that cannot be read, keeps its line.
    """
    if spot.commit:
        return replace(_in_text(spot, None), commit=spot.commit)
    source = sources.get(spot.path)
    file_facts = facts.get(spot.path)
    notebook = file_facts.notebook if file_facts is not None else None
    if notebook is None:
        return _in_text(spot, source)
    if spot.code:
        return _in_code_cell(spot, notebook, source)
    return _in_notebook_file(spot, notebook, source)


def _in_text(spot: Spot, source: SourceText | None) -> Place:
    start, end = _points(spot.span, spot.code, source)
    return _place(spot.path, start, end)


def _points(span: Span, code: bool, source: SourceText | None) -> tuple[Point, Point]:
    last = max(span.end_line or span.line, span.line)
    start_text = source.line(span.line) if source else ""
    end_text = source.line(last) if source else ""
    if code:
        start = Point(span.line, characters(start_text, span.column) + 1)
        stop = characters(end_text, span.end_column) + 1 if span.end_column else len(end_text) + 1
    else:
        start = Point(span.line, max(span.column, 1))
        stop = span.end_column or len(end_text) + 1
    return start, Point(last, stop)


def characters(text: str, count: int) -> int:
    """How many characters the first `count` UTF-8 bytes of a line are."""
    if text.isascii():
        return min(count, len(text)) if text else count
    return len(text.encode("utf-8", "surrogatepass")[:count].decode("utf-8", "ignore"))


def _place(
    path: str, start: Point, end: Point, cell: int = 0, inside: Point | None = None
) -> Place:
    if end <= start:
        end = start
    at = inside or Point(0, 0)
    return Place(path, *start, *end, cell=cell, cell_line=at.line, cell_column=at.column)


def _in_code_cell(spot: Spot, notebook: Notebook, source: SourceText | None) -> Place:
    span = spot.span
    cell = notebooks.cell_at(notebook, span.line)
    if cell is None:
        return Place(spot.path)
    last = min(max(span.end_line or span.line, span.line), cell.first_line + cell.lines - 1)
    start, column = _in_raw(notebook, span.line, span.column, source)
    end, _ = _in_raw(notebook, last, span.end_column or None, source)
    inside = Point(span.line - cell.first_line + 1, column)
    return _place(spot.path, start, end, cell.index, inside)


def _in_raw(
    notebook: Notebook, virtual_line: int, offset: int | None, source: SourceText | None
) -> tuple[Point, int]:
    """A place of code in the .ipynb file, and its column in the cell. No `offset`: end of line."""
    begin = notebooks.raw_start(notebook, virtual_line)
    if begin is None:
        return Point(1, 1), 1
    raw = source.line(begin.line) if source else ""
    written = notebooks.code_characters(raw, begin.column)
    decoded = notebooks.decode(written)
    count = len(written) if offset is None else characters(decoded, offset)
    column = begin.column + sum(map(len, written[:count]))
    return Point(begin.line, column), count + 1


def _in_notebook_file(spot: Spot, notebook: Notebook, source: SourceText | None) -> Place:
    """The place of raw coordinates, with the cell where it can be told."""
    start, end = _points(spot.span, False, source)
    virtual_line = notebooks.virtual_line_at(notebook, *start)
    code_cell = notebooks.cell_at(notebook, virtual_line) if virtual_line else None
    if code_cell is not None:
        begin = notebook.raw_lines[virtual_line - 1]
        column = _decoded_column(begin.column, start, source)
        if column:
            inside = Point(virtual_line - code_cell.first_line + 1, column)
            return _place(spot.path, start, end, code_cell.index, inside)
    cell = notebooks.cell_around(notebook, start.line)
    return _place(spot.path, start, end, cell.index if cell is not None else 0)


def _decoded_column(first: int, at: Point, source: SourceText | None) -> int:
    """The column in the cell of a place in the file; 0 when it is behind the line of code."""
    raw = source.line(at.line) if source else ""
    column = first
    for number, written in enumerate(notebooks.code_characters(raw, first), 1):
        if column >= at.column:
            return number
        column += len(written)
    return 0
