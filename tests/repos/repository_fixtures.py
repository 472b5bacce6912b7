"""Lays out the repositories of `fixtures/repos`.

A repository is a folder, a YAML script beside it, or both. Without a script the folder is one
commit. A script lists `commits`, oldest first, and what lies `uncommitted` in the work tree; each
step may take in the `folder`, `write` texts, make `blobs` (size and format) and `remove` paths.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mlaudit.rules.example_blobs import lay_out_blobs

REPOS = Path(__file__).parents[2] / "fixtures/repos"
NAMES = sorted({path.stem for path in REPOS.iterdir() if path.is_dir() or path.suffix == ".yaml"})
WHOLE_FOLDER = {"commits": [{"message": "First", "folder": True}]}


def lay_out(name: str, target: Path) -> Path:
    """A repository of real git in the folder `target`, which is made."""
    target.mkdir()
    _git(target, "init", "-q", "-b", "main")
    script = REPOS / f"{name}.yaml"
    steps = yaml.safe_load(script.read_text("utf-8")) if script.exists() else WHOLE_FOLDER
    for step in steps["commits"]:
        _take(name, target, step)
        _git(target, "add", "-A", "-f")
        _git(target, "commit", "-q", "-m", step["message"])
    _take(name, target, steps.get("uncommitted", {}))
    return target


def _take(name: str, target: Path, step: Mapping[str, Any]) -> None:
    if step.get("folder"):
        shutil.copytree(REPOS / name, target, dirs_exist_ok=True)
    for path, text in step.get("write", {}).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8")
    lay_out_blobs(target, step.get("blobs", {}))
    for path in step.get("remove", ()):
        (target / path).unlink()


def _git(folder: Path, *arguments: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    }
    names = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    subprocess.run(["git", *names, *arguments], cwd=folder, env=environment, check=True)
