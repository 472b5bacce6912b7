"""The tables of `mlaudit env`, for a terminal."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from mlaudit.analyses.inventory import Row, Table
from mlaudit.analyses.inventory_mentions import Mention
from mlaudit.reports.escape import terminal
from mlaudit.reports.painting import Painter, Plain, display_width, painter_for
from mlaudit.reports.words import counted

WIDTH = 100
MOST_LINES = 3
"""Places that a cell shows; the others are counted."""
LONGEST = 28
"""Characters of a path; of a longer one, only the name is shown."""
STYLES = {"held": "green", "loose": "yellow", "wrong": "bold red"}


def render(tables: Iterable[Table]) -> str:
    """Plain text, the same everywhere."""
    return _render(tables, Plain(WIDTH))


def write(tables: Iterable[Table], stream: TextIO = sys.stdout) -> None:
    """Writes the tables as fits the stream: with colour when it is a terminal."""
    stream.write(_render(tables, painter_for(stream) or Plain(WIDTH)))


def _render(tables: Iterable[Table], painter: Painter) -> str:
    lines = [line for table in tables for line in _table(table, painter)]
    if not lines:
        lines = ["nothing here declares, locks or installs a distribution"]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _table(table: Table, painter: Painter) -> Iterator[str]:
    yield painter.paint(f"== {terminal(table.root or 'this repository')}", "bold")
    yield painter.paint(f"   {terminal(_files(table))}", "dim")
    yield ""
    columns = [one for one in _columns(table) if one.used]
    cells = [[_name(row)] + [column.cell(row) for column in columns] for row in table.rows]
    heads = ["", *(column.head for column in columns)]
    widths = [
        max(display_width(line) for line in (head, *(line for row in column for line in row)))
        for head, column in zip(heads, zip(*cells, strict=True), strict=True)
    ]
    yield painter.paint("  ".join(map(_padded, [*heads, "verdict"], [*widths, 0])), "dim")
    for row, texts in zip(table.rows, cells, strict=True):
        yield from _lines(row, texts, widths, painter)
    yield ""
    yield painter.paint(_sum(table), "dim")
    yield ""


def _lines(
    row: Row, cells: Sequence[list[str]], widths: Sequence[int], painter: Painter
) -> Iterator[str]:
    for number in range(max(map(len, cells))):
        texts = [cell[number] if number < len(cell) else "" for cell in cells]
        line = "  ".join(map(_padded, texts, widths))
        if number == 0:
            verdict = painter.paint(terminal(row.verdict.text), STYLES[row.verdict.grade])
            line = f"{line}  {verdict}"
        yield line


def _padded(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def _name(row: Row) -> list[str]:
    groups = ", ".join(one.removeprefix("extra:") for one in row.groups[:2])
    return [terminal(f"{row.name} ({groups})" if groups else row.name)]


class _Column:
    """A file that all cells share stands in the head, and cells show its lines alone."""

    def __init__(self, title: str, root: str, cells: Sequence[tuple[Mention, ...]]) -> None:
        paths = list(dict.fromkeys(one.path for cell in cells for one in cell))
        self._root = root
        self._alone = len(paths) == 1
        self._title = title
        self.used = bool(paths)
        self.head = f"{title}: {terminal(self._short(paths[0]))}" if self._alone else title

    def _short(self, path: str) -> str:
        inside = posixpath.relpath(path, self._root) if self._root else path
        known = len(inside) > LONGEST or path.startswith(".github/workflows/")
        return posixpath.basename(path) if known else inside

    def cell(self, row: Row) -> list[str]:
        """One line for each thing that is said, with the first place and how many more say it."""
        said: dict[tuple[str, int], list[str]] = {}
        for one in _of(row, self._title):
            text = f"{one.variant} {one.says}" if one.variant else one.says
            said.setdefault((one.path, one.line), []).append(text)
        places: dict[str, list[tuple[str, int]]] = {}
        for place, texts in said.items():
            places.setdefault(", ".join(texts), []).append(place)
        lines = [self._line(text, found) for text, found in places.items()]
        more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        return [terminal(line) for line in (*lines[:MOST_LINES], *more)]

    def _line(self, text: str, places: list[tuple[str, int]]) -> str:
        path, line = places[0]
        file = "" if self._alone else self._short(path)
        others = len({path for path, _ in places}) - 1
        return f"{text} {file}:{line}" + (f" +{others}" if others else "")


def _columns(table: Table) -> Iterator[_Column]:
    for title in ("declared", "locked", "image", "CI", "notebooks"):
        yield _Column(title, table.root, [_of(row, title) for row in table.rows])


def _of(row: Row, title: str) -> tuple[Mention, ...]:
    return {
        "declared": row.declared,
        "locked": row.locked,
        "image": row.image,
        "CI": row.ci,
        "notebooks": row.notebooks,
    }[title]


def _files(table: Table) -> str:
    said = ", ".join(table.manifests) or "no manifest"
    return f"{said}; locked by {', '.join(table.locks)}" if table.locks else said


def _sum(table: Table) -> str:
    rows = [row for row in table.rows if row.name != "Python"]
    grades = [row.verdict.grade for row in rows]
    parts = [f"{grades.count(grade)} {grade}" for grade in STYLES if grade in grades]
    more = f"; {table.locked_only} more in the lock" if table.locked_only else ""
    return f"{counted(len(rows), 'distribution')}: {', '.join(parts)}{more}" if rows else ""
