from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"

UNSEEDED = """from sklearn.model_selection import train_test_split

train, test = train_test_split(list(range(10)))
"""
CONFIG = """
repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: mlaudit
        args: [--select, unseeded-split]
"""


def run(*command: str, cwd: Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
    names |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment = {**clean, **names, "PRE_COMMIT_HOME": str(home or cwd)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_hook_gets_every_kind_of_file() -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text("utf-8"))
    assert hook["id"] == "mlaudit"
    assert hook["language"] == "python"
    assert hook["types"] == ["file"]
    assert hook["require_serial"] is True


@pytest.mark.slow
def test_hook_in_a_real_repository(tmp_path: Path) -> None:
    home, repository = tmp_path / "home", tmp_path / "repository"
    home.mkdir()
    repository.mkdir()
    rev = run("git", "rev-parse", "HEAD", cwd=ROOT).stdout.strip()
    config = CONFIG.format(repo=ROOT.as_uri(), rev=rev)
    (repository / ".pre-commit-config.yaml").write_text(config)
    (repository / "clean.py").write_text("x = 1\n")
    pre_commit = (sys.executable, "-m", "pre_commit")
    assert run(*pre_commit, "validate-manifest", str(HOOKS), cwd=repository).returncode == 0
    run("git", "init", "-q", cwd=repository)
    assert run(*pre_commit, "install", cwd=repository, home=home).returncode == 0

    run("git", "add", ".", cwd=repository)
    done = run("git", "commit", "-m", "clean", cwd=repository, home=home)
    assert done.returncode == 0, done.stdout + done.stderr

    (repository / "train.py").write_text(UNSEEDED)
    run("git", "add", ".", cwd=repository)
    done = run("git", "commit", "-m", "unseeded", cwd=repository, home=home)
    assert done.returncode == 1
    assert "train.py:3:" in done.stdout + done.stderr
    assert "clean.py" not in done.stdout + done.stderr
