"""Finds its way between the code of a notebook and the lines of its .ipynb file.

A line of code is a piece of a JSON string. Many of them may stand in one line of the file, and one
character may be written as six (`\\u00e9`).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right

from mlaudit.facts.records import Cell, Notebook, RawLine

MAX_CODE_CHARS = 20_000
"""A longer line of code is cut before it is decoded."""

_SURROGATES = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_CHARACTER = re.compile(rf"{_SURROGATES}|\\u[0-9a-fA-F]{{4}}|\\[^nu]|[^\"\\]", re.DOTALL)


def cell_at(notebook: Notebook, virtual_line: int) -> Cell | None:
    """The code cell that holds a line of `PythonFacts`."""
    for cell in notebook.cells:
        if cell.first_line and cell.first_line <= virtual_line < cell.first_line + cell.lines:
            return cell
    return None


def raw_start(notebook: Notebook, virtual_line: int) -> RawLine | None:
    """Where a line of `PythonFacts` begins in the file."""
    if 1 <= virtual_line <= len(notebook.raw_lines):
        return notebook.raw_lines[virtual_line - 1]
    return None


def virtual_line_at(notebook: Notebook, line: int, column: int) -> int:
    """The line of `PythonFacts` that begins last in this line of the file; 0 without one."""
    at = bisect_right(notebook.raw_lines, (line, column), key=lambda raw: (raw.line, raw.column))
    return at if at and notebook.raw_lines[at - 1].line == line else 0


def cell_around(notebook: Notebook, line: int) -> Cell | None:
    """The cell around a line of the file; None where a line holds the start of several."""
    starts = [cell.raw_line for cell in notebook.cells]
    at = bisect_right(starts, line)
    return notebook.cells[at - 1] if at and starts.count(starts[at - 1]) == 1 else None


def code_characters(raw: str, column: int) -> list[str]:
    """The line of code that begins at `column` (from 1): as written, character by character."""
    characters: list[str] = []
    at = column - 1
    while len(characters) < MAX_CODE_CHARS:
        match = _CHARACTER.match(raw, at)
        if match is None:
            break
        characters.append(match[0])
        at = match.end()
    return characters


def decode(written: list[str]) -> str:
    """The text that characters of a JSON string stand for."""
    text = "".join(written)
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"', strict=False)).rstrip("\r")
    except ValueError:
        return text
