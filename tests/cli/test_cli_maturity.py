"""`mlaudit maturity` says the level, shows the evidence, and fails below the level asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from mlaudit.knowledge import knowledge_root

TRAIN = """\
import mlflow
from sklearn.linear_model import LogisticRegression

mlflow.set_experiment("churn")
with mlflow.start_run():
    mlflow.log_param("C", 1.0)
    mlflow.log_metric("score", LogisticRegression().fit([[0.0], [1.0]], [0, 1]).score([[0.0]], [0]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(TRAIN, "utf-8")
    return tmp_path


def ran(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlaudit", "maturity", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_text_has_level_dimensions_evidence_and_steps(folder: Path) -> None:
    done = ran(str(folder))
    assert done.returncode == 0
    assert done.stdout.startswith("MLOps maturity: level 0 of ")
    assert "Model development" in done.stdout
    assert "(train.py:5)" in done.stdout
    assert "To level 1, DevOps, no MLOps:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_json_is_as_its_schema_says(folder: Path) -> None:
    found = json.loads(ran("--format", "json", str(folder)).stdout)
    schema = json.loads((knowledge_root() / "schema" / "report.schema.json").read_text("utf-8"))
    part = {"$defs": schema["$defs"], **schema["properties"]["maturity"]}
    jsonschema.validate(found["maturity"], part)
    assert found["schema"] == "mlaudit-maturity-v1"
    assert len([c for d in found["maturity"]["dimensions"] for c in d["capabilities"]]) == 20


def test_markdown_and_badge(folder: Path) -> None:
    assert (
        "| Model development | Experiment tracking | 2 of 3 |"
        in ran("--format", "markdown", str(folder)).stdout
    )
    badge = ElementTree.fromstring(ran("--format", "svg", str(folder)).stdout)
    assert badge.attrib["aria-label"].startswith("MLOps maturity: level 0 of ")


def test_a_level_may_be_demanded(folder: Path) -> None:
    assert ran("--min-level", "0", str(folder)).returncode == 0
    assert ran("--min-level", "1", str(folder)).returncode == 1


def test_a_part_of_a_repository_has_no_maturity(folder: Path) -> None:
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    done = ran(str(folder / "train.py"))
    assert done.returncode == 2
    assert "name its root folder" in done.stderr
