"""A level holds with all below it, and never by what merely does not apply."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mlaudit.maturity.catalogue import ladder_model
from mlaudit.maturity.ladder import highest, is_met, is_met_or_declared, may_be_met
from mlaudit.maturity.model import Declaration, Outcome, Requirement, Rung

T, F = Outcome.TRUE, Outcome.FALSE
U, N = Outcome.NOT_AVAILABLE, Outcome.NOT_APPLICABLE
SAID = Declaration("L2b", 2, "ml@corp", "https://wiki", "2026-10-01", "2027-04-01")


def rungs(*levels: Sequence[Outcome]) -> list[Rung]:
    """Of each level the core, and one more."""
    return [
        Rung(
            number,
            "",
            "",
            tuple(
                Requirement(f"L{number}{at}", "", at == 0, outcome)
                for at, outcome in enumerate(outcomes)
            ),
        )
        for number, outcomes in enumerate(levels, 1)
    ]


@pytest.mark.parametrize(
    ("levels", "reached"),
    [
        ([(F, T)], 0),
        ([(T, F)], 0),
        ([(T, T)], 1),
        ([(T, N)], 1),
        ([(T, T), (T, T), (F, T)], 2),
        ([(T, T), (F, T), (T, T)], 1),
        ([(T, T), (T, F), (T, T)], 1),
        # What does not apply throughout never climbs.
        ([(N, N)], 0),
        ([(N, T)], 0),
        ([(T, T), (N, T)], 1),
        # A level without a core is passed over, where a higher core is met.
        ([(T, T), (N, T), (T, T)], 3),
        ([(T, T), (N, T), (F, T)], 1),
        ([(T, T), (N, F), (T, T)], 1),
        ([(T, T), (N, N), (N, N), (T, T)], 4),
        # What could not be settled grants nothing.
        ([(T, U)], 0),
        ([(T, T), (U, T)], 1),
    ],
)
def test_level(levels: list[Sequence[Outcome]], reached: int) -> None:
    assert highest(rungs(*levels), is_met) == reached


@pytest.mark.parametrize(
    ("levels", "possible"),
    [
        ([(T, U)], 1),
        ([(U, T)], 1),
        ([(T, T), (U, U), (T, T)], 3),
        ([(T, T), (U, F), (T, T)], 1),
        ([(T, T), (N, U), (T, T)], 3),
    ],
)
def test_level_if_all_that_is_open_were_met(levels: list[Sequence[Outcome]], possible: int) -> None:
    assert highest(rungs(*levels), may_be_met) == possible


def test_declared_level() -> None:
    first, second = rungs((T, T), (T, F))
    said = Requirement("L2b", "", False, F, declared=SAID)
    second = Rung(2, "", "", (second.requirements[0], said))
    assert highest([first, second], is_met) == 1
    assert highest([first, second], is_met_or_declared) == 2


def test_the_requirements_of_every_level_are_there() -> None:
    ids = [[one.id for one in level.requirements] for level in ladder_model().levels]
    assert ["".join(one[2] for one in level) for level in ids] == [
        "", "abcdef", "abcde", "abcdef", "abcdef"
    ]  # fmt: skip
    assert {
        one[1] for number, level in enumerate(ids) for one in level if one[1] != str(number)
    } == set()


def test_the_core_of_each_level() -> None:
    cores = [one.id for level in ladder_model().levels for one in level.requirements if one.core]
    assert cores == ["L1a", "L2a", "L3a", "L4b"]
