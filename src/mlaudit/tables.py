"""Checks of tables that people write by hand: every fault at once, each with what would do.

jsonschema could do it, but takes longer to import than a check of one file takes in all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

Check = Callable[[Any], Any]
"""Gives the value as the program wants it. Raises TableError."""


class Problem(NamedTuple):
    path: tuple[str | int, ...]
    """Keys and entry numbers (from 1) that lead to it."""
    text: str

    def __str__(self) -> str:
        where = [str(step) for step in self.path]
        return f"{', '.join(where)}: {self.text}" if where else self.text


class TableError(Exception):
    """A value cannot be used."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems

    def below(self, *path: str | int) -> list[Problem]:
        return [Problem((*path, *problem.path), problem.text) for problem in self.problems]


def wrong(expected: str, value: Any) -> TableError:
    return TableError(Problem((), f"must be {expected}, not {_shown(value)}"))


def _shown(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return repr(value) if len(repr(value)) < 60 else "a long text"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"a {type(value).__name__}"


def nearest(name: str, known: Collection[str]) -> str:
    """What somebody who wrote `name` may have meant: `; did you mean 'x'?`, or what there is."""
    from difflib import get_close_matches

    folded = {word.lower(): word for word in sorted(known)}
    close = get_close_matches(name.lower().replace("_", "-"), folded, n=1)
    if close:
        return f"; did you mean '{folded[close[0]]}'?"
    return f"; there are {', '.join(sorted(known))}" if len(known) < 20 else ""


def string(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong("a text", value)
    return value


def strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise wrong("a list of texts", value)
    return tuple(value)


def positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
        raise wrong("a number above 0", value)
    return value


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong("true or false", value)
    return value


def within(lowest: int, highest: int) -> Check:
    """A whole number between two."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise wrong(f"a whole number from {lowest} to {highest}", value)
        return value

    return check


def day(value: Any) -> date:
    """A date of TOML, or the same as a text: `2026-10-01`."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if len(value) == len("2026-10-01") else "")
    except (TypeError, ValueError):
        raise wrong("a day, as 2026-10-01", value) from None


def one_of(choices: Mapping[str, Any]) -> Check:
    """A word that stands for something."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in choices:
            raise wrong(f"one of {', '.join(choices)}", value)
        return choices[value]

    return check


def list_of(item: Check) -> Check:
    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong("a list", value)
        problems: list[Problem] = []
        items = [_try(item, entry, number, problems) for number, entry in enumerate(value, 1)]
        if problems:
            raise TableError(*problems)
        return tuple(items)

    return check


def table(checks: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """A table with these keys and no others."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise wrong("a table", value)
        problems = [Problem((key,), "is missing") for key in required if key not in value]
        values: dict[str, Any] = {}
        for key, entry in value.items():
            if key in checks:
                values[key] = _try(checks[key], entry, key, problems)
            else:
                problems.append(Problem((key,), f"unknown key{nearest(key, checks)}"))
        if problems:
            raise TableError(*problems)
        return values

    return check


def _try(check: Check, value: Any, step: str | int, problems: list[Problem]) -> Any:
    """The checked value; where it is none, its problems are added."""
    try:
        return check(value)
    except TableError as error:
        problems += error.below(step)
        return None
