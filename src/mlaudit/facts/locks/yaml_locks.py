"""pixi.lock and conda-lock.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlaudit.facts.locks.explicit import CONDA_FILE
from mlaudit.facts.locks.scanning import Block, yaml_blocks
from mlaudit.facts.pep508 import normalise, split_url
from mlaudit.facts.records import Lock, Locked

_COMMIT = re.compile(r"[0-9a-f]{40}")
_WHEEL_FILE = re.compile(r"([^-/]+)-([^-/]+)-[^/]*\.whl")


def read_pixi_lock(text: str) -> Lock:
    """Versions 4 to 6 of the format. The last names conda packages by their URL alone."""
    return Lock("pixi", _distinct(map(_pixi_package, yaml_blocks(text, "packages"))))


def _pixi_package(block: Block) -> Locked:
    fields = block.fields
    conda = fields.get("kind") == "conda" or "conda" in fields
    url = fields.get("url") or fields.get("conda") or fields.get("pypi") or ""
    file = (CONDA_FILE if conda else _WHEEL_FILE).fullmatch(url.rpartition("/")[2])
    name = fields.get("name") or (file[1] if file else "")
    version = fields.get("version") or (file[2] if file else "")
    return _conda(name, version, block.line) if conda else _pip(name, version, url, block.line)


def read_conda_lock(text: str) -> Lock:
    """https://conda.github.io/conda-lock/output/#unified-lockfile"""
    return Lock("conda-lock", _distinct(map(_conda_lock_package, yaml_blocks(text, "package"))))


def _conda_lock_package(block: Block) -> Locked:
    name, version, manager, url = (
        block.fields.get(key, "") for key in ("name", "version", "manager", "url")
    )
    if manager == "pip":
        return _pip(name, version, url, block.line)
    return _conda(name, version, block.line)


def _conda(name: str, version: str, line: int) -> Locked:
    return Locked(normalise(name), version, line=line, channel="conda")


def _pip(name: str, version: str, url: str, line: int) -> Locked:
    kind, address, ref = split_url(url)
    if kind == "vcs":
        commit = ref or url.rpartition("#")[2]
        return Locked(
            normalise(name), version, "vcs", commit if _COMMIT.fullmatch(commit) else "", line
        )
    return Locked(normalise(name), version, "index" if "://" in address else "path", line=line)


def _distinct(packages: Iterable[Locked]) -> tuple[Locked, ...]:
    """One of each name and version: these files list them again for every platform."""
    seen: dict[tuple[str, str, str], Locked] = {}
    for package in packages:
        if package.name:
            seen.setdefault((package.name, package.version, package.channel), package)
    return tuple(seen.values())
