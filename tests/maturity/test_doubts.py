"""What may be there and cannot be settled leaves a range, and grants nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.doubts import doubts
from mlaudit.maturity.model import Capability, Maturity
from mlaudit.maturity.view import View
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo

SERVICE = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")


@app.post("/predict")
def predict(rows: list[list[float]]) -> list[float]:
    return list(model.predict(rows))
"""
TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  template:
    spec:
      containers:
        - name: api
          {{- if .Values.probe }}
          readinessProbe: {httpGet: {path: /health}}
          {{- end }}
"""
READY = "a new version takes over only when it is ready"


def project(root: Path, files: dict[str, str]) -> Project:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    return Project(repo, read_facts(repo, repo.files).facts)


def doubted(root: Path, sign: str, files: dict[str, str]) -> list[str]:
    return list(doubts(View(project(root, files)), sign))


def capability(found: Maturity, name: str) -> Capability:
    return next(c for d in found.dimensions for c in d.capabilities if c.id == name)


def test_a_template_may_hold_what_its_text_names(tmp_path: Path) -> None:
    files = {"charts/api/templates/deployment.yaml": TEMPLATE}
    found = doubted(tmp_path, "rolling-update-with-probe", files)
    assert found == [f"{READY}: `charts/api/templates/deployment.yaml` is a template"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("charts/api/templates/service.yaml", "kind: Service\nname: {{ .Values.name }}\n"),
        (
            "charts/api/templates/deployment.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nname: {{ .Values.name }}\n",
        ),
        ("tests/templates/deployment.yaml", TEMPLATE),
        ("charts/api/templates/notes.txt", TEMPLATE),
    ],
)
def test_a_template_that_does_not_speak_of_it_says_nothing(
    tmp_path: Path, path: str, text: str
) -> None:
    assert doubted(tmp_path, "rolling-update-with-probe", {path: text}) == []


@pytest.mark.parametrize(
    ("path", "text", "chart"),
    [
        ("deploy.sh", "helm upgrade --install api oci://ghcr.io/x/api\n", "oci://ghcr.io/x/api"),
        ("deploy.sh", "helm install api api --repo https://x.org/c\n", "https://x.org/c"),
        (
            "charts/api/Chart.yaml",
            "name: api\ndependencies:\n  - name: model\n    repository: https://x.org/c\n",
            "https://x.org/c",
        ),
    ],
)
def test_a_chart_from_elsewhere_may_hold_any_object(
    tmp_path: Path, path: str, text: str, chart: str
) -> None:
    found = doubted(tmp_path, "rolling-update-with-probe", {path: text})
    assert found == [f"{READY}: `{path}` takes a chart from {chart}"]


def test_a_local_chart_is_read(tmp_path: Path) -> None:
    files = {"deploy.sh": "helm upgrade --install api charts/api\n"}
    assert doubted(tmp_path, "rolling-update-with-probe", files) == []


def test_a_program_that_cannot_be_parsed_may_call_what_its_text_names(tmp_path: Path) -> None:
    broken = "import mlflow\nmlflow.register_model(\n"
    (found,) = doubted(tmp_path, "model-registered", {"train.py": broken})
    assert found.endswith("`train.py` cannot be read")
    assert doubted(tmp_path, "drift-called", {"train.py": broken}) == []


def test_a_workflow_that_cannot_be_parsed_may_run_what_its_text_names(tmp_path: Path) -> None:
    path = ".github/workflows/ci.yml"
    broken = "on: push\njobs: {test: [\n  - run: pytest\n"
    (found,) = doubted(tmp_path, "tests-in-ci", {path: broken})
    assert found == f"CI runs the tests: `{path}` cannot be read"
    assert doubted(tmp_path, "tests-in-ci", {path: broken.replace("pytest", "ruff")}) == []
    (tmp_path / path).unlink()
    assert doubted(tmp_path, "tests-in-ci", {"deploy/ci.yml": broken}) == []


def test_settings_of_the_host_are_never_seen(tmp_path: Path) -> None:
    found = doubted(tmp_path, "approver-recorded", {"a.py": ""})
    assert found == ["who approved is recorded: required reviewers are a setting of the host"]


def test_a_shallow_clone_lacks_the_history(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "init", "-q", str(origin)], check=True)
    for message in ("First", "Second"):
        commit = [*git, "commit", "-q", "--allow-empty", "-m", message]
        subprocess.run(commit, cwd=origin, check=True)
    subprocess.run(["git", "clone", "-q", "--depth", "1", origin.as_uri(), str(clone)], check=True)
    assert doubted(clone, "changes-recorded", {"a.py": ""}) == [
        "the history of changes: this is a shallow clone"
    ]
    assert doubted(origin, "changes-recorded", {"a.py": ""}) == []


def test_a_doubt_leaves_a_range_and_grants_nothing(tmp_path: Path) -> None:
    path = "charts/api/templates/deployment.yaml"
    whole = project(tmp_path, {"app.py": SERVICE, path: TEMPLATE})
    found = assess(whole, [])
    rollback = capability(found, "rollback")
    assert (rollback.score, rollback.possible, rollback.at_least) == (0, 1, True)
    assert rollback.unsettled == (f"{READY}: `{path}` is a template",)
    asked = next(r for rung in found.ladder.rungs for r in rung.requirements if r.id == "L3f")
    assert asked.outcome.value == "not available"
    assert asked.reason == rollback.unsettled[0]


def test_what_is_seen_leaves_no_doubt(tmp_path: Path) -> None:
    plain = TEMPLATE.replace("{{ .Release.Name }}", "api")
    plain = "\n".join(line for line in plain.split("\n") if "{{" not in line)
    files = {
        "app.py": SERVICE,
        "k8s/api.yaml": plain,
        "charts/api/templates/deployment.yaml": TEMPLATE,
    }
    rollback = capability(assess(project(tmp_path, files), []), "rollback")
    assert (rollback.score, rollback.unsettled) == (1, ())
