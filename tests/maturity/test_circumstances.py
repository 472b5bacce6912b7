"""Who is asked what: by the profile, and by what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.model import Maturity, Outcome
from mlaudit.project.options import Options
from mlaudit.project.profile import Profile, profile
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo

TRAIN = """\
from sklearn.linear_model import LogisticRegression

LogisticRegression().fit([[0.0], [1.0]], [0, 1])
"""
SERVICE = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")


@app.post("/predict")
def predict(rows: list[list[float]]) -> list[float]:
    return list(model.predict(rows))
"""
PAGE = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def home() -> str:
    return "hello"
"""
LIBRARY = {
    "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n'
    'build-backend = "hatchling.build"\n[project]\nname = "lib"\nversion = "1"\n'
    'classifiers = ["Programming Language :: Python"]\n',
    "src/lib/__init__.py": "def f(): ...\n",
}
DEPLOYMENT = ("automated-deployment", "multiple-environments", "rollback", "ab-testing")
MONITORING = ("performance-tracking", "drift-detection", "alerts")
TRAINING = ("experiment-tracking", "hyperparameter-tuning", "model-versioning")
DATA = ("data-versioning", "data-validation", "data-lineage")
ALWAYS = ("documentation", "audit-trail", "compliance", "reproducibility")


def project(root: Path, files: dict[str, str], chosen: str = "auto") -> Project:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    return Project(repo, read_facts(repo, repo.files).facts, Options(profile=chosen))


def maturity(root: Path, files: dict[str, str], chosen: str = "auto") -> Maturity:
    return assess(project(root, files, chosen), [])


def asked(found: Maturity) -> set[str]:
    return {
        one.id
        for dimension in found.dimensions
        for one in dimension.capabilities
        if one.outcome is not Outcome.NOT_APPLICABLE
    }


def bento(name: str) -> dict[str, str]:
    return {f"{name}/bentofile.yaml": f"service: {name}:svc\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"train.py": TRAIN}, "research"),
        ({"app.py": SERVICE}, "application"),
        ({"train.py": TRAIN, "app.py": PAGE}, "research"),
        ({"train.py": TRAIN, **bento("ranker")}, "application"),
        ({**bento("ranker"), **bento("search"), "a.py": ""}, "platform"),
        (LIBRARY, "library"),
    ],
)
def test_profile_is_detected(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    assert maturity(tmp_path, files).profile == expected


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("research", "research"),
        ("application", "application"),
        ("production", "application"),
        ("platform", "platform"),
    ],
)
def test_a_profile_may_be_chosen(tmp_path: Path, chosen: str, expected: str) -> None:
    assert maturity(tmp_path, {"train.py": TRAIN}, chosen).profile == expected


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("research", Profile.RESEARCH),
        ("application", Profile.PRODUCTION),
        ("production", Profile.PRODUCTION),
        ("platform", Profile.PRODUCTION),
        ("library", Profile.LIBRARY),
    ],
)
def test_rules_know_three_profiles(tmp_path: Path, chosen: str, expected: Profile) -> None:
    assert profile(project(tmp_path, {"train.py": TRAIN}, chosen)) is expected


def test_research_is_not_asked_for_a_service(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN})
    assert asked(found) == {*TRAINING, *DATA, *ALWAYS}
    assert found.ladder.reachable == 2


def test_an_application_is_asked_for_all_that_has_an_object(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN, "app.py": SERVICE})
    expected = {*TRAINING, *DATA, *DEPLOYMENT, *MONITORING, *ALWAYS}
    assert asked(found) == {*expected, "automated-retraining", "approval-workflow"}
    assert found.ladder.reachable == 4


def test_an_application_around_a_model_from_elsewhere_trains_nothing(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"app.py": SERVICE})
    assert asked(found) == {*DEPLOYMENT, *MONITORING, *ALWAYS, "approval-workflow"}
    assert found.ladder.reachable == 4


def test_a_library_is_asked_what_every_project_is(tmp_path: Path) -> None:
    found = maturity(tmp_path, LIBRARY)
    assert asked(found) == {*ALWAYS}
    assert found.ladder.reachable == 1


def test_a_library_that_ships_data_is_asked_about_the_data(tmp_path: Path) -> None:
    found = maturity(tmp_path, {**LIBRARY, "src/lib/words.csv": "a,b\n1,2\n"})
    assert asked(found) == {*ALWAYS, *DATA}


@pytest.mark.parametrize("chosen", ["research", "library"])
def test_presence_beats_the_profile(tmp_path: Path, chosen: str) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN, "app.py": SERVICE}, chosen)
    assert found.profile == chosen
    assert {*TRAINING, *DEPLOYMENT, *MONITORING} <= asked(found)


def test_a_chosen_application_is_asked_for_what_it_lacks(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN}, "application")
    assert {*DEPLOYMENT, *MONITORING} <= asked(found)


def test_research_that_a_machine_repeats_is_asked_how(tmp_path: Path) -> None:
    workflow = (
        "on:\n  schedule:\n    - cron: '0 3 * * *'\njobs:\n  train:\n    runs-on: x\n"
        "    steps:\n      - run: python train.py\n"
    )
    files = {"train.py": TRAIN, ".github/workflows/train.yml": workflow}
    found = maturity(tmp_path, files)
    assert found.profile == "research"
    assert "automated-retraining" in asked(found)
    assert found.ladder.reachable == 2


def test_training_that_nobody_can_read_is_still_asked_about(tmp_path: Path) -> None:
    broken = {"train.py": f"{TRAIN}\nif broken\n", "notes.py": "x = 1\n"}
    assert set(TRAINING) <= asked(maturity(tmp_path / "one", broken))
    other = {"clean.py": "if broken\n", "notes.py": "x = 1\n"}
    assert not set(TRAINING) & asked(maturity(tmp_path / "other", other))
