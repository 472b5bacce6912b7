"""The programs of `fixtures/oracle`, and what happens when they are run twice.

Each folder is a small training program as people write them, with a `program.yaml`:

    about: what is special about it, in one sentence
    needs: [distributions that it imports]
    run: [train.py]                 # scripts or notebooks with their arguments, in this order
    not-determined: why mlaudit cannot tell, or does not try    # rarely

Nobody writes down whether a program repeats. Two runs in fresh processes decide.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "oracle"
RECORD = Path(__file__).with_name("recorded.json")
DECLARATION = "program.yaml"
SHIM = Path(__file__).with_name("shim")
SECONDS = 180
_TIMED = "'train_runtime'"
"""In the line in which Hugging Face's Trainer says how long it took."""

_CELLS = """
import json, sys
names = {"__name__": "__main__"}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), sys.argv[1], "exec"), names)
"""
"""What a kernel does with a notebook, as far as these need it."""


class Program(NamedTuple):
    name: str
    folder: Path
    about: str
    needs: tuple[str, ...]
    run: tuple[str, ...]
    not_determined: str
    """Why mlaudit cannot tell, or does not try; empty where it must."""


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
        needs=tuple(data.pop("needs")),
        run=tuple(data.pop("run", ["train.py"])),
        not_determined=data.pop("not-determined", ""),
        **data,
    )


def copy(program: Program, place: Path) -> Path:
    """The program alone, as its own repository would hold it."""
    ignored = shutil.ignore_patterns(DECLARATION, "__pycache__")
    return shutil.copytree(program.folder, place / program.name, ignore=ignored)


def differs(program: Program, python: str, place: Path) -> bool:
    """Whether two runs print different results. Raises RuntimeError for one that fails."""
    outputs = []
    for turn in ("first", "second"):
        folder = copy(program, place / turn)
        outputs.append([_output(python, command, folder) for command in program.run])
    if not all(any(output) for output in outputs):
        raise RuntimeError(f"{program.name} prints nothing")
    return outputs[0] != outputs[1]


def _output(python: str, command: str, folder: Path) -> str:
    script, *arguments = shlex.split(command)
    cells = ["-c", _CELLS] if script.endswith(".ipynb") else []
    done = subprocess.run(
        [python, *cells, script, *arguments],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"{folder.name}: {command} failed\n{done.stderr}")
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if _TIMED not in line)


def _environment(folder: Path) -> dict[str, str]:
    """One thread, no network, no GPU, and hashes of strings as random as they are by default."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder.parent),
        "PYTHONPATH": str(SHIM),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }


def interpreter() -> str:
    """The Python that has the libraries: ORACLE_PYTHON, or that of `.venv-oracle`; else empty."""
    usual = ROOT / ".venv-oracle" / "bin" / "python"
    return os.environ.get("ORACLE_PYTHON") or (str(usual) if usual.exists() else "")


def versions(python: str, names: Iterable[str]) -> dict[str, str]:
    """Versions of another environment's Python and distributions."""
    code = (
        "import importlib.metadata as m, json, platform, sys\n"
        "found = {n: m.version(n).partition('+')[0] for n in sys.argv[1:]}\n"
        "print(json.dumps({'python': platform.python_version(), **found}))"
    )
    done = subprocess.run(
        [python, "-c", code, *names], check=True, capture_output=True, encoding="utf-8"
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def recorded() -> dict[str, bool]:
    """Whether each program differs, as it was last tried."""
    data: dict[str, dict[str, bool]] = json.loads(RECORD.read_text("utf-8"))
    return data["differs"]
