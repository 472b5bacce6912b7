"""What is declared is told apart from what was seen, and nothing that was found bows to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from mlaudit.config import Attestation
from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.declared import Declared, declared
from mlaudit.maturity.model import Capability, Maturity, Outcome, Requirement
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.model import Match, Spot

TODAY = date(2026, 11, 1)
TRAIN = """\
import mlflow
from sklearn.linear_model import LogisticRegression

mlflow.start_run()
LogisticRegression().fit([[0.0], [1.0]], [0, 1])
"""


def said(about: str = "experiment-tracking", level: int = 2, **changes: object) -> Attestation:
    one = Attestation(
        capability=about,
        level=level,
        owner="ml@corp",
        link="https://wiki/ml",
        date=date(2026, 10, 1),
        expires=date(2027, 4, 1),
        source="pyproject.toml",
        number=1,
    )
    return msgspec.structs.replace(one, **changes)


def warnings(**changes: object) -> list[str]:
    return list(declared([said(**changes)], TODAY).warnings)  # type: ignore[arg-type]


def maturity(root: Path, known: Declared, *matches: Match) -> Maturity:
    (root / "train.py").write_text(TRAIN)
    repo = open_repo([root])
    return assess(Project(repo, read_facts(repo, repo.files).facts), matches, (), known)


def capability(found: Maturity, name: str) -> Capability:
    return next(c for d in found.dimensions for c in d.capabilities if c.id == name)


def requirement(found: Maturity, name: str) -> Requirement:
    return next(r for rung in found.ladder.rungs for r in rung.requirements if r.id == name)


def test_a_complete_one_counts() -> None:
    found = declared([said()], TODAY)
    assert found.warnings == ()
    assert found.known["experiment-tracking"].expires == "2027-04-01"


@pytest.mark.parametrize("key", ["capability", "level", "owner", "link", "date", "expires"])
def test_each_of_the_six_keys_is_needed(key: str) -> None:
    empty = {"level": 0, "date": None, "expires": None}.get(key, "")
    known = declared([msgspec.structs.replace(said(), **{key: empty})], TODAY)
    assert known.known == {}
    assert known.warnings == (f"pyproject.toml: attest, 1, {key}: is missing; it is ignored",)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"date": date(2026, 11, 2)}, "date: 2026-11-02 lies in the future"),
        ({"expires": date(2026, 10, 31)}, "expires: expired on 2026-10-31"),
        (
            {"expires": date(2027, 10, 2)},
            "expires: 2027-10-02 is more than 12 months after 2026-10-01",
        ),
        (
            {"about": "approvals"},
            "capability: there is no capability or requirement 'approvals'",
        ),
        ({"about": "reproducibility"}, "capability: 'reproducibility' is what a checkout shows"),
        ({"about": "data-versioning"}, "capability: 'data-versioning' is what a checkout shows"),
        ({"about": "L1a"}, "capability: 'L1a' is what a checkout shows"),
        ({"about": "L1f"}, "capability: 'L1f' is what a checkout shows"),
    ],
)
def test_what_cannot_be_taken_at_its_word_is_ignored(
    changes: dict[str, object], fault: str
) -> None:
    assert warnings(**changes) == [f"pyproject.toml: attest, 1, {fault}; it is ignored"]


@pytest.mark.parametrize(
    "changes",
    [
        {"date": TODAY},
        {"expires": TODAY},
        {"expires": date(2027, 10, 1)},
        {"about": "L3c"},
        {"date": date(2024, 2, 29), "expires": date(2025, 3, 1)},
    ],
)
def test_the_last_day_still_counts(changes: dict[str, object]) -> None:
    day = date(2024, 6, 1) if changes.get("date") == date(2024, 2, 29) else TODAY
    assert declared([said(**changes)], day).warnings == ()  # type: ignore[arg-type]


def test_of_several_the_newest_counts() -> None:
    old = said(level=1, date=date(2026, 9, 1), number=2)
    assert declared([said(), old], TODAY).known["experiment-tracking"].level == 2


def test_a_declared_score_stands_beside_what_was_seen(tmp_path: Path) -> None:
    found = maturity(tmp_path, declared([said()], TODAY))
    tracking = capability(found, "experiment-tracking")
    assert tracking.score == 1
    assert tracking.declared is not None
    assert (tracking.declared.level, tracking.declared.owner) == (2, "ml@corp")
    asked = requirement(found, "L2b")
    assert asked.outcome is Outcome.FALSE
    assert asked.declared is not None


def test_a_declared_score_enters_no_sum(tmp_path: Path) -> None:
    seen = maturity(tmp_path, Declared())
    assert maturity(tmp_path, declared([said()], TODAY)).score == seen.score


def test_a_declaration_at_or_below_what_was_seen_says_nothing(tmp_path: Path) -> None:
    found = maturity(tmp_path, declared([said(level=1)], TODAY))
    assert capability(found, "experiment-tracking").declared is None


def test_a_finding_against_it_wins(tmp_path: Path) -> None:
    finding = Match("TRK003", Spot("train.py"))
    found = maturity(tmp_path, declared([said()], TODAY), finding)
    assert capability(found, "experiment-tracking").declared is None
    assert requirement(found, "L2b").declared is None
    fault = "level: TRK003 speaks against it; it is ignored"
    assert found.warnings == (f"pyproject.toml: attest, 1, {fault}",)


def test_what_does_not_apply_cannot_be_declared(tmp_path: Path) -> None:
    found = maturity(tmp_path, declared([said("alerts")], TODAY))
    assert capability(found, "alerts").declared is None


def test_a_requirement_may_be_declared(tmp_path: Path) -> None:
    found = maturity(tmp_path, declared([said("L2a")], TODAY))
    asked = requirement(found, "L2a")
    assert asked.outcome is Outcome.FALSE
    assert asked.declared is not None
