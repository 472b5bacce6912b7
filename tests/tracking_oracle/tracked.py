"""The programs of `fixtures/tracking_oracle`, and what a real MLflow holds after each.

Each folder is a small program as people write them, with a `program.yaml`:

    about: what is special about it, in one sentence
    run: [train.py]                 # scripts with their arguments, or `mlflow ...`, in this order
    not-determined: why mlaudit does not try        # rarely

Nobody writes down what mlaudit should say. A fresh process with a store of its own decides, once
under MLflow 2 and once under MLflow 3; `expected.py` reads it off what the store holds.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "tracking_oracle"
RECORD = Path(__file__).with_name("recorded.json")
STORED = Path(__file__).with_name("stored.py")
WATCHING = Path(__file__).with_name("watching")
DECLARATION = "program.yaml"
MAJORS = ("2", "3")
AT_ONCE = 2
SECONDS = 300
URI = "MLFLOW_TRACKING_URI"
ALREADY_ACTIVE = "is already active"

Seen = dict[str, Any]
"""What the store held and what was watched: `runs`, `events`, `error`, `in-git`."""


class Program(NamedTuple):
    name: str
    folder: Path
    about: str
    run: tuple[str, ...]
    not_determined: str


@cache
def programs() -> dict[str, Program]:
    """All programs by name."""
    files = sorted(FIXTURES.glob(f"*/{DECLARATION}"))
    return {file.parent.name: _read(file) for file in files}


def _read(file: Path) -> Program:
    data: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return Program(
        name=file.parent.name,
        folder=file.parent,
        about=data.pop("about"),
        run=tuple(data.pop("run", ["train.py"])),
        not_determined=data.pop("not-determined", ""),
        **data,
    )


def copy(program: Program, place: Path) -> Path:
    """The program alone, as its own git repository holds it."""
    ignored = shutil.ignore_patterns(DECLARATION, "__pycache__")
    folder = Path(shutil.copytree(program.folder, place / program.name, ignore=ignored))
    for command in ("init -q", "add -A", "commit -q -m start"):
        _git(folder, command)
    return folder


def _git(folder: Path, command: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *command.split()],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout.strip()


def watch(several: Iterable[Program], python: str, place: Path) -> dict[str, Seen | str]:
    """Runs each program in a fresh process, then asks the stores. A text says why one failed."""
    _empty_store(python, place)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = dict(pool.map(lambda one: (one.name, _try(one, python, place)), several))
    done = [name for name, error in tried.items() if error in ("", ALREADY_ACTIVE)]
    stores = [_environment(place, python, name)[URI] for name in done]
    asked = _run([python, str(STORED), *stores], place, _environment(place, python, "empty"))
    if asked.returncode:
        raise RuntimeError(asked.stderr)
    held = dict(zip(done, json.loads(asked.stdout.splitlines()[-1]), strict=True))
    return {
        name: _seen(place / name, place / f"{name}.log", held[name], error)
        if name in held
        else error
        for name, error in tried.items()
    }


def _try(program: Program, python: str, place: Path) -> str:
    """Runs the program. How it failed; ALREADY_ACTIVE is what some are meant to do."""
    folder = copy(program, place)
    shutil.copy(place / "empty.db", place / f"{program.name}.db")
    environment = {**_environment(place, python, program.name), "PYTHONPATH": str(WATCHING)}
    error = ""
    for command in program.run:
        done = _run(_argv(python, command), folder, environment)
        if done.returncode:
            error = error or (ALREADY_ACTIVE if ALREADY_ACTIVE in done.stderr else done.stderr)
    return error


def _seen(folder: Path, log: Path, held: Seen, error: str) -> Seen:
    head = _git(folder, "rev-parse HEAD")
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return {
        "runs": [_without_hash(run, head) for run in held["runs"]],
        "events": [_shared(json.loads(line), held["ids"], folder) for line in lines],
        "error": error,
        "in-git": _git(folder, "ls-files").splitlines(),
    }


def _without_hash(run: Seen, head: str) -> Seen:
    """The run, in which values of tags give way to whether they name the commit that was run."""
    tags = {key: bool(value) and head.startswith(value) for key, value in run["tags"].items()}
    return {**run, "commit": run["commit"] == head, "tags": sorted(tags), "commits": tags}


def _argv(python: str, command: str) -> list[str]:
    script, *arguments = shlex.split(command)
    return [python, *(["-m", script] if script == "mlflow" else [script]), *arguments]


def _run(argv: list[str], folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=SECONDS
    )


def _shared(event: Seen, numbers: dict[str, int], folder: Path) -> Seen:
    """The event without what differs from one time to the next."""
    if event.get("run"):
        event["run"] = numbers[event["run"]]
    if "path" in event:
        event["path"] = os.path.relpath(event["path"], folder.resolve())
    return event


def _environment(place: Path, python: str, name: str) -> dict[str, str]:
    """A store of the program's own."""
    return {
        "PATH": f"{Path(python).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(place),
        "OMP_NUM_THREADS": "1",
        "WATCHED": str(place / f"{name}.log"),
        URI: f"sqlite:///{place / name}.db",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
    }


def _empty_store(python: str, place: Path) -> None:
    """Makes the store that those of the programs are copies of: laying out tables takes long."""
    environment = _environment(place, python, "empty")
    done = _run([python, str(STORED), environment[URI]], place, environment)
    if done.returncode:
        raise RuntimeError(done.stderr)


def requirements(major: str) -> Path:
    """The frozen libraries of one major version."""
    return FIXTURES / f"mlflow{major}.txt"


def interpreters() -> dict[str, str]:
    """The Pythons that have MLflow, by its major version: MLFLOW2_PYTHON, `.venv-mlflow2` ..."""
    found = {}
    for major in MAJORS:
        usual = ROOT / f".venv-mlflow{major}" / "bin" / "python"
        python = os.environ.get(f"MLFLOW{major}_PYTHON") or (str(usual) if usual.exists() else "")
        if python:
            found[major] = python
    return found


def recorded() -> dict[str, dict[str, Seen]]:
    """What was seen of each program under each major version of MLflow, as it was last tried."""
    data: dict[str, dict[str, dict[str, Seen]]] = json.loads(RECORD.read_text("utf-8"))
    return data["seen"]
