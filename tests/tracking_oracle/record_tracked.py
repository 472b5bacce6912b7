"""Runs the programs under both MLflows and writes `recorded.json`.

    make tracking-oracle
    MLFLOW2_PYTHON=... MLFLOW3_PYTHON=... python tests/tracking_oracle/record_tracked.py [NAME ...]

With names, only these programs are run again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tracked import MAJORS, RECORD, Seen, interpreters, programs, recorded, watch

_VERSIONS = (
    "import importlib.metadata as m, json, platform\n"
    "found = {n: m.version(n) for n in ('mlflow', 'scikit-learn', 'pandas', 'numpy')}\n"
    "print(json.dumps({'python': platform.python_version(), **found}))"
)


def main(names: Sequence[str]) -> int:
    pythons = interpreters()
    if len(pythons) < len(MAJORS):
        sys.stderr.write("needs both: `make .venv-mlflow2/ready .venv-mlflow3/ready`\n")
        return 2
    known = programs()
    seen = {name: dict(old) for name, old in (recorded() if names else {}).items() if name in known}
    failed = False
    for major, python in pythons.items():
        with tempfile.TemporaryDirectory() as place:
            tried = watch([known[n] for n in names] or known.values(), python, Path(place))
        for name, result in tried.items():
            if isinstance(result, str):
                sys.stderr.write(f"{major} {name}: {result}\n")
                failed = True
            else:
                seen.setdefault(name, {})[major] = result
    _write(pythons, seen)
    return 1 if failed else 0


def _write(pythons: dict[str, str], seen: dict[str, dict[str, Seen]]) -> None:
    versions = {major: _versions(python) for major, python in pythons.items()}
    data = {"versions": versions, "seen": {name: seen[name] for name in sorted(seen)}}
    RECORD.write_text(json.dumps(data, indent=1) + "\n", "utf-8")


def _versions(python: str) -> dict[str, str]:
    done = subprocess.run(
        [python, "-c", _VERSIONS], check=True, capture_output=True, encoding="utf-8"
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
