"""Measures speed and memory of mlaudit, as ratios within one run: `make bench REPO=path`.

Without a repository the Python files of the standard library are audited. Everything runs in fresh
processes with an empty cache and on one processor. CPU time is user and system time of a process
and its children.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

MLAUDIT = "import sys; from mlaudit.cli import main; main()"
PARSE = """
import ast, sys
for file in open(sys.argv[1]).read().split("\\0"):
    try:
        ast.parse(open(file, "rb").read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        pass
"""
ONE_FILE = "import numpy as np\n\nprint(np.random.rand(3))\n"


class Cost(NamedTuple):
    seconds: float
    """CPU time."""
    megabytes: float
    """Peak memory of the largest process."""


def cost(code: str, *args: str) -> Cost:
    """What it costs to run a piece of Python in a fresh process. Exits when it fails."""
    child = subprocess.Popen([sys.executable, "-c", code, *args], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"failed with status {child.returncode}: {code.strip()}")
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def wall(code: str, *args: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", code, *args], stdout=subprocess.DEVNULL)
    return perf_counter() - start


def prepare(scratch: Path) -> None:
    """An empty cache, and one processor; byte code is kept, as it is for what pip installs."""
    os.environ["XDG_CACHE_HOME"] = str(scratch / "cache")
    os.environ["PYTHONPYCACHEPREFIX"] = str(scratch / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    (scratch / "one").mkdir()
    (scratch / "one/train.py").write_text(ONE_FILE)
    cost(MLAUDIT, "check", "-q", str(scratch / "one"))
    shutil.rmtree(scratch / "cache", ignore_errors=True)


def standard_library(target: Path) -> Path:
    """A git repository with the Python files of the standard library, without its tests."""
    skipped = shutil.ignore_patterns("test", "tests", "site-packages", "__pycache__", "lib2to3")
    shutil.copytree(sysconfig.get_path("stdlib"), target, ignore=skipped, symlinks=True)
    for file in target.rglob("*"):
        if file.is_file() and file.suffix != ".py":
            file.unlink()
    git = ["git", "-C", str(target)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    return target


def python_files(repo: Path) -> list[Path]:
    listing = ["git", "-C", str(repo), "ls-files", "-z", "-co", "--exclude-standard", ":/*.py"]
    done = subprocess.run(listing, capture_output=True, check=True, text=True)
    return [repo / name for name in done.stdout.split("\0") if name and (repo / name).is_file()]


def row(what: str, cold: float, base: float, unit: str, least: str) -> None:
    print(f"{what:36} {cold:9.2f} {base:9.2f} {unit:3} {cold / base:7.2f}   {least}")


def measure(repo: Path, scratch: Path) -> None:
    files = python_files(repo)
    names = scratch / "names"
    names.write_text("\0".join(map(str, files)))
    size = sum(file.stat().st_size for file in files) / 1e6
    print(f"{len(files)} Python files, {size:.1f} MB, Python {sys.version.split()[0]}\n")
    parse = cost(PARSE, str(names))
    cold = cost(MLAUDIT, "check", "-q", str(repo))
    warm = cost(MLAUDIT, "check", "-q", str(repo))
    one = ("check", "-q", str(scratch / "one/train.py"))
    rounds = [
        (wall(MLAUDIT, "--version"), wall(MLAUDIT, *one), wall("import click")) for _ in range(20)
    ]
    version, hook, click = (1000 * statistics.median(times) for times in zip(*rounds, strict=True))
    print(f"{'':36} {'mlaudit':>9} {'base':>9} {'':3} {'ratio':>7}   base")
    row("check, empty cache, CPU time", cold.seconds, parse.seconds, "s", "bare ast.parse")
    row("check, full cache, CPU time", warm.seconds, parse.seconds, "s", "bare ast.parse")
    row("check, empty cache, peak memory", cold.megabytes, parse.megabytes, "MB", "bare ast.parse")
    row("--version, median of 20", version, click, "ms", "import click")
    row("check of one file, median of 20", hook, click, "ms", "import click")


def main(args: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        prepare(scratch)
        repo = Path(args[0]) if args else standard_library(scratch / "repo")
        measure(repo.resolve(), scratch)


if __name__ == "__main__":
    main(sys.argv[1:])
