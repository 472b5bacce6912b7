"""Which commits stand for a history: periods of the calendar, tags, or some evenly."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mlaudit.repo.commits import Commit
from mlaudit.repo.periods import (
    Period,
    evenly,
    last_of_each,
    no_more_than,
    parse_period,
    tagged,
)


def commits(*days: str) -> list[Commit]:
    return [Commit(str(number), date.fromisoformat(day)) for number, day in enumerate(days)]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("3months", Period(3, "month")), ("1month", Period(1, "month")),
        ("2weeks", Period(2, "week")), ("1year", Period(1, "year")), ("month", Period(1, "month")),
        ("90days", Period(90, "day")), (" 2 Weeks ", Period(2, "week")),
    ],
)  # fmt: skip
def test_periods_are_read(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text", ["", "0months", "-1month", "1.5months", "3", "fortnight", "99999days", "2m", "²days"]
)
def test_what_is_no_period_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no period: .*2weeks, 1month, 3months or 1year"):
        parse_period(text)


@pytest.mark.parametrize(
    ("period", "positions"),
    [
        ("1day", [0, 1, 2, 4, 5]), ("1month", [1, 2, 4, 5]), ("3months", [2, 4, 5]),
        ("1year", [4, 5]),
    ],
)  # fmt: skip
def test_the_last_commit_of_each_period(period: str, positions: list[int]) -> None:
    line = commits(
        "2023-01-01", "2023-01-31", "2023-02-01", "2023-10-05", "2023-10-05", "2024-01-01"
    )
    assert last_of_each(line, parse_period(period)) == positions


def test_weeks_begin_on_mondays() -> None:
    week = parse_period("1week")
    sunday, monday = date(2024, 3, 3), date(2024, 3, 4)
    assert week.number(monday) == week.number(sunday) + 1
    assert week.number(monday) == week.number(monday + timedelta(days=6))


some_days = some.lists(some.dates(), max_size=60).map(sorted)
some_periods = some.builds(
    Period, some.integers(1, 400), some.sampled_from(["day", "week", "month", "year"])
)


@given(some_days, some_periods, some_days)
def test_new_commits_move_no_point_of_a_period_that_is_over(
    days: list[date], period: Period, more: list[date]
) -> None:
    line = [Commit(str(number), day) for number, day in enumerate(days)]
    later = [day for day in more if days and period.number(day) > period.number(days[-1])]
    longer = line + [Commit("later", day) for day in later]
    assert last_of_each(longer, period)[: len(last_of_each(line, period))] == last_of_each(
        line, period
    )


@given(some_days, some_periods, some.integers(2, 40))
def test_no_more_points_than_there_is_room_for(days: list[date], period: Period, most: int) -> None:
    line = [Commit(str(number), day) for number, day in enumerate(days)]
    chosen = no_more_than(most, line, period)
    assert len(last_of_each(line, chosen)) <= most
    assert chosen.count % period.count == 0
    if len(last_of_each(line, period)) <= most:
        assert chosen == period


@given(some.integers(0, 300), some.integers(2, 40))
def test_evenly_has_both_ends(count: int, most: int) -> None:
    positions = evenly(range(count), most)
    assert len(positions) == min(count, most)
    assert positions == sorted(set(positions))
    if count:
        assert (positions[0], positions[-1]) == (0, count - 1)


def test_tagged() -> None:
    assert tagged(commits("2023-01-01", "2023-01-02", "2023-01-03"), {"0": (), "2": ()}) == [0, 2]
