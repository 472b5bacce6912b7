"""The matcher of practices: where it asks, and what it takes for an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.options import Options
from mlaudit.project.practices.practices import sights_of
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.apis import ApiFile, Apis
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.loading import load_rules
from mlaudit.rules.matchers import prepare
from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity

APP = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")

@app.get("/")
def root():
    return "hello"

@app.post("/predict")
def predict(row: list[float]):
    return model.predict([row]).tolist()
"""
WATCHED = "import prometheus_client\nprometheus_client.Counter('requests', 'How many')\n"
TRAINS = "from sklearn.svm import SVC\nSVC().fit([[1], [2]], [0, 1])\n"
MEASURED: dict[str, Any] = {"of": "services", "modules": ["prometheus_client"]}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
spec: {template: {spec: {containers: [{image: "team/churn:1.4"}]}}}
"""


def rule(practice: dict[str, Any]) -> Rule:
    dials = (Severity.NOTE, Confidence.MEDIUM, Persona.PEDANTIC)
    contexts = ("src", "scripts", "config")
    return Rule(
        "TST900", "test", "", *dials, "0.1.0", contexts, {"practice": practice}, "", "", "", ()
    )


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    def lay_out(files: dict[str, str], **options: Any) -> Project:
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        repo = open_repo([tmp_path])
        return Project(repo, read_facts(repo, repo.files).facts, Options(**options))

    return lay_out


def missed(project: Project, practice: dict[str, Any]) -> list[str]:
    return sorted(f"{one.spot.path}:{one.spot.span.line}" for one in matches(project, practice))


def matches(project: Project, practice: dict[str, Any]) -> list[Match]:
    return list(prepare(rule(practice), Apis(ApiFile()))(project))


def test_handler_that_asks_the_model_is_named_before_others(project):
    (found,) = matches(project({"app.py": APP}), MEASURED)
    assert (found.spot.span.line, found.values["what"]) == (12, "/predict")


def test_evidence_counts_for_its_own_root_and_those_below_it(project):
    roots = {f"{root}/requirements.txt": "fastapi==0.115.6\n" for root in ("one", "two")}
    apps = {"one/app.py": APP, "two/app.py": APP}
    assert missed(project({**roots, **apps}), MEASURED) == ["one/app.py:12", "two/app.py:12"]
    assert missed(project({"one/metrics.py": WATCHED}), MEASURED) == ["two/app.py:12"]
    assert missed(project({"shared/metrics.py": WATCHED}), MEASURED) == []


def test_evidence_above_counts_below(project):
    files = {"one/requirements.txt": "fastapi==0.115.6\n", "one/app.py": APP, "app.py": APP}
    assert missed(project({**files, "metrics.py": WATCHED}), MEASURED) == []


def test_libraries_and_tests_are_not_asked(project):
    pyproject = (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "served"\nversion = "1.0"\nclassifiers = ["Framework :: FastAPI"]\n'
    )
    library = {"pyproject.toml": pyproject, "src/served/__init__.py": "", "src/served/app.py": APP}
    assert missed(project(library), MEASURED) == []


def test_tests_are_not_asked(project):
    assert missed(project({"tests/app.py": APP}), MEASURED) == []


def test_records_want_more_than_constants(project):
    practice = {**MEASURED, "records": r"log\w*(?:\(\))?\.info$"}
    head = "import logging\n" + APP.replace("    return model", "    {}\n    return model")
    assert missed(project({"app.py": head.format('logging.info("asked")')}), practice)
    assert not missed(project({"app.py": head.format("logging.info(row)")}), practice)


def test_frameworks_that_do_it_by_themselves(project):
    practice = {**MEASURED, "frameworks": ["fastapi"]}
    assert not missed(project({"app.py": APP}), practice)


def test_what_imports_or_declares_something_else_is_apart(project):
    practice = {"of": "models", "modules": ["evidently"], "apart": ["vllm"]}
    assert missed(project({"app.py": APP}), practice)
    assert not missed(project({"requirements.txt": "vllm==0.11.0\n"}), practice)


def test_deployments_below_one_are_told_once(project):
    practice = {"of": "deployments", "any": [{"objects": ["flagger.app/Canary"]}]}
    files = {
        "app.py": APP,
        "deploy/all.yaml": DEPLOYMENT,
        "other/requirements.txt": "fastapi==0.115.6\n",
        "other/more.yaml": DEPLOYMENT,
        "patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 4}\n",
    }
    assert missed(project(files), practice) == ["deploy/all.yaml:2"]


def test_deployment_of_what_serves_no_model_is_not_asked(project):
    practice = {"of": "deployments", "any": [{"objects": ["flagger.app/Canary"]}]}
    assert missed(project({"train.py": TRAINS, "deploy.yaml": DEPLOYMENT}), practice) == []


def test_only_programs_are_trainings(project):
    practice = {"of": "trainings", "signs": ["training-triggered"]}
    assert missed(project({"train.py": TRAINS, "score.py": "print(1)\n"}), practice) == [
        "train.py:1"
    ]


@pytest.mark.parametrize(
    "practice",
    [
        {"of": "nobody", "signs": ["service-measured"]},
        {"of": "services", "sign": ["service-measured"]},
    ],
)
def test_a_practice_that_cannot_be_understood_is_refused(practice):
    with pytest.raises(RulePackError):
        prepare(rule(practice), Apis(ApiFile()))


def test_every_sign_that_a_rule_names_exists(project):
    sights = project({"app.py": APP}).sights
    for one in load_rules().rules:
        for name in one.detect.get("practice", {}).get("signs", ()):
            assert list(sights_of(sights, name)) is not None
