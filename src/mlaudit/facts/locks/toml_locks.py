"""uv.lock, poetry.lock, pdm.lock and pylock.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlaudit.facts.locks.scanning import PYTHONS, Block, inline, string, toml_blocks
from mlaudit.facts.pep508 import SourceKind, normalise
from mlaudit.facts.records import Lock, Locked

_COMMIT = re.compile(r"[0-9a-f]{40}")
_POETRY_SOURCES: dict[str, SourceKind] = {
    "git": "vcs",
    "url": "url",
    "directory": "path",
    "file": "path",
}


def read_uv(text: str) -> Lock:
    """https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile"""
    head, blocks = toml_blocks(text, "package")
    return Lock("uv", _packages(map(_uv_package, blocks)), *_python(head))


def _uv_package(block: Block) -> Locked:
    where = inline(block.fields.get("source"))
    if "registry" in where:
        return _locked(block)
    if "git" in where:
        return _locked(block, "vcs", where["git"].rpartition("#")[2])
    return _locked(block, "url" if "url" in where else "path")


def read_poetry(text: str) -> Lock:
    """Versions 1.0 to 2.1 of the format."""
    head, blocks = toml_blocks(text, "package")
    return Lock("poetry", _packages(map(_poetry_package, blocks)), *_python(head))


def _poetry_package(block: Block) -> Locked:
    fields = block.fields
    source = _POETRY_SOURCES.get(string(fields.get("source.type")), "index")
    commit = fields.get("source.resolved_reference") or fields.get("source.reference")
    return _locked(block, source, string(commit))


def read_pdm(text: str) -> Lock:
    """Versions 3 and 4 of the format."""
    head, blocks = toml_blocks(text, "package")
    return Lock("pdm", _packages(map(_pdm_package, blocks)), *_python(head))


def _pdm_package(block: Block) -> Locked:
    if "git" in block.fields:
        return _locked(block, "vcs", string(block.fields.get("revision")))
    if "path" in block.fields:
        return _locked(block, "path")
    return _locked(block, "url" if "url" in block.fields else "index")


def read_pylock(text: str) -> Lock:
    """https://packaging.python.org/en/latest/specifications/pylock-toml/"""
    head, blocks = toml_blocks(text, "packages")
    return Lock("pylock", _packages(map(_pylock_package, blocks)), *_python(head))


def _pylock_package(block: Block) -> Locked:
    if "vcs" in block.fields:
        return _locked(block, "vcs", inline(block.fields["vcs"]).get("commit-id", ""))
    if "directory" in block.fields:
        return _locked(block, "path")
    return _locked(block, "url" if "archive" in block.fields else "index")


def _python(head: Block) -> tuple[str, int]:
    """The interpreters that the lock is for, and the line that says so."""
    found = (head.fields[key] for key in PYTHONS if key in head.fields)
    return string(next(found, "")), head.line


def _locked(block: Block, source: SourceKind = "index", commit: str = "") -> Locked:
    fields = block.fields
    return Locked(
        normalise(string(fields.get("name"))),
        string(fields.get("version")),
        "path" if source == "editable" else source,
        commit if source == "vcs" and _COMMIT.fullmatch(commit) else "",
        block.line,
        marker=string(fields.get("marker") or fields.get("markers")),
    )


def _packages(locked: Iterable[Locked]) -> tuple[Locked, ...]:
    return tuple(package for package in locked if package.name)
