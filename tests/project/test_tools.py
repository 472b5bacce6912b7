"""Every tool of the catalogue is seen in its own examples, and nowhere that does not count."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions

import pytest
from packaging.utils import canonicalize_name

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.catalogue import capabilities
from mlaudit.project.practices.catalogue import Strength, catalogue
from mlaudit.project.practices.tools import tool_signs
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo

TOOLS = catalogue()
EXAMPLES = [
    (tool.id, number, example)
    for tool in TOOLS.values()
    for number, example in enumerate(tool.examples)
]
NAMED = """
MLflow|MLflow Model Registry|DVC|Weights & Biases|Neptune|Comet|TensorBoard|ModelDB|Feast|Tecton
Hopsworks|Vertex Feature Store|AWS Feature Store|Databricks features|Airflow|Prefect|Dagster
Metaflow|Kubeflow|Kubeflow Pipelines|Vertex Pipelines|SageMaker Pipelines|TensorFlow Serving
TorchServe|BentoML|Seldon Core|KServe|Triton Inference Server|FastAPI|pydantic
SageMaker Endpoints|Vertex Endpoints|Evidently|NannyML|WhyLabs|Arize|Fiddler|Prometheus|Grafana
Datadog|New Relic|Great Expectations|Git|Git LFS|Pachyderm|lakeFS|Delta Lake|Databricks|SageMaker
Vertex AI|Azure ML|Docker|Kubernetes|gcr.io|Terraform|GitHub Actions|Trivy|pytest|pre-commit|uv
Poetry|pip|Hatch|Jupyter|pandas|NumPy|scikit-learn|PyTorch|joblib|SQLite|ClearML|Aim|Trackio
Sacred|Pandera|Soda|Deepchecks|TensorFlow Data Validation|ZenML|Flyte|Kedro|Argo Workflows|Ray
Optuna|Ray Tune|Hyperopt|KerasTuner|Hydra|vLLM|Ray Serve|Argo Rollouts|Flagger|Argo CD|Flux
Istio|Gateway API|OpenTelemetry|Alibi Detect|OpenLineage|DataHub|CML|Fairlearn|model-signing
"""


def signs(tmp_path, files):
    for name, text in files.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    repo = open_repo([tmp_path])
    return tool_signs(Project(repo, read_facts(repo, repo.files).facts))


@pytest.mark.parametrize("name", re.split(r"[|\n]", NAMED.strip()))
def test_tool_is_known(name):
    assert name in {tool.name for tool in TOOLS.values()}


def test_every_tool_has_an_example():
    assert not [tool.id for tool in TOOLS.values() if not tool.examples]


@pytest.mark.parametrize(("tool", "number", "example"), EXAMPLES)
def test_tool_shows_itself(tmp_path, tool, number, example):
    strengths = {sign.strength for sign in signs(tmp_path, example.files) if sign.tool == tool}
    assert max(strengths, key=lambda one: one.rank) is example.shows


@pytest.mark.parametrize(("tool", "number", "example"), EXAMPLES)
@pytest.mark.parametrize("folder", ["tests", "docs", "examples", "vendor"])
def test_nothing_counts_among_tests_docs_examples_and_vendored(
    tmp_path, tool, number, example, folder
):
    moved = {f"{folder}/{name}": text for name, text in example.files.items()}
    assert not [sign for sign in signs(tmp_path, moved) if sign.tool == tool]


def test_words_of_a_readme_show_nothing(tmp_path):
    text = "# Churn\n\nWe use MLflow, DVC and Airflow.\n\n```\nmlflow server\ndvc pull\n```\n"
    assert signs(tmp_path, {"README.md": text}) == ()


@pytest.mark.parametrize(
    ("command", "seen"),
    [
        ("tensorboard --logdir runs", True),
        ("cd app && FOO=1 tensorboard", True),
        ("uv run tensorboard", True),
        ("python -m tensorboard", True),
        ("if x; then ./bin/tensorboard; fi", True),
        ("pip install torch tensorboard", False),
        ("echo tensorboard-plugin", False),
        ("apt-get install -y tensorboard", False),
    ],
)
def test_commands_count_where_one_begins(tmp_path, command, seen):
    found = signs(tmp_path, {"run.sh": f"{command}\n"})
    assert ("tensorboard" in {sign.tool for sign in found}) is seen


def test_declared_imported_and_called_are_told_apart(tmp_path):
    declared = {"requirements.txt": "wandb==0.19\n"}
    assert [one.strength for one in signs(tmp_path, declared) if one.tool == "wandb"] == [
        Strength.DECLARED
    ]
    imported = {"train.py": "import wandb\n"}
    found = [one.strength for one in signs(tmp_path, imported) if one.tool == "wandb"]
    assert found == [Strength.DECLARED, Strength.IMPORTED]


def test_templates_and_own_modules_of_the_same_name_show_nothing(tmp_path):
    files = {
        "chart/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nname: {{ .Values.x }}\n",
        "aim.py": "def Run(): ...\n",
        "train.py": "import aim\naim.Run()\n",
    }
    assert not [sign for sign in signs(tmp_path, files) if sign.tool in ("kubernetes", "aim")]


def test_capabilities_that_tools_give_exist():
    known = {model.id for model in capabilities()} | {"pipeline", "ci"}
    given = {name for tool in TOOLS.values() for name in tool.gives}
    assert given <= known
    assert all(1 <= level <= 3 for tool in TOOLS.values() for level in tool.gives.values())


def test_distributions_that_are_installed_bring_the_modules():
    """The names are checked against whatever real packages are at hand."""
    brought = packages_distributions()
    checked = 0
    for tool in TOOLS.values():
        for module in tool.imports:
            real = {canonicalize_name(one) for one in brought.get(module.partition(".")[0], ())}
            if real and tool.distributions and "." not in module:
                assert real & set(tool.distributions), tool.id
                checked += 1
    assert checked


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", "FROM python:3.12\nRUN pip list\nCMD mlflow server\n"),
        ("Dockerfile", 'FROM python:3.12\nRUN pip list\nCMD ["mlflow", "server"]\n'),
        ("run.sh", "pip list\n\nmlflow server\n"),
    ],
)
def test_command_counts_once(tmp_path, path, text):
    found = [sign for sign in signs(tmp_path, {path: text}) if sign.tool == "mlflow"]
    assert [(sign.line, sign.says) for sign in found] == [(3, "'mlflow server' is run")]
