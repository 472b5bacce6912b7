"""The checklist of reproducibility: each line true, false, not available or not applicable."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.catalogue_views import checklist_model
from mlaudit.maturity.checklist import checklist, every_line_holds
from mlaudit.maturity.model import ChecklistLine, Evidence, Outcome
from mlaudit.maturity.signing import seen, sign
from mlaudit.maturity.view import View
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.loading import FAMILIES
from mlaudit.rules.model import Match, Spot

TRAIN = """\
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

np.random.seed(0)
frame = pd.read_csv("rows.csv")
LogisticRegression().fit(frame, frame["y"])
"""
LIBRARY = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "lib"
version = "1"
dependencies = ["numpy"]
classifiers = ["Programming Language :: Python"]
"""


def lines(root: Path, files: dict[str, str], *matches: Match) -> dict[str, ChecklistLine]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    view = View(Project(repo, read_facts(repo, repo.files).facts), matches)
    return {line.id: line for line in checklist(view, partial(seen, view))}


def test_there_are_twenty_one_lines_and_all_that_they_name_exists() -> None:
    model = checklist_model()
    assert len({line.id for line in model.lines}) == 21
    named = {name for line in model.lines for name in (*line.all, *line.any, *line.shows)}
    named |= {name for one in model.objects.values() for name in (*one.any, *one.unclear)}
    named |= {line.searched for line in model.lines if line.searched}
    assert all(sign(name) for name in named)
    assert {need for line in model.lines for need in line.needs} <= set(model.objects)
    assert {rule[:3] for line in model.lines for rule in line.silent} <= set(FAMILIES.values())


def test_a_missing_sign_says_no_only_where_it_is_said_what_that_means() -> None:
    for line in checklist_model().lines:
        assert not (line.lacks and line.unsettled), line.id
        if line.any:
            objects = {name for need in line.needs for name in checklist_model().objects[need].any}
            assert line.lacks or line.unsettled or objects.issuperset(line.any), line.id


def test_a_finding_makes_its_line_false_and_is_the_evidence(tmp_path: Path) -> None:
    finding = Match("REP003", Spot("train.py"))
    line = lines(tmp_path, {"train.py": TRAIN}, finding)["randomness-seeded"]
    assert line.outcome is Outcome.FALSE
    assert [(one.path, one.rule, one.supports) for one in line.evidence] == [
        ("train.py", "REP003", False)
    ]


@pytest.mark.parametrize("folder", ["tests", "examples", "vendor/lib"])
def test_a_finding_elsewhere_says_nothing_of_the_project(tmp_path: Path, folder: str) -> None:
    files = {"train.py": TRAIN, f"{folder}/other.py": TRAIN}
    finding = Match("REP003", Spot(f"{folder}/other.py"))
    assert lines(tmp_path, files, finding)["randomness-seeded"].outcome is Outcome.TRUE


def test_what_is_lacking_is_said_of_the_place_that_was_searched(tmp_path: Path) -> None:
    workflow = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: pytest\n"
    files = {"train.py": TRAIN, ".github/workflows/ci.yml": workflow}
    found = lines(tmp_path, files)
    assert [one.path for one in found["metrics-kept"].evidence] == ["train.py"]
    assert [one.path for one in found["ci-trains"].evidence] == [".github/workflows/ci.yml"]
    workflow = workflow.replace("pytest", "python train.py --rows 100")
    files[".github/workflows/ci.yml"] = workflow
    assert lines(tmp_path, files)["ci-trains"].outcome is Outcome.TRUE


def test_data_that_nobody_can_follow_is_not_held_against_anybody(tmp_path: Path) -> None:
    line = lines(tmp_path, {"train.py": TRAIN})["data-fixed"]
    assert (line.outcome, line.evidence) == (Outcome.NOT_AVAILABLE, ())
    assert "could not be followed" in line.reason


def test_a_line_without_an_object_is_not_asked(tmp_path: Path) -> None:
    found = lines(tmp_path, {"tool.py": "print(1)\n"})
    asked = {name for name, line in found.items() if line.outcome is not Outcome.NOT_APPLICABLE}
    assert asked == {"no-machine-path"}
    assert found["commit-known"].reason == "nothing trains"


def test_a_library_is_asked_about_its_environment_only(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": LIBRARY,
        "src/lib/__init__.py": "import torch\n\ndef step(loss):\n    loss.backward()\n",
    }
    found = lines(tmp_path, files)
    asked = {name for name, line in found.items() if line.outcome is not Outcome.NOT_APPLICABLE}
    assert asked == {"dependencies-declared", "one-interpreter", "no-machine-path"}


def test_a_fit_that_no_program_reaches_leaves_the_line_open(tmp_path: Path) -> None:
    line = lines(tmp_path, {"steps.py": "def step(loss):\n    loss.backward()\n"})["metrics-kept"]
    assert (line.outcome, line.evidence[0].path) == (Outcome.NOT_AVAILABLE, "steps.py")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python train.py", Outcome.TRUE),
        ("python -m churn.training", Outcome.TRUE),
        ("dvc repro", Outcome.TRUE),
        ("pip install -r requirements.txt", Outcome.FALSE),
        ("jupyter lab", Outcome.FALSE),
    ],
)
def test_the_readme_names_the_command_that_trains(
    tmp_path: Path, command: str, expected: Outcome
) -> None:
    files = {"train.py": TRAIN, "README.md": f"# Churn\n\n```bash\n{command}\n```\n"}
    assert lines(tmp_path, files)["one-command-trains"].outcome is expected


def test_all_lines_that_are_asked_must_hold() -> None:
    seen_ = (Evidence(True, "x", "a.py"),)
    blank = ChecklistLine("a", "a")
    good = blank.settled(Outcome.TRUE, seen_)
    unasked = blank.settled(Outcome.NOT_APPLICABLE)
    informative = ChecklistLine("b", "b", informative=True, outcome=Outcome.FALSE)
    assert [one.says for one in every_line_holds([good, unasked, informative])] == [
        "all 1 lines of the checklist hold"
    ]
    for bad in (blank.settled(Outcome.FALSE), blank.settled(Outcome.NOT_AVAILABLE)):
        assert not list(every_line_holds([good, bad]))
    assert not list(every_line_holds([unasked]))
