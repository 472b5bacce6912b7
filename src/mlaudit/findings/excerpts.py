"""Source around a place, for people and for machines."""

from __future__ import annotations

from typing import NamedTuple

from mlaudit.facts.records import FileFacts, Notebook
from mlaudit.findings import notebooks
from mlaudit.findings.masks import Masks, Window, window
from mlaudit.findings.model import Excerpt, Place
from mlaudit.findings.sources import SourceText

LINES_BEFORE = 1
MAX_PLACE_LINES = 4
"""Of a place that spans more, the first are shown."""
CONTEXT_LINES = 2
"""Around the place, for machines."""
LINE_WIDTH = 240
MAX_SNIPPET_CHARS = 2_000
MAX_CONTEXT_CHARS = 4_000
_WHOLE = 1 << 30


class Quoted(NamedTuple):
    """An excerpt, and the text that identifies the place."""

    excerpt: Excerpt
    identity: str


def quote(
    place: Place, source: SourceText, masks: Masks, facts: FileFacts | None, *, alone: bool
) -> Quoted:
    """The source at a place. `alone`: without the lines around it."""
    notebook = facts.notebook if facts is not None else None
    before = 0 if alone else LINES_BEFORE
    if notebook is not None and place.cell_line:
        people = _cell_lines(place, masks, notebook, before)
    else:
        people = _file_lines(place, source, masks, before)
    snippet = _snippet(place, source, masks)
    context = ("", 0, 0) if alone else _context(place, source, masks)
    marked = people.windows[people.focus] if people.windows else Window("", 0, 0)
    excerpt = Excerpt(
        first_line=people.first_line,
        lines=tuple(shown.text for shown in people.windows),
        focus=people.focus,
        mark_start=marked.start,
        mark_end=marked.end,
        snippet=snippet,
        context=context[0],
        context_line=context[1],
        context_end_line=context[2],
    )
    return Quoted(excerpt, "\n".join(excerpt.lines[excerpt.focus :]))


class _Lines(NamedTuple):
    first_line: int
    windows: list[Window]
    focus: int


def _file_lines(place: Place, source: SourceText, masks: Masks, before: int) -> _Lines:
    if not 1 <= place.line <= len(source.lines):
        return _Lines(0, [], 0)
    first = max(1, place.line - before)
    last = min(place.end_line, place.line + MAX_PLACE_LINES - 1, len(source.lines))
    windows = [_window(masks.line(number), number, place) for number in range(first, last + 1)]
    return _Lines(first, windows, place.line - first)


def _window(text: str, number: int, place: Place) -> Window:
    if number != place.line:
        return window(text, 0, 0, LINE_WIDTH)
    end = place.end_column - 1 if place.end_line == place.line else len(text)
    return window(text, place.column - 1, end, LINE_WIDTH)


def _cell_lines(place: Place, masks: Masks, notebook: Notebook, before: int) -> _Lines:
    cell = next(cell for cell in notebook.cells if cell.index == place.cell)
    first = max(1, place.cell_line - before)
    last = min(cell.lines, place.cell_line + MAX_PLACE_LINES - 1)
    windows = []
    for number in range(first, last + 1):
        raw = notebooks.raw_start(notebook, cell.first_line + number - 1)
        if raw is None or (raw.line, raw.column) > (place.end_line, place.end_column):
            break
        written = notebooks.code_characters(masks.line(raw.line), raw.column)
        text = notebooks.decode(written)
        if number != place.cell_line:
            windows.append(window(text, 0, 0, LINE_WIDTH))
            continue
        start = place.cell_column - 1
        windows.append(window(text, start, _cell_end(place, written, raw.column), LINE_WIDTH))
    return _Lines(first, windows, place.cell_line - first)


def _cell_end(place: Place, written: list[str], column: int) -> int:
    """Where the place ends in its first line of code, in characters from 0."""
    start = place.cell_column - 1
    if place.end_line != place.line:
        return len(written)
    width = place.end_column - column
    for number, character in enumerate(written):
        if width <= 0:
            return max(start, number)
        width -= len(character)
    return len(written)


def _snippet(place: Place, source: SourceText, masks: Masks) -> str:
    parts: list[str] = []
    room = MAX_SNIPPET_CHARS
    for number in range(place.line, min(place.end_line, len(source.lines)) + 1):
        text = masks.line(number)
        start = place.column - 1 if number == place.line else 0
        end = place.end_column - 1 if number == place.end_line else len(text)
        shown = window(text, start, end, _WHOLE)
        parts.append(shown.text[shown.start : shown.end])
        room -= len(parts[-1])
        if room < 0:
            break
    return "\n".join(parts)[:MAX_SNIPPET_CHARS]


def _context(place: Place, source: SourceText, masks: Masks) -> tuple[str, int, int]:
    first = max(1, place.line - CONTEXT_LINES)
    last = min(place.end_line + CONTEXT_LINES, len(source.lines))
    size = sum(len(source.line(number)) + 1 for number in range(first, last + 1))
    if size > MAX_CONTEXT_CHARS or (first, last) == (place.line, place.end_line):
        return "", 0, 0
    texts = (window(masks.line(n), 0, 0, _WHOLE).text for n in range(first, last + 1))
    return "\n".join(texts), first, last
