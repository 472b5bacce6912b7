"""conda's lists of URLs: `conda-linux-64.lock` of conda-lock, `conda list --explicit`."""

from __future__ import annotations

import re

from mlaudit.facts.pep508 import LONGEST, normalise
from mlaudit.facts.records import Lock, Locked, Problem

CONDA_FILE = re.compile(r"([^/]+)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)")
_PIP = re.compile(r"#[ \t]*pip[ \t]+([A-Za-z0-9][\w.-]*)[ \t]*@[ \t]*(\S+)")
_DISTRIBUTION = re.compile(r"([\w.]+?)-(\d[^-/]*?)(?:(?:-[^/]*)?\.whl|\.tar\.gz|\.zip)")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def read_explicit(text: str) -> Lock | Problem:
    """https://docs.conda.io/projects/conda/en/latest/user-guide/tasks/manage-environments.html

    conda-lock writes what pip installs into comments.
    """
    if "@EXPLICIT" not in text:
        return Problem("not a lock file")
    packages = []
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST:
            continue
        pip = _PIP.match(line)
        file = CONDA_FILE.fullmatch(line.partition("#")[0].strip().rpartition("/")[2])
        if pip:
            packages.append(_pip(pip[1], pip[2], number))
        elif file:
            packages.append(Locked(normalise(file[1]), file[2], line=number, channel="conda"))
    return Lock("conda-lock", tuple(packages))


def _pip(name: str, url: str, line: int) -> Locked:
    address = url.partition("#")[0]
    if address.startswith("git+"):
        commit = next((part for part in re.split(r"[@#]", url) if _COMMIT.fullmatch(part)), "")
        return Locked(normalise(name), "", "vcs", commit, line)
    file = _DISTRIBUTION.fullmatch(address.rpartition("/")[2])
    return Locked(normalise(name), file[2] if file else "", line=line)
