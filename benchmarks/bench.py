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
SECRETS = """
import gc, sys, time
gc.disable()
from mlaudit.facts.credentials import find_hits
texts = []
for file in open(sys.argv[1]).read().split("\\0"):
    try:
        texts.append(open(file, encoding="utf-8").read())
    except (OSError, UnicodeError):
        pass
find_hits("")
best = 1e9
for _ in range(3):
    start = time.process_time()
    for text in texts:
        find_hits(text)
    best = min(best, time.process_time() - start)
import ast
start = time.process_time()
for text in texts:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
print(best, time.process_time() - start)
"""
HISTORY = """
import gc, os, subprocess, sys
from pathlib import Path
gc.disable()
from mlaudit.repo.gitfolder import find_git_folder
from mlaudit.repo.history import read_history
folder = find_git_folder(Path(sys.argv[1]))
def cpu(run):
    before = sum(os.times()[:4])
    run()
    return sum(os.times()[:4]) - before
git = ["git", "-C", sys.argv[1]]
def base():
    listing = [*git, "rev-list", "--objects", "--all", "--missing=allow-any"]
    with subprocess.Popen(listing, stdout=subprocess.PIPE) as objects:
        check = [*git, "cat-file", "--batch-check"]
        subprocess.run(check, stdin=objects.stdout, stdout=subprocess.DEVNULL)
print(min(cpu(lambda: read_history(folder)) for _ in range(3)), min(cpu(base) for _ in range(3)))
"""
NOTEBOOK = """
import base64, gc, json, random, time
gc.disable()
from mlaudit.facts.notebook import read_notebook
from mlaudit.facts.source import Source
from mlaudit.repo.model import Context, File, Kind
image = base64.b64encode(random.Random(1).randbytes(370_000)).decode()
shown = {"output_type": "display_data", "data": {"image/png": image}, "metadata": {}}
code = ["import numpy as np\\n", "x = np.random.rand(3)\\n", "plt.plot(x, label='run')\\n"]
cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [shown]}
cell["source"] = code
notebook = {"cells": [cell] * 10, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
data = json.dumps(notebook, indent=1).encode()
file = File("a.ipynb", Kind.NOTEBOOK, Context.NOTEBOOKS, len(data))
def best(action):
    times = []
    for _ in range(15):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)
print(best(lambda: read_notebook(Source(file, data))), best(lambda: json.loads(data)))
"""
"""Ten cells with an image each make 5 MB, as a notebook with plots has them."""
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


def pair(code: str, *args: str) -> tuple[float, float]:
    """Two times, in milliseconds, that a piece of Python takes itself, and prints."""
    command = [sys.executable, "-c", code, *args]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    measured, base = printed.split()
    return 1000 * float(measured), 1000 * float(base)


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
    row("search for secrets, at most 0.25", *pair(SECRETS, str(names)), "ms", "bare ast.parse")
    head = ["git", "-C", str(repo), "rev-parse", "-q", "--verify", "HEAD"]
    if subprocess.run(head, stdout=subprocess.DEVNULL, check=False).returncode == 0:
        times = pair(HISTORY, str(repo))
        row("walk over the history, at most 1.6", *times, "ms", "git rev-list | cat-file")
    row("notebook with images, at most 2", *pair(NOTEBOOK), "ms", "json.loads of it")


def main(args: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        prepare(scratch)
        repo = Path(args[0]) if args else standard_library(scratch / "repo")
        measure(repo.resolve(), scratch)


if __name__ == "__main__":
    main(sys.argv[1:])
