"""Runs the programs twice each and writes `recorded.json`.

    make oracle
    ORACLE_PYTHON=path/to/python python tests/oracle/record.py [NAME ...]

With names, only these programs are run again.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from programs import RECORD, Program, differs, interpreter, programs, recorded, versions
from seeding import seeded

AT_ONCE = 2


def main(names: Sequence[str]) -> int:
    python = interpreter()
    if not python:
        sys.stderr.write("no interpreter: `make .venv-oracle/ready`, or set ORACLE_PYTHON\n")
        return 2
    known = programs()
    before = recorded() if names else {}
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(AT_ONCE) as pool:
        attempt = partial(_attempt, python=python, place=Path(place))
        tried = dict(pool.map(attempt, [known[name] for name in names] or known.values()))
    failed = {name: result for name, result in tried.items() if isinstance(result, str)}
    sys.stderr.writelines(f"{name}: {reason}\n" for name, reason in failed.items())
    results = {**before, **{name: tried[name] for name in tried if name not in failed}}
    RECORD.write_text(_text(python, results), "utf-8")
    return 1 if failed else 0


def _attempt(program: Program, python: str, place: Path) -> tuple[str, bool | str]:
    """Its name, and whether it differs, or why it could not be run."""
    try:
        result = differs(program, python, place)
    except (RuntimeError, OSError) as error:
        return program.name, str(error)
    sys.stderr.write(f"{program.name}: {'differs' if result else 'repeats'}\n")
    return program.name, result


def _text(python: str, results: Mapping[str, bool | str]) -> str:
    known = programs()
    needs = sorted({need for one in known.values() for need in one.needs})
    data = {
        "machine": platform.machine(),
        "versions": versions(python, needs),
        "differs": {name: results[name] for name in sorted(results) if name in known},
        "seeds": seeded(python),
    }
    return json.dumps(data, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
