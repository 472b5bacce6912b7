"""Which commits of a line to look at: the last of each period, those with a tag, or some evenly."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from datetime import date

from msgspec import Struct

from mlaudit.repo.commits import Commit

_WORD = re.compile(r"(\d{0,4}) ?(day|week|month|year)s?", re.ASCII)


class Period(Struct, frozen=True):
    """Some days, weeks, months or years. Periods begin where the calendar's do, so that a new
    commit moves none of them: quarters in January, April, July and October, weeks on Mondays."""

    count: int
    unit: str
    """`day`, `week`, `month` or `year`."""

    def __str__(self) -> str:
        return self.unit if self.count == 1 else f"{self.count} {self.unit}s"

    def number(self, day: date) -> int:
        """Which of the periods since the beginning of the calendar a day lies in."""
        passed = {
            "day": day.toordinal(),
            "week": (day.toordinal() - 1) // 7,
            "month": day.year * 12 + day.month - 1,
            "year": day.year,
        }
        return passed[self.unit] // self.count


def parse_period(text: str) -> Period:
    """Reads `3months`, `month`, `2 weeks`. Raises ValueError with a reason for the user."""
    match = _WORD.fullmatch(text.strip().lower())
    count = int(match[1] or 1) if match else 0
    if match is None or count == 0:
        raise ValueError(
            f"{text!r} is no period: write a number and a unit, such as 2weeks, 1month, 3months or "
            "1year"
        )
    return Period(count, match[2])


def last_of_each(commits: Sequence[Commit], period: Period) -> list[int]:
    """Positions of the last commit in each period; a period without commits has none."""
    last = {period.number(commit.date): position for position, commit in enumerate(commits)}
    return sorted(last.values())


def no_more_than(most: int, commits: Sequence[Commit], period: Period) -> Period:
    """The period, or a multiple of it that gives no more than `most` commits (two or more)."""
    if not commits:
        return period
    least, enough = 1, period.number(commits[-1].date) - period.number(commits[0].date) + 1
    while least < enough:
        times = (least + enough) // 2
        if len(last_of_each(commits, _times(period, times))) <= most:
            enough = times
        else:
            least = times + 1
    return _times(period, enough)


def _times(period: Period, times: int) -> Period:
    return Period(period.count * times, period.unit)


def evenly(positions: Sequence[int], most: int) -> list[int]:
    """At most so many of the positions, the first and the last among them, evenly spread."""
    if len(positions) <= most:
        return list(positions)
    last = len(positions) - 1
    return [positions[(step * last) // (most - 1)] for step in range(most)]


def tagged(commits: Sequence[Commit], tags: Container[str]) -> list[int]:
    """Positions of the commits that have a tag."""
    return [position for position, commit in enumerate(commits) if commit.oid in tags]
