"""The `run:` steps of action.yml, executed with bash as a runner would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, AUDIT = STEPS

UNSEEDED = """from sklearn.model_selection import train_test_split

train, test = train_test_split(list(range(10)))
"""


class Runner:
    """The files and variables that a step meets."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.temp = folder / "temp"
        for path in (self.workspace, self.temp):
            path.mkdir()
        self.output = folder / "output"
        self.summary = folder / "summary"
        self.output.touch()
        self.summary.touch()

    def run(self, step: dict[str, Any], **inputs: str) -> subprocess.CompletedProcess[str]:
        given = {name: value.get("default", "") for name, value in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        values = {f"inputs.{name}": value for name, value in given.items()}
        values["github.action_path"] = str(ROOT)
        environment = {
            **os.environ,
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temp),
        }
        for name, text in step.get("env", {}).items():
            environment[name] = re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text)
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """As after the first step: mlaudit stands where that step installs it."""
    made = Runner(tmp_path)
    bin_ = made.temp / "mlaudit" / "bin"
    bin_.mkdir(parents=True)
    for name, start in (("python", ""), ("mlaudit", "-m mlaudit")):
        (bin_ / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {start} "$@"\n')
        (bin_ / name).chmod(0o755)
    (made.workspace / "train.py").write_text(UNSEEDED)
    return made


def test_no_input_is_ever_part_of_a_script() -> None:
    assert all(step["shell"] == "bash" and "${{" not in step["run"] for step in STEPS)


def test_every_input_and_output_is_described_and_used() -> None:
    passed = " ".join(AUDIT["env"].values())
    assert all(f"inputs.{name} " in passed for name in ACTION["inputs"])
    fields = (*ACTION["inputs"].values(), *ACTION["outputs"].values())
    assert all(field["description"] for field in fields)


def test_findings_fail_the_step_and_reach_every_reader(runner: Runner) -> None:
    done = runner.run(AUDIT)
    assert done.returncode == 1, done.stderr
    sarif = runner.workspace / "mlaudit.sarif"
    (run,) = json.loads(sarif.read_text("utf-8"))["runs"]
    assert runner.outputs() == {
        "sarif-file": "mlaudit.sarif",
        "findings": str(len(run["results"])),
    }
    assert run["results"]
    assert "train.py" in runner.summary.read_text("utf-8")
    assert re.search(r"^::(error|warning) .*file=train\.py", done.stdout, re.MULTILINE)


def test_inputs_arrive(runner: Runner) -> None:
    (runner.workspace / "a folder").mkdir()
    (runner.workspace / "a folder/clean.py").touch()
    done = runner.run(
        AUDIT,
        paths="a folder\n\n",
        sarif_file="my report.sarif",
        annotations="false",
        persona="auditor",
        fail_on="never",
    )
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    assert "::" not in done.stdout
    assert runner.outputs()["sarif-file"] == "my report.sarif"
    assert (runner.workspace / "my report.sarif").exists()
    assert "train.py" not in runner.summary.read_text("utf-8")


def test_fail_on_never(runner: Runner) -> None:
    assert runner.run(AUDIT, fail_on="never").returncode == 0
    assert runner.outputs()["findings"] != "0"


@pytest.mark.parametrize("name", ["paths", "fail_on", "persona", "sarif_file", "annotations"])
def test_no_input_can_run_anything(runner: Runner, name: str) -> None:
    runner.run(AUDIT, **{name: "\"; touch owned; echo $(touch owned) `touch owned` '; touch owned"})
    assert not (runner.workspace / "owned").exists()


def test_failure_leaves_no_outputs_behind(runner: Runner) -> None:
    (runner.workspace / "mlaudit.sarif").write_text("an old one")
    done = runner.run(AUDIT, persona="nobody")
    assert done.returncode == 2
    assert "nobody" in done.stderr
    assert runner.outputs() == {}


@pytest.mark.slow
def test_first_step_installs_what_the_second_runs(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    (runner.workspace / "train.py").write_text(UNSEEDED)
    done = runner.run(INSTALL)
    assert done.returncode == 0, done.stderr
    assert runner.run(AUDIT).returncode == 1
    assert int(runner.outputs()["findings"]) > 0
