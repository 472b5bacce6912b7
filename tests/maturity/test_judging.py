"""What a sign is worth, what holds a score down, and what lifts that again."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.model import Capability, Maturity, Strength
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.model import Match, Spot

TRACKED = """\
import mlflow
from sklearn.linear_model import LogisticRegression

mlflow.set_experiment("churn")
with mlflow.start_run():
    mlflow.log_param("C", 1.0)
    mlflow.log_metric("score", LogisticRegression().fit([[0.0], [1.0]], [0, 1]).score([[0.0]], [0]))
"""
TRAIN = """\
from sklearn.linear_model import LogisticRegression

LogisticRegression().fit([[0.0], [1.0]], [0, 1])
"""


def assessed(
    root: Path,
    files: dict[str, str],
    matches: tuple[Match, ...] = (),
    accepted: tuple[tuple[Match, str], ...] = (),
) -> Maturity:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    return assess(Project(repo, read_facts(repo, repo.files).facts), matches, accepted)


def tracking(found: Maturity) -> Capability:
    return next(
        c for d in found.dimensions for c in d.capabilities if c.id == "experiment-tracking"
    )


def test_a_suppression_with_a_reason_lifts_the_cap_and_is_told(tmp_path: Path) -> None:
    finding = Match("TRK003", Spot("train.py"))
    files = {"train.py": TRACKED}
    assert tracking(assessed(tmp_path, files, (finding,))).score == 1
    found = tracking(assessed(tmp_path, files, (finding,), ((finding, "a demo"),)))
    assert (found.score, found.capped_by) == (2, ())
    assert [(one.rule, one.reason, one.path) for one in found.accepted] == [
        ("TRK003", "a demo", "train.py")
    ]


def test_a_suppression_without_a_reason_changes_nothing(tmp_path: Path) -> None:
    finding = Match("TRK003", Spot("train.py"))
    found = tracking(assessed(tmp_path, {"train.py": TRACKED}, (finding,), ((finding, ""),)))
    assert (found.score, found.capped_by, found.accepted) == (1, ("TRK003",), ())


def test_one_finding_that_stands_is_enough(tmp_path: Path) -> None:
    first, second = Match("TRK003", Spot("train.py")), Match("TRK003", Spot("train.py"))
    accepted = ((first, "a demo"),)
    found = tracking(assessed(tmp_path, {"train.py": TRACKED}, (first, second), accepted))
    assert (found.score, found.capped_by, found.accepted) == (1, ("TRK003",), ())


def test_an_accepted_finding_does_not_break_a_requirement(tmp_path: Path) -> None:
    finding = Match("SEC001", Spot("train.py"))
    files = {"train.py": TRACKED}
    for accepted, outcome, reason in (
        ((), "false", "SEC001 found something"),
        (((finding, "a test key"),), "true", "SEC001 is accepted: a test key"),
    ):
        found = assessed(tmp_path, files, (finding,), accepted)
        asked = next(r for rung in found.ladder.rungs for r in rung.requirements if r.id == "L1f")
        assert (asked.outcome.value, asked.reason) == (outcome, reason)


@pytest.mark.parametrize("folder", ["tests", "examples", "docs"])
def test_a_finding_in_what_counts_for_nothing_holds_nothing_down(
    tmp_path: Path, folder: str
) -> None:
    path = f"{folder}/run.py"
    finding = Match("TRK003", Spot(path))
    found = tracking(assessed(tmp_path, {"train.py": TRACKED, path: TRACKED}, (finding,)))
    assert (found.score, found.capped_by) == (2, ())


def test_a_library_that_is_only_written_down_is_an_intent(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "requirements.txt": "mlflow==2.9.0\nscikit-learn\n"}
    found = tracking(assessed(tmp_path, files))
    assert found.score == 0
    assert [(one.strength, one.path, one.line) for one in found.evidence] == [
        (Strength.DECLARED, "requirements.txt", 1)
    ]
    assert found.evidence[0].says == "MLflow: 'mlflow' is declared, and nothing uses it"


def test_a_notebook_carries_two_levels_and_no_third(tmp_path: Path) -> None:
    cell = TRACKED.replace("\n", "\\n").replace('"', '\\"')
    notebook = (
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code",'
        f' "metadata": {{}}, "outputs": [], "execution_count": 1, "source": "{cell}"}}]}}'
    )
    found = tracking(assessed(tmp_path, {"train.ipynb": notebook}))
    assert (found.by_signs, found.score) == (2, 2)
