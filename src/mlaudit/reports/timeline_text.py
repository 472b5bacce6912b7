"""The maturity of a repository over its history, for people."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TextIO

from mlaudit.maturity.timeline import Point, Timeline
from mlaudit.reports.escape import terminal
from mlaudit.reports.painting import Painter, Plain, painter_for, wrapped
from mlaudit.reports.timeline_words import (
    SHORT,
    change_text,
    circumstances,
    dimension_names,
    headline,
    level_text,
    mark_text,
    score_text,
)

WIDTH = 100
TOP = 4
"""The highest level."""
_COLUMNS = 64
"""Of the chart."""
_INDENT = 14
_LONGEST_TAG = 10
_STYLES = ("red", "yellow", "green", "green", "bold green")


def render(timeline: Timeline) -> str:
    """Plain text, the same everywhere."""
    return _joined(lines(timeline, Plain(WIDTH)))


def write(timeline: Timeline, stream: TextIO = sys.stdout) -> None:
    """Writes the whole of it as fits the stream: with colour when it is a terminal."""
    stream.write(_joined(lines(timeline, painter_for(stream) or Plain(WIDTH))))


def _joined(several: Iterable[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in several)


def lines(timeline: Timeline, painter: Painter) -> Iterator[str]:
    """Headline, chart, a row for each point with what changed since the one before, notes."""
    yield painter.paint(f"MLOps maturity over time: {headline(timeline)}", "bold")
    yield f"  {terminal(timeline.chosen)}; {timeline.commits} commits in all"
    yield ""
    yield from _chart(timeline.points, painter)
    yield ""
    yield from _table(timeline, painter)
    for note in timeline.notes:
        yield ""
        first, *rest = wrapped(terminal(note), painter.width, first=8, rest=8)
        yield f"  note: {first}"
        yield from (f"        {line}" for line in rest)


def _chart(points: tuple[Point, ...], painter: Painter) -> Iterator[str]:
    """The level in force at each moment, as far as it is known, over the days."""
    columns = _in_force(points)
    for level in range(TOP, 0, -1):
        filled = "".join("#" if (point.level or 0) >= level else " " for point in columns)
        yield f"  {level} |{painter.paint(filled, _STYLES[level])}"
    yield "  0 |" + "".join("?" if point.level is None else "_" for point in columns)
    first, last = points[0].date[:7], points[-1].date[:7]
    yield f"     {first}" + ("" if first == last else last.rjust(_COLUMNS - len(first)))


def _in_force(points: tuple[Point, ...]) -> list[Point]:
    """For each column the last point that is not later."""
    days = [date.fromisoformat(point.date).toordinal() for point in points]
    span = days[-1] - days[0]
    moments = (days[0] + span * column / (_COLUMNS - 1) for column in range(_COLUMNS))
    return [points[bisect_right(days, moment) - 1] for moment in moments]


def _table(timeline: Timeline, painter: Painter) -> Iterator[str]:
    names = dimension_names(timeline)
    tagged = any(point.tags for point in timeline.points)
    head = f"{'date':<10}  {'commit':<{SHORT}}  {'level':<6}  score  {'  '.join(names)}"
    yield "  " + painter.paint(head + ("  tag" if tagged else ""), "bold")
    more = circumstances(timeline)
    for point in timeline.points:
        yield from _row(point, names, painter)
        yield from _changes(point, more.get(point.commit, ()), painter)


def _row(point: Point, names: tuple[str, ...], painter: Painter) -> Iterator[str]:
    start = f"  {point.date}  {point.commit[:SHORT]}"
    if point.level is None:
        indent = len(start) + 2
        reason = f"not judged: {terminal(point.problem)}"
        first, *rest = wrapped(reason, painter.width, first=indent, rest=indent)
        yield f"{start}  {first}"
        yield from (f"{' ' * indent}{line}" for line in rest)
        return
    marks = "  ".join(
        f"{mark_text(mark):>{len(name)}}"
        for mark, name in zip(point.dimensions, names, strict=True)
    )
    level = painter.paint(f"{level_text(point):<6}", _STYLES[min(point.level, TOP)])
    yield f"{start}  {level}  {score_text(point):>5}  {marks}{_tag(point)}"


def _tag(point: Point) -> str:
    if not point.tags:
        return ""
    tag = terminal(point.tags[-1])
    return "  " + (tag if len(tag) <= _LONGEST_TAG else f"{tag[: _LONGEST_TAG - 2]}..")


def _changes(point: Point, more: Iterable[str], painter: Painter) -> Iterator[str]:
    rose = ", ".join(change_text(one) for one in point.changes if one.rose)
    fell = ", ".join(change_text(one) for one in point.changes if one.fell)
    signed = [*(("~", text, "dim") for text in more), ("+", rose, "green"), ("-", fell, "red")]
    indent = _INDENT + 2
    for sign, text, style in signed:
        if text:
            first, *rest = wrapped(terminal(text), painter.width, first=indent, rest=indent)
            yield f"{' ' * _INDENT}{painter.paint(f'{sign} {first}', style)}"
            yield from (f"{' ' * indent}{painter.paint(line, style)}" for line in rest)
