"""The maturity of a repository, for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from mlaudit.maturity.model import Dimension, Maturity
from mlaudit.reports.escape import terminal
from mlaudit.reports.maturity_details_text import capabilities, checklist, ladder, lifecycle, roots
from mlaudit.reports.maturity_steps_text import next_steps, other_steps
from mlaudit.reports.maturity_words import beside, headline
from mlaudit.reports.painting import Painter, Plain, painter_for, wrapped

WIDTH = 100
BAR = 20
"""Characters of a bar."""


def render(maturity: Maturity) -> str:
    """Plain text, the same everywhere."""
    return _joined(lines(maturity, Plain(WIDTH)))


def write(maturity: Maturity, stream: TextIO = sys.stdout) -> None:
    """Writes the whole of it as fits the stream: with colour when it is a terminal."""
    stream.write(_joined(lines(maturity, painter_for(stream) or Plain(WIDTH))))


def _joined(several: Iterable[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in several)


def summary(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """Level, dimensions and the next steps: the end of an audit."""
    yield from _head(maturity, painter)
    yield from next_steps(maturity, painter)
    yield "  `mlaudit maturity` shows the evidence for each capability."
    yield ""


def lines(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """The whole of it, what to do next at the end, where the eye rests."""
    yield from _head(maturity, painter)
    yield from roots(maturity, painter)
    for dimension in maturity.dimensions:
        yield from capabilities(dimension, painter)
    yield from lifecycle(maturity, painter)
    yield from checklist(maturity, painter)
    yield from ladder(maturity, painter)
    yield from other_steps(maturity, painter)
    yield from next_steps(maturity, painter)


def _head(maturity: Maturity, painter: Painter) -> Iterator[str]:
    yield painter.paint(f"MLOps maturity: {terminal(headline(maturity))}", "bold")
    of = f" of '{terminal(maturity.root)}'" if maturity.root else ""
    score = "" if maturity.score is None else f"; {maturity.score:.0%} of what could be reached"
    yield f"  profile{of}: {terminal(maturity.profile)}{score}"
    for text in (*beside(maturity.ladder), *maturity.warnings):
        first, *rest = wrapped(terminal(text), painter.width, first=2, rest=4)
        yield f"  {first}"
        yield from (f"    {line}" for line in rest)
    yield ""
    width = max((len(one.name) for one in maturity.dimensions), default=0)
    for dimension in maturity.dimensions:
        yield f"  {_bar(dimension, width, painter)}"
    yield ""


def _bar(dimension: Dimension, width: int, painter: Painter) -> str:
    name = f"{terminal(dimension.name):<{width}}"
    if dimension.score is None:
        return f"{name}  {painter.paint('nothing of it applies', 'dim')}"
    filled = round(dimension.score * BAR)
    bar = painter.paint("#" * filled, "green") + painter.paint("-" * (BAR - filled), "dim")
    thin = ", from few capabilities" if dimension.thin else ""
    return f"{name}  {bar}  {dimension.score:4.0%}, level {dimension.level}{thin}"
