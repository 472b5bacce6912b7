"""Brings repositories into every state with real DVC, and writes `recorded.json`.

    make dvc
    .venv-dvc/bin/python tests/dvc/dvc_record.py [--to FILE] [NAME ...]

What is kept of a state is what `dvc status` said, the files in the working tree and which of them
git tracks. With names, only these states are made again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dvc_states import STATES, State, Work

RECORD = Path(__file__).with_name("recorded.json")
_LEFT_OUT = {".git"}
_OWN = {"cache", "tmp"}


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("names", nargs="*", choices=[*STATES, []])
    asked.add_argument("--to", type=Path, default=RECORD)
    options = asked.parse_args()
    before = json.loads(options.to.read_text("utf-8"))["states"] if options.names else {}
    made = {name: record(STATES[name]) for name in options.names or STATES}
    states = {**before, **made}
    data = {"dvc": _version(), "states": {name: states[name] for name in sorted(states)}}
    options.to.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def record(state: State) -> dict[str, object]:
    """What is kept of one state."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve() / "repo"
        root.mkdir()
        work = Work(root)
        state.make(work)
        status = work.status()
        sys.stderr.write(f"{state.name}: {json.dumps(status)}\n")
        tracked = _tracked(root)
        files = {path: _text(root / path) for path in _files(root)}
        return {
            "status": status,
            "determined": state.determined,
            "files": files,
            "untracked": sorted(set(files) - tracked),
        }


def _tracked(root: Path) -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True)
    return set(filter(None, os.fsdecode(listed.stdout).split("\0")))


def _files(root: Path) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        own = Path(folder).name == ".dvc"
        folders[:] = sorted(set(folders) - _LEFT_OUT - (_OWN if own else set()))
        found += [(Path(folder) / name).relative_to(root).as_posix() for name in names]
    return sorted(found)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _version() -> str:
    import dvc

    return str(dvc.__version__)


if __name__ == "__main__":
    sys.exit(main())
