"""The outputs in README.md are real. `UPDATE=1 pytest tests/test_readme.py` writes them anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- output of: mlaudit(.*?) -->\n```text\n)(.*?)(```\n)", re.DOTALL)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = shutil.copytree(ROOT / "fixtures/repos/readme", tmp_path / "churn")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Train the model"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    return folder


def output(command: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mlaudit", *command.split()],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode in (0, 1), done.stderr
    return f"$ mlaudit{command}\n{done.stdout}"


def test_outputs_are_real(repository: Path) -> None:
    text = README.read_text("utf-8")
    true = BLOCK.sub(lambda block: block[1] + output(block[2], repository) + block[4], text)
    assert len(BLOCK.findall(text)) == 2
    if os.environ.get("UPDATE"):
        README.write_text(true, encoding="utf-8")
    assert README.read_text("utf-8") == true


def test_links_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        links = re.findall(r"\]\((?!https:)([^)#]+)", (ROOT / name).read_text("utf-8"))
        assert links
        assert [link for link in links if not (ROOT / link).exists()] == []
