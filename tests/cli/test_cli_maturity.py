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


ATTEST = """\
[[attest]]
capability = "{}"
level = 2
owner = "ml@corp"
link = "https://wiki/ml"
date = 2026-10-01
expires = 2027-04-01
"""
PROGRAM = """\
import mlflow
from sklearn.linear_model import LogisticRegression


def main() -> None:
    mlflow.set_experiment("churn")
    with mlflow.start_run():
        mlflow.log_param("C", 1.0)
        model = LogisticRegression(C=1.0, random_state=0).fit([[0.0], [1.0]], [0, 1])
        mlflow.log_metric("score", model.score([[0.0]], [0]))
        mlflow.sklearn.log_model(model, name="model")


if __name__ == "__main__":
    main()
"""
NEEDED = {"mlflow": "3.1.0", "pytest": "8.3.3", "scikit-learn": "1.5.0"}
LOCK = "\n".join(
    [
        'version = 1\nrequires-python = ">=3.11"\n',
        *(
            f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
            'source = { registry = "https://pypi.org/simple" }\n'
            for name, version in NEEDED.items()
        ),
        '[[package]]\nname = "churn"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [',
        *(f'    {{ name = "{name}" }},' for name in NEEDED),
        "]\n",
    ]
)
CI = """\
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: pytest
"""


@pytest.fixture
def first_level(folder: Path) -> Path:
    """A repository at level 1, that lacks of level 2 what nobody can see."""
    files = {
        "train.py": PROGRAM,
        "uv.lock": LOCK,
        "rows.csv.dvc": "outs:\n- md5: 1a79a4d60de6718e8e5b326e338ae533\n  path: rows.csv\n",
        ".dvc/config": "[core]\n    remote = s\n['remote \"s\"']\n    url = s3://rows/churn\n",
        "README.md": "# Churn\n\n```bash\npython train.py\n```\n",
        "LICENSE": "MIT License\n",
        ".github/workflows/ci.yml": CI,
        "test_train.py": "import train\n\n\ndef test_train():\n    assert train.main\n",
        "pyproject.toml": '[project]\nname = "churn"\nversion = "1"\n'
        'requires-python = ">=3.11"\ndependencies = ["mlflow", "scikit-learn", "pytest"]\n',
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "First"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    return folder


def test_a_declared_level_counts_only_when_it_may(first_level: Path) -> None:
    names = ("L2a", "model-versioning")
    (first_level / "mlaudit.toml").write_text("\n".join(map(ATTEST.format, names)))
    day = ("--as-of", "2026-11-01", "--min-level", "2", str(first_level))
    seen = ran("--format", "json", *day)
    found = json.loads(seen.stdout)["maturity"]
    assert (found["ladder"]["level"], found["ladder"]["declared"]) == (1, 2)
    requirements = {one["id"]: one for one in found["ladder"]["rungs"][2]["requirements"]}
    assert requirements["L2a"]["outcome"] == "false"
    assert requirements["L2a"]["declared"]["owner"] == "ml@corp"
    assert requirements["L2c"]["declared"]["about"] == "model-versioning"
    assert seen.returncode == 1
    declared = ran("--allow-declared", *day)
    assert declared.returncode == 0
    assert "level 2 with what is declared" in declared.stdout


def test_what_a_checkout_shows_cannot_be_declared(first_level: Path) -> None:
    (first_level / "mlaudit.toml").write_text(ATTEST.format("L2d"))
    shown = ran("--as-of", "2026-11-01", str(first_level)).stdout.replace("\n", " ")
    assert "mlaudit.toml: attest, 1, capability: 'L2d' is what a checkout shows" in shown


def test_the_day_decides_what_counts(first_level: Path) -> None:
    (first_level / "mlaudit.toml").write_text(ATTEST.format("L2a"))
    for day, text in (
        ("2026-09-30", "date: 2026-10-01 lies in the future"),
        ("2027-04-02", "expires: expired on 2027-04-01"),
    ):
        done = ran("--as-of", day, str(first_level))
        assert f"mlaudit.toml: attest, 1, {text}; it is ignored" in done.stdout.replace("\n", " ")
    assert "is ignored" not in ran("--as-of", "2027-04-01", str(first_level)).stdout


def test_a_day_that_is_none_is_a_wrong_call(folder: Path) -> None:
    assert ran("--as-of", "tomorrow", str(folder)).returncode == 2
