"""Capabilities are judged by evidence, lowered by findings, left open where nothing is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess, level_of
from mlaudit.maturity.catalogue import DIMENSIONS, capabilities, is_rule
from mlaudit.maturity.model import Capability, Maturity, Outcome
from mlaudit.maturity.signing import sign
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.loading import load_rules
from mlaudit.rules.model import Match, Spot

TRAIN = """
import numpy as np
from sklearn.linear_model import LogisticRegression

np.random.seed(0)
LogisticRegression().fit(np.ones((2, 1)), [0, 1])
"""
SERVICE = """
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")

@app.post("/predict")
def predict(rows: list[list[float]]) -> list[float]:
    return list(model.predict(rows))
"""
TRACKED = """
import mlflow
from sklearn.linear_model import LogisticRegression

mlflow.set_experiment("churn")
with mlflow.start_run():
    mlflow.log_param("C", 1.0)
    mlflow.log_metric("score", LogisticRegression().fit([[0.0], [1.0]], [0, 1]).score([[0.0]], [0]))
"""


def maturity(root: Path, files: dict[str, str], *matches: Match) -> Maturity:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    repo = open_repo([root])
    return assess(Project(repo, read_facts(repo, repo.files).facts), matches)


def capability(found: Maturity, name: str) -> Capability:
    return next(c for d in found.dimensions for c in d.capabilities if c.id == name)


def places(found: Maturity, name: str) -> list[str]:
    return [f"{one.path}:{one.line}" for one in capability(found, name).evidence]


def test_there_are_twenty_capabilities_in_five_dimensions() -> None:
    models = capabilities()
    assert [model.order for model in models] == list(range(1, 21))
    assert [sum(m.dimension == d for m in models) for d in DIMENSIONS] == [4, 4, 4, 4, 4]


def test_every_sign_and_rule_that_the_data_names_exists() -> None:
    rules = {rule.id for rule in load_rules().rules}
    for model in capabilities():
        named = {sign for level in model.levels for sign in (*level.all, *level.any)}
        assert all(sign(name) for name in named)
        assert all(sign(name) for name in model.caps if not is_rule(name))
        families = {rule[:3] for rule in rules} | {"LEA", "OPS", "DOC"}
        assert {name[:3] for name in model.caps if is_rule(name)} <= families
        assert set(model.waived) <= named


def test_where_nothing_is_served_nobody_asks_for_alerts(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN})
    alerts = capability(found, "alerts")
    assert (alerts.outcome, alerts.score) == (Outcome.NOT_APPLICABLE, None)
    assert alerts.reason == "nothing is served or scheduled"


def test_a_run_with_parameters_metrics_and_a_name_is_level_two(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRACKED})
    tracking = capability(found, "experiment-tracking")
    assert (tracking.score, tracking.at_least) == (2, False)
    assert "train.py:6" in places(found, "experiment-tracking")


@pytest.mark.parametrize("folder", ["tests", "examples", "docs", "vendor/lib"])
def test_a_level_never_rests_on_code_that_is_not_the_projects_own(
    tmp_path: Path, folder: str
) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN, f"{folder}/tracked.py": TRACKED})
    assert capability(found, "experiment-tracking").score == 0


def test_a_declared_tracker_alone_is_no_tracking(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN, "requirements.txt": "mlflow==2.9.0\n"})
    assert capability(found, "experiment-tracking").score == 0


def test_a_finding_lowers_a_score_and_both_values_are_kept(tmp_path: Path) -> None:
    finding = Match("TRK002", Spot("train.py"))
    found = capability(maturity(tmp_path, {"train.py": TRACKED}, finding), "experiment-tracking")
    assert (found.by_signs, found.score, found.capped_by) == (2, 1, ("TRK002",))


def test_levels_do_not_skip(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "MODEL_CARD.md": "# Card\n"}
    assert capability(maturity(tmp_path, files), "documentation").score == 0


def test_a_readme_counts_when_it_says_what_to_run(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "README.md": "# Churn\n\n```bash\npython train.py\n```\n"}
    found = maturity(tmp_path, files)
    assert capability(found, "documentation").score == 1
    assert places(found, "documentation") == ["README.md:4"]


def test_a_readme_of_words_alone_does_not(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "README.md": "# Churn\n\nRun python train.py with MLflow.\n"}
    assert capability(maturity(tmp_path, files), "documentation").score == 0


def test_a_lock_an_interpreter_and_seeds_are_level_two(tmp_path: Path) -> None:
    project = '[project]\nname = "churn"\nversion = "1"\nrequires-python = ">=3.11"\n'
    files = {
        "train.py": TRAIN,
        "pyproject.toml": project + 'dependencies = ["scikit-learn"]\n',
        "uv.lock": 'version = 1\n[[package]]\nname = "scikit-learn"\nversion = "1.5.0"\n'
        'source = { registry = "https://pypi.org/simple" }\n',
    }
    assert capability(maturity(tmp_path, files), "reproducibility").score == 2
    finding = Match("REP003", Spot("train.py"))
    assert capability(maturity(tmp_path, files, finding), "reproducibility").score == 1


def test_deployment_is_asked_only_where_something_is_served(tmp_path: Path) -> None:
    found = capability(maturity(tmp_path, {"train.py": TRAIN}), "automated-deployment")
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert found.reason == "nothing is served or scheduled"


def test_ci_that_deploys_an_image_is_level_two(tmp_path: Path) -> None:
    workflow = (
        "on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: kubectl apply -f k8s/\n"
    )
    files = {
        "train.py": TRAIN,
        "Dockerfile": 'FROM python:3.11-slim\nCMD ["uvicorn", "app:app"]\n',
        ".github/workflows/ship.yml": workflow,
    }
    found = maturity(tmp_path, files)
    assert found.profile == "application"
    assert capability(found, "automated-deployment").score == 2
    assert places(found, "automated-deployment") == ["Dockerfile:2", ".github/workflows/ship.yml:6"]


def test_a_dimension_is_the_mean_of_what_is_settled(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRACKED})
    development = next(d for d in found.dimensions if d.id == "model-development")
    assert development.score == pytest.approx((2 + 0 + 0 + 0) / 12)
    assert (development.level, development.thin) == (0, False)


@pytest.mark.parametrize(
    ("share", "level"),
    [
        ("0", 0), ("19/100", 0), ("1/5", 1), ("4/12", 1), ("39/100", 1), ("2/5", 2),
        ("59/100", 2), ("3/5", 3), ("79/100", 3), ("4/5", 4), ("1", 4),
    ],
)  # fmt: skip
def test_the_lower_bound_belongs_to_a_level(share: str, level: int) -> None:
    assert level_of(Fraction(share)) == level


def test_a_dimension_of_one_capability_is_thin(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"app.py": SERVICE})
    by_id = {one.id: one for one in found.dimensions}
    development = by_id["model-development"]
    assert [one.id for one in development.capabilities if one.score is not None] == [
        "reproducibility"
    ]
    assert development.thin
    assert not by_id["deployment"].thin


def test_the_score_is_the_mean_of_the_dimensions_that_have_one(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"app.py": SERVICE})
    shares = [one.score for one in found.dimensions]
    assert shares[0] is None  # nothing trains, so no data is asked for
    settled = [share for share in shares if share is not None]
    assert found.score == pytest.approx(sum(settled) / len(settled))


def test_a_library_is_not_asked_what_only_applications_do(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n'
        'build-backend = "hatchling.build"\n[project]\nname = "lib"\nversion = "1"\n'
        'classifiers = ["Programming Language :: Python"]\n',
        "src/lib/__init__.py": "def f(): ...\n",
    }
    found = maturity(tmp_path, files)
    assert found.profile == "library"
    for name in ("data-versioning", "experiment-tracking", "automated-deployment"):
        assert capability(found, name).outcome is Outcome.NOT_APPLICABLE
