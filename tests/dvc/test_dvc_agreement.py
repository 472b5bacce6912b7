"""mlaudit says of each state of a DVC repository what `dvc status` says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dvc_record import RECORD
from dvc_states import STATES

from mlaudit.facts.reading import read_facts
from mlaudit.project.dvc.changes import Change, Status, Unknown
from mlaudit.project.dvc.ignoring import IgnoreFiles, ignore_lines
from mlaudit.project.dvc.status import StatusOf
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo

DATA = json.loads(RECORD.read_text("utf-8"))
RECORDED: dict[str, Any] = DATA["states"]

Said = set[tuple[str, str, str]]
"""Stage, what of it (`changed deps` ...), and its name."""


def lay_out(state: dict[str, Any], root: Path) -> Project:
    """The working tree as it was, and the index of git."""
    for path, text in state["files"].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    tracked = [path for path in state["files"] if path not in state["untracked"]]
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "-f", "--", *tracked], cwd=root, check=True)
    repo = open_repo([root])
    return Project(repo, read_facts(repo, repo.files).facts)


def said_by_dvc(status: dict[str, Any]) -> Said:
    found: Said = set()
    for stage, entries in status.items():
        for entry in entries:
            if isinstance(entry, str):
                found.add((stage, entry, ""))
                continue
            for what, names in entry.items():
                found |= {(stage, what, name) for name in _flat(names)}
    return found


def _flat(names: dict[str, Any]) -> Iterator[str]:
    """Of parameters, the keys; of a file of parameters that is new or gone, its path."""
    for name, how in names.items():
        yield from how if isinstance(how, dict) else [name]


def said_by_mlaudit(project: Project) -> tuple[Said, Said, dict[str, str]]:
    """What changed, what is not known, and the stages of which neither is asked."""
    changed: Said = set()
    unknown: Said = set()
    settled = {}
    for status in statuses(project):
        stage = named(status)
        if status.settled:
            settled[stage] = status.settled
        for one in status.changes:
            what, how = WORDS[one.what]
            changed.add((stage, what, at(one) if how else ""))
        for one in status.unknown:
            what, _ = WORDS[one.what]
            unknown.add((stage, what, at(one)))
    return changed, unknown, settled


WORDS = {
    "stage": ("unrecorded", False),
    "command": ("changed command", False),
    "dependency": ("changed deps", True),
    "parameter": ("changed deps", True),
    "output": ("changed outs", True),
}


def statuses(project: Project) -> Iterator[Status]:
    git = IgnoreFiles(ignore_lines(project.facts, ".gitignore"), ".gitignore")
    for root in project.dvc:
        of = StatusOf(project, root, git)
        for file in root.pipelines:
            yield from of.pipeline(file)
        yield from of.pointers()


def named(status: Status) -> str:
    """As DVC names it from the root."""
    if not status.name:
        return status.path
    return status.name if status.path == "dvc.yaml" else f"{status.path}:{status.name}"


def at(one: Change | Unknown) -> str:
    """A path from the root, or the key of a parameter."""
    if one.what == "parameter" and not one.path.endswith(one.name):
        return one.name
    return one.path or one.name


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_agrees_with_dvc(name: str, tmp_path: Path) -> None:
    state = RECORDED[name]
    dvc = said_by_dvc(state["status"])
    changed, unknown, settled = said_by_mlaudit(lay_out(state, tmp_path))
    unrecorded = {stage for stage, what, _ in changed if what == "unrecorded"}

    def explained(stage: str, what: str, of: str) -> bool:
        return stage in unrecorded or stage in settled

    changed = {one for one in changed if one[1] != "unrecorded"}
    assert unrecorded <= {stage for stage, _, _ in dvc}
    assert changed <= dvc, "more than DVC says"
    left = {one for one in dvc - changed if not explained(*one)}
    assert left <= unknown, "less than DVC says"
    if state["determined"]:
        assert not left


def test_states_are_many_and_of_every_kind() -> None:
    assert set(RECORDED) == set(STATES)
    determined = [state for state in RECORDED.values() if state["determined"]]
    fresh = [state for state in determined if not state["status"]]
    assert len(fresh) >= 10
    assert len(determined) - len(fresh) >= 25
    assert all(RECORDED[name]["determined"] == STATES[name].determined for name in STATES)


def test_record_was_made_with_the_frozen_dvc() -> None:
    pins = Path(__file__).with_name("requirements.txt").read_text("utf-8")
    assert re.findall(r"^dvc==(\S+)$", pins, re.MULTILINE) == [DATA["dvc"]]


@pytest.mark.slow
def test_record_is_what_dvc_says(tmp_path: Path) -> None:
    usual = Path(__file__).parents[2] / ".venv-dvc" / "bin" / "python"
    python = os.environ.get("DVC_PYTHON") or str(usual)
    if not Path(python).exists():
        pytest.skip("no .venv-dvc: `make .venv-dvc/ready` installs DVC into it")
    again = tmp_path / "again.json"
    script = Path(__file__).with_name("dvc_record.py")
    done = subprocess.run(
        [python, str(script), "--to", str(again)],
        capture_output=True, text=True, check=False, env={**os.environ, "DVC_NO_ANALYTICS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(again.read_text("utf-8")) == DATA
