"""Reads lock files."""

from __future__ import annotations

import re
from collections.abc import Callable

from mlaudit.facts.locks.explicit import read_explicit
from mlaudit.facts.locks.pipenv import read_pipenv
from mlaudit.facts.locks.toml_locks import read_pdm, read_poetry, read_pylock, read_uv
from mlaudit.facts.locks.yaml_locks import read_conda_lock, read_pixi_lock
from mlaudit.facts.records import FileFacts, Lock, Problem
from mlaudit.facts.source import Source

_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_READERS: dict[str, Callable[[str], Lock | Problem]] = {
    "uv.lock": read_uv,
    "poetry.lock": read_poetry,
    "pdm.lock": read_pdm,
    "pipfile.lock": read_pipenv,
    "pixi.lock": read_pixi_lock,
}
_TOML = frozenset({"uv", "poetry", "pdm", "pylock"})


def read_lock(source: Source) -> FileFacts:
    """The lock, told by the file's name. One that cannot be read is a problem, and no lock."""
    file = source.file
    text = source.data.decode("utf-8-sig", "replace")
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return FileFacts(file.path, file.kind, problems=(Problem("merge conflict marker", line),))
    lock = _reader_of(file.path.rpartition("/")[2].lower())(text)
    if isinstance(lock, Lock) and lock.manager in _TOML and not lock.packages:
        lock = _checked(lock, text)
    if isinstance(lock, Problem):
        return FileFacts(file.path, file.kind, problems=(lock,))
    return FileFacts(file.path, file.kind, lock=lock)


def _checked(lock: Lock, text: str) -> Lock | Problem:
    """The scanner takes anything for TOML. Where it saw no package, the parser decides."""
    from mlaudit.facts.standard_toml import load_toml

    document = load_toml(text)
    return document if isinstance(document, Problem) else lock


def _read_conda(text: str) -> Lock | Problem:
    """A list of URLs for one platform, or all platforms in YAML: the name is up to the user."""
    return read_explicit(text) if "@EXPLICIT" in text else read_conda_lock(text)


def _reader_of(name: str) -> Callable[[str], Lock | Problem]:
    if name.endswith((".yml", ".yaml")):
        return read_conda_lock
    if name.startswith("pylock."):
        return read_pylock
    if name.startswith("pdm."):
        return read_pdm
    if "conda" in name:
        return _read_conda
    return _READERS.get(name, lambda _: Problem("a lock file of an unknown tool"))
