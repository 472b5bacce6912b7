"""A sign is told by what a file says, and not by what looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.signing import sign as sign_of
from mlaudit.maturity.view import View
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo

APP = """\
import fastapi
import joblib

app = fastapi.FastAPI()
model = joblib.load("model.joblib")


@app.post("/predict")
def predict(rows: list):
    return model.predict(rows)
"""
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\n"
ENDPOINT = "Resources:\n  Endpoint:\n    Type: AWS::SageMaker::Endpoint\n"
MADE = """\
import boto3

client = boto3.client("sagemaker")
client.create_endpoint(EndpointName="churn", EndpointConfigName="churn-1")
"""
AZURE = """\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
"""


def seen(root: Path, sign: str, files: dict[str, str]) -> list[str]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    project = Project(repo, read_facts(repo, repo.files).facts)
    return [f"{one.path}:{one.line}" for one in sign_of(sign)(View(project))]


@pytest.mark.parametrize(
    ("files", "places"),
    [
        ({"k8s/api.yaml": DEPLOYMENT, "app.py": APP}, ["k8s/api.yaml:2"]),
        ({"k8s/api.yaml": DEPLOYMENT, "app.py": "import fastapi\n"}, []),
        ({"k8s/minio.yaml": DEPLOYMENT, "train.py": "import torch\n"}, []),
        ({"k8s/load.yaml": DEPLOYMENT, "tests/test_app.py": APP}, []),
        (
            {
                "app/requirements.txt": "fastapi\n",
                "app/app.py": APP,
                "load/requirements.txt": "locust\n",
                "load/k8s.yaml": DEPLOYMENT,
            },
            [],
        ),
        ({"deploy.py": MADE}, ["deploy.py:4"]),
        ({"stack.yaml": ENDPOINT}, ["stack.yaml:3"]),
        ({"deploy/online.yml": AZURE}, ["deploy/online.yml:1"]),
        ({"Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "app:app"]\n'}, ["Dockerfile:2"]),
        ({"Dockerfile": 'FROM python:3.12\nCMD ["python", "train.py"]\n'}, []),
    ],
)
def test_something_serves(tmp_path: Path, files: dict[str, str], places: list[str]) -> None:
    assert seen(tmp_path, "serving-unit", files) == places


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("wandb.Artifact('raw', type='dataset')", 1),
        ("wandb.Artifact('net', type='model')", 0),
        ("wandb.Artifact('net', 'model')", 0),
        ("wandb.init().use_artifact('raw:v3')", 1),
        ("mlflow.log_input(mlflow.data.from_pandas(frame))", 0),
    ],
)
def test_data_has_a_version(tmp_path: Path, call: str, count: int) -> None:
    files = {"train.py": f"import mlflow\nimport wandb\n\n{call}\n"}
    assert len(seen(tmp_path, "dataset-artifact", files)) == count


def test_pipeline_of_pachyderm(tmp_path: Path) -> None:
    spec = '{"pipeline": {"name": "model"},\n "input": {"pfs": {"glob": "/",\n "repo": "data"}}}\n'
    files = {"model.json": spec, "other.json": '{"repo": "data"}'}
    assert seen(tmp_path, "pachyderm-input", files) == ["model.json:3"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Train with `python train.py`.\n", ["README.md:1"]),
        ("# A\n\n```bash\nmake train\n```\n", ["README.md:4"]),
        ("# A\n\n    $ dvc repro\n", ["README.md:3"]),
        ("Needs `python`, `make` and `python 3`-like tools; see `model.fit`.\n", []),
        ("```python\npython = `make train`\n```\n", []),
        ("The function `python_version` gives `3.12`.\n", []),
    ],
)
def test_readme_says_how_to_run(tmp_path: Path, text: str, places: list[str]) -> None:
    assert seen(tmp_path, "readme-with-run-steps", {"README.md": text}) == places


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("pytest", 1),
        ("uv run pytest -q", 1),
        ("pip install . && python -m pytest", 1),
        ("make lint test", 1),
        ("pip install . pytest", 0),
        ("uv pip install pytest", 0),
        ("echo done", 0),
    ],
)
def test_ci_runs_the_tests(tmp_path: Path, command: str, count: int) -> None:
    text = f"on: push\njobs:\n  a:\n    steps:\n      - run: {command}\n"
    assert len(seen(tmp_path, "tests-in-ci", {".github/workflows/a.yml": text})) == count


@pytest.mark.parametrize(
    ("on", "count"),
    [
        ("on: push", 1),
        ("on: [pull_request]", 1),
        ("on:\n  push:\n    branches: [main]", 1),
        ("on: workflow_call", 1),
        ("on: workflow_dispatch", 0),
        ("on:\n  schedule:\n    - cron: '0 3 * * *'", 0),
    ],
)
def test_tests_run_on_every_change(tmp_path: Path, on: str, count: int) -> None:
    workflow = f"{on}\njobs:\n  test:\n    runs-on: x\n    steps:\n      - run: pytest\n"
    assert len(seen(tmp_path, "tests-in-ci", {".github/workflows/ci.yml": workflow})) == count


def test_other_services_start_on_a_push(tmp_path: Path) -> None:
    files = {".gitlab-ci.yml": "test:\n  script:\n    - pytest\n"}
    assert seen(tmp_path, "tests-in-ci", files) == [".gitlab-ci.yml:3"]
