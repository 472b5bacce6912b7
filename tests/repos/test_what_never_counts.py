"""A level never rests on words, a lone requirement, a test, an example or vendored code.

The repository of the highest level is put where nothing counts, beside a README that praises it.
"""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from repository_fixtures import lay_out

from mlaudit.audit import audit
from mlaudit.config import load_settings
from mlaudit.maturity.model import Maturity

HIGHEST = "platform"
ASIDE = ("tests", "docs", "examples", "vendor", "third_party/platform")
README = """\
# Churn

Tracked with MLflow, versioned with DVC, validated with Pandera and Great Expectations, served by
KServe with canaries, watched by Evidently and Prometheus, retrained by Airflow on every drift.
Rollback: `kubectl rollout undo`. A/B tests with Argo Rollouts. Approved by the model board.
"""
REQUIREMENTS = """\
apache-airflow==2.10.4
bentoml==1.3.20
evidently==0.5.1
feast==0.42.0
great-expectations==1.3.1
mlflow==2.20.0
optuna==4.2.0
pandera==0.22.1
prometheus-client==0.21.1
scikit-learn==1.6.1
wandb==0.19.6
"""
CODE = "def double(x: float) -> float:\n    return 2 * x\n"
BY_PAPERS = frozenset({"documentation", "compliance", "audit-trail", "reproducibility"})
"""What a README, a licence, a log of changes and pins are asked for themselves."""


def committed(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git = ("git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@x.io")
    for arguments in (["init", "-q"], ["add", "-f", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *arguments], check=True)
    return root


def judged(root: Path) -> Maturity:
    found = audit([root], load_settings([root]), date(2026, 1, 1)).maturity
    assert found is not None
    return found


def above_nothing(found: Maturity) -> dict[str, int]:
    return {
        one.id: one.score
        for dimension in found.dimensions
        for one in dimension.capabilities
        if one.score and one.id not in BY_PAPERS
    }


def test_where_it_stands_it_is_the_highest(tmp_path: Path) -> None:
    found = judged(lay_out(HIGHEST, tmp_path / HIGHEST))
    assert found.ladder.level == 4
    assert len(above_nothing(found)) >= 12


@pytest.mark.parametrize("place", ASIDE)
def test_nothing_of_it_counts_aside(place: str, tmp_path: Path) -> None:
    source = lay_out(HIGHEST, tmp_path / HIGHEST)
    files = {
        f"{place}/{file.relative_to(source)}": file.read_text("utf-8")
        for file in source.rglob("*")
        if file.is_file() and ".git" not in file.relative_to(source).parts
    }
    found = judged(committed(tmp_path / "aside", {**files, "churn.py": CODE, "README.md": README}))
    assert found.ladder.level == 0
    assert above_nothing(found) == {}


def test_words_and_requirements_carry_no_level(tmp_path: Path) -> None:
    files = {"README.md": README, "requirements.txt": REQUIREMENTS, "churn.py": CODE}
    found = judged(committed(tmp_path / "words", files))
    assert found.ladder.level == 0
    assert above_nothing(found) == {}
