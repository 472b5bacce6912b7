"""The maturity of a repository over its history as a picture that needs nothing else.

Three panels over one axis of time: the level, the score, and the level of each dimension. Steps
last until the next point. Colours follow the reader's light or dark setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from mlaudit.maturity.timeline import Point, Timeline
from mlaudit.reports.badge import COLOURS
from mlaudit.reports.escape import html
from mlaudit.reports.timeline_words import change_text, headline, level_text, score_text

WIDTH = 860
HEIGHT = 520
TOP = 4
"""The highest level."""
_LEFT, _RIGHT = 122, 694
"""Where time begins and ends, in pixels; what is right of it names the levels."""
_TAIL = 10
"""Pixels after the last point, for what it found to show."""
_LEVEL_TOP, _LEVEL_BOTTOM = 92, 252
_SCORE_TOP, _SCORE_BOTTOM = 288, 348
_STRIPS_TOP, _STRIP = 378, 20
_MOST_TICKS = 8
_TICK_MONTHS = (1, 3, 6, 12, 24, 60, 120, 600, 6000)
_LABEL_ROOM = 62
_STYLE = """\
:root{--ground:#fff;--ink:#1f2328;--soft:#59636e;--grid:#d9dee3;--line:#1f6f8b;--area:#1f6f8b22}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--ink:#e6edf3;--soft:#9198a1;\
--grid:#2d333b;--line:#5fb3d1;--area:#5fb3d126}}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--soft)}
.title{font-size:17px;font-weight:600;fill:var(--ink)}.strong{fill:var(--ink);font-weight:600}
.end{text-anchor:end}.middle{text-anchor:middle}.cell{fill:#fff;text-anchor:middle;font-size:11px}
.grid{stroke:var(--grid)}.line{fill:none;stroke:var(--line);stroke-width:2.5;stroke-linejoin:round}
.thin{stroke-width:1.8}.area{fill:var(--area)}.dot{fill:var(--line);stroke:var(--ground);\
stroke-width:1.5}.none{fill:var(--grid)}"""


def render(timeline: Timeline) -> str:
    """The picture as text."""
    title = f"MLOps maturity of {timeline.name}"
    summary = f"{headline(timeline)}; {timeline.chosen}"
    axis = _Axis(timeline.points)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
            f'<title id="t">{html(title)}</title><desc id="d">{html(summary)}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="var(--ground)"/>',
            f'<text class="title" x="24" y="36">{html(title)}</text>',
            f'<text x="24" y="58">{html(summary)}</text>',
            *_levels(timeline, axis),
            *_scores(timeline, axis),
            *_strips(timeline, axis),
            *_ticks(axis),
            "</svg>\n",
        ]
    )


class _Axis:
    """Days to pixels."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.first, self.last = (date.fromisoformat(points[one].date) for one in (0, -1))
        self._span = (self.last - self.first).days or 1

    def at(self, day: date) -> float:
        share = (day - self.first).days / self._span
        return round(_LEFT + share * (_RIGHT - _TAIL - _LEFT), 1)

    def of(self, point: Point) -> float:
        return self.at(date.fromisoformat(point.date))


class _Run(NamedTuple):
    """Points side by side that could be judged."""

    points: Sequence[Point]
    end: float
    """Where the next one lies that could not be, or time ends."""


def _runs(points: Sequence[Point], axis: _Axis) -> Iterator[_Run]:
    position = 0
    for known, group in groupby(points, lambda point: point.level is not None):
        judged = list(group)
        position += len(judged)
        if known:
            yield _Run(judged, axis.of(points[position]) if position < len(points) else _RIGHT)


def _levels(timeline: Timeline, axis: _Axis) -> Iterator[str]:
    yield f'<text class="strong" x="24" y="{_LEVEL_TOP + 4}">Level</text>'
    for level in range(TOP + 1):
        y = _level_y(level)
        name = timeline.levels[level] if level < len(timeline.levels) else ""
        yield f'<path class="grid" d="M{_LEFT} {y:g}H{_RIGHT}"/>'
        yield f'<text class="end" x="{_LEFT - 10}" y="{y + 4:g}">{level}</text>'
        yield f'<text x="{_RIGHT + 12}" y="{y + 4:g}">{html(name)}</text>'
    for run in _runs(timeline.points, axis):
        path = _steps(run, axis)
        yield f'<path class="area" d="{path}V{_LEVEL_BOTTOM}H{axis.of(run.points[0]):g}Z"/>'
        yield f'<path class="line" d="{path}"/>'
    yield from _dots(timeline.points, axis)


def _steps(run: _Run, axis: _Axis) -> str:
    start, *rest = run.points
    path = f"M{axis.of(start):g} {_level_y(start.level or 0):g}"
    for point in rest:
        path += f"H{axis.of(point):g}V{_level_y(point.level or 0):g}"
    return f"{path}H{run.end:g}"


def _dots(points: Sequence[Point], axis: _Axis) -> Iterator[str]:
    """One for each point, with its story; a date where the level changes."""
    before: int | None = None
    free_from = 0.0
    for point in points:
        if point.level is None:
            continue
        x, y = axis.of(point), _level_y(point.level)
        yield (
            f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="4.5">'
            f"<title>{html(_story(point))}</title></circle>"
        )
        if before is not None and point.level != before and x >= free_from:
            free_from = x + _LABEL_ROOM
            left = min(x, _RIGHT - _LABEL_ROOM / 2)
            below = y + (20 if point.level < before else -11)
            yield f'<text class="strong middle" x="{left:g}" y="{below:g}">{point.date[:7]}</text>'
        before = point.level


def _story(point: Point) -> str:
    said = [f"{point.date}, commit {point.commit[:10]}", *point.tags]
    said += [f"level {level_text(point)}", f"score {score_text(point)}"]
    said += [f"+ {change_text(one)}" for one in point.changes if one.rose]
    said += [f"- {change_text(one)}" for one in point.changes if one.fell]
    return "; ".join(said)


def _level_y(level: int) -> float:
    return _LEVEL_BOTTOM - (_LEVEL_BOTTOM - _LEVEL_TOP) * level / TOP


def _scores(timeline: Timeline, axis: _Axis) -> Iterator[str]:
    yield f'<text class="strong" x="24" y="{_SCORE_TOP + 4}">Score</text>'
    for share in (0.0, 0.5, 1.0):
        y = _score_y(share)
        yield f'<path class="grid" d="M{_LEFT} {y:g}H{_RIGHT}"/>'
        yield f'<text class="end" x="{_LEFT - 10}" y="{y + 4:g}">{share:.0%}</text>'
    known = [point for point in timeline.judged if point.score is not None]
    if not known:
        return
    line = " ".join(f"{axis.of(point):g},{_score_y(point.score or 0):g}" for point in known)
    yield f'<polyline class="line thin" points="{line}"/>'
    last = known[-1]
    yield (
        f'<text class="strong" x="{_RIGHT + 12}" y="{_score_y(last.score or 0) + 4:g}">'
        f"{score_text(last)}</text>"
    )


def _score_y(share: float) -> float:
    return _SCORE_BOTTOM - (_SCORE_BOTTOM - _SCORE_TOP) * share


def _strips(timeline: Timeline, axis: _Axis) -> Iterator[str]:
    """A row for each dimension, coloured by its level."""
    judged = timeline.judged
    for row, mark in enumerate(judged[0].dimensions if judged else ()):
        y = _STRIPS_TOP + row * _STRIP
        name = mark.name.partition(" ")[0]
        yield f'<text x="24" y="{y + 14}">{html(name)}</text>'
        for run in _runs(timeline.points, axis):
            yield from _strip(run, row, y, axis)


def _strip(run: _Run, row: int, y: int, axis: _Axis) -> Iterator[str]:
    """Equal levels side by side are one cell."""
    cells: list[tuple[float, int | None]] = []
    for point in run.points:
        level = point.dimensions[row].level
        if not cells or cells[-1][1] != level:
            cells.append((axis.of(point), level))
    ends = [left for left, _ in cells[1:]] + [run.end]
    for (left, level), right in zip(cells, ends, strict=True):
        yield from _cell(left, right, y, level)


def _cell(left: float, right: float, y: int, level: int | None) -> Iterator[str]:
    width = right - left
    fill = 'class="none"' if level is None else f'fill="{COLOURS[level]}"'
    yield f'<rect {fill} x="{left:g}" y="{y}" width="{width:g}" height="{_STRIP - 2}"/>'
    if level is not None and width >= 14:
        yield f'<text class="cell" x="{left + width / 2:g}" y="{y + 13}">{level}</text>'


def _ticks(axis: _Axis) -> Iterator[str]:
    bottom = _STRIPS_TOP + 5 * _STRIP
    for day in _tick_days(axis.first, axis.last):
        x = axis.at(day)
        yield f'<path class="grid" d="M{x:g} {bottom}v6"/>'
        label = str(day.year) if day.month == 1 else f"{day.year}-{day.month:02}"
        yield f'<text class="middle" x="{x:g}" y="{bottom + 20}">{label}</text>'


def _tick_days(first: date, last: date) -> list[date]:
    """Beginnings of months that are as many as there is room for, or the first day alone."""
    begin, end = (day.year * 12 + day.month - 1 for day in (first, last))
    for step in _TICK_MONTHS:
        months = [month for month in range(begin, end + 1) if month % step == 0]
        days = [date(month // 12, month % 12 + 1, 1) for month in months if month >= 12]
        inside = [day for day in days if first <= day <= last]
        if len(inside) <= _MOST_TICKS:
            return inside or [first]
    return [first]
