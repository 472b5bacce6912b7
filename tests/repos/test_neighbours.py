"""What lifts one repository above its neighbour: requirements, capabilities, the evidence for each.

`UPDATE=1 pytest tests/repos` writes `neighbours.levels` and `neighbours.capabilities` anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from repository_fixtures import REPOS, lay_out
from test_repositories import agree

from mlaudit.audit import audit
from mlaudit.config import load_settings
from mlaudit.maturity.model import Capability, Ladder, Maturity, Outcome, Requirement

LADDER = ("student", "library", "tracked", "answers", "platform")
"""One repository at each level, 0 to 4."""
PAIRS = list(pairwise(LADDER))

KINDS = (
    "student", "research", "library", "tracked", "pipeline", "service", "platform", "monorepo",
)  # fmt: skip
"""One repository of each kind; their findings hold some of them at level 0."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("neighbours")


@cache
def maturity(name: str, folder: Path) -> Maturity:
    root = lay_out(name, folder / name)
    found = audit([root], load_settings([root]), date(2026, 1, 1)).maturity
    assert found is not None
    return found


def ladder(name: str, folder: Path) -> Ladder:
    return maturity(name, folder).ladder


def capabilities(name: str, folder: Path) -> dict[str, Capability]:
    found = maturity(name, folder)
    return {one.id: one for dimension in found.dimensions for one in dimension.capabilities}


def asked(found: Ladder, level: int) -> dict[str, Requirement]:
    return {one.id: one for rung in found.rungs[: level + 1] for one in rung.requirements}


def shown(one: Requirement) -> str:
    """The outcome of a requirement, with the first place that shows it or the reason."""
    places = [f"{seen.path}:{seen.line} {seen.says}" for seen in one.evidence if seen.supports]
    return "; ".join([one.outcome.value, *places[:2], *([one.reason] if one.reason else [])])


def differences(lower: str, upper: str, folder: Path) -> Iterator[tuple[Requirement, Requirement]]:
    """The requirements up to the level of the upper one that only one of the two meets."""
    one, other = ladder(lower, folder), ladder(upper, folder)
    below, above = asked(one, other.level), asked(other, other.level)
    for name, requirement in above.items():
        if below[name].outcome is not requirement.outcome:
            yield below[name], requirement


def test_there_is_a_repository_at_each_level(folder: Path) -> None:
    assert [ladder(name, folder).level for name in LADDER] == [0, 1, 2, 3, 4]


def test_what_lifts_each_above_the_one_before(folder: Path) -> None:
    lines = []
    for lower, upper in PAIRS:
        levels = ladder(lower, folder).level, ladder(upper, folder).level
        lines.append(f"{lower}, level {levels[0]}, and {upper}, level {levels[1]}")
        for below, above in differences(lower, upper, folder):
            lines += [f"  {above.id} {above.says}", f"    {lower}: {shown(below)}"]
            lines.append(f"    {upper}: {shown(above)}")
    agree(REPOS / "neighbours.levels", "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(("lower", "upper"), PAIRS)
def test_the_lower_one_lacks_something_and_the_upper_one_shows_it(
    lower: str, upper: str, folder: Path
) -> None:
    good = (Outcome.TRUE, Outcome.NOT_APPLICABLE)
    found = list(differences(lower, upper, folder))
    assert any(below.outcome not in good or not below.evidence for below, _ in found)
    for _, above in found:
        assert above.outcome in good, f"{above.id}: {above.reason}"
    places = [seen for _, above in found for seen in above.evidence]
    root = folder / upper
    assert places
    assert all((root / seen.path).exists() for seen in places)


def standing(one: Capability) -> str:
    """The score of a capability, and the first places for it, or the reason that it has none."""
    if one.score is None:
        return f"{one.outcome.value}, {one.reason}" if one.reason else one.outcome.value
    capped = f", capped by {', '.join(one.capped_by)}" if one.capped_by else ""
    places = [f"{seen.path}:{seen.line} {seen.says}" for seen in one.evidence if seen.supports]
    return "; ".join([f"{one.score}{capped}", *places[-2:]])


def test_what_tells_one_kind_of_repository_from_the_next(folder: Path) -> None:
    lines = []
    for one, other in pairwise(KINDS):
        lines.append(f"{one} and {other}")
        theirs = capabilities(other, folder)
        for name, capability in capabilities(one, folder).items():
            if capability.score != theirs[name].score:
                lines += [f"  {capability.name}", f"    {one}: {standing(capability)}"]
                lines.append(f"    {other}: {standing(theirs[name])}")
    agree(REPOS / "neighbours.capabilities", "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("name", KINDS)
def test_every_score_above_nothing_shows_where_it_comes_from(name: str, folder: Path) -> None:
    for one in capabilities(name, folder).values():
        shown = [seen for seen in one.evidence if seen.supports]
        assert shown or not one.score, one.name
        for seen in shown:
            assert not seen.path or (folder / name / seen.path).exists(), f"{one.name}: {seen.path}"
