"""From files to facts: which reader reads which kind, and what stops none of them."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from functools import partial
from importlib import import_module

from msgspec import Struct

from mlaudit.facts.records import FileFacts, Problem
from mlaudit.facts.source import Reader, Source, UnreadableError
from mlaudit.repo.model import File, Kind, Repo

READERS: Mapping[Kind, str] = {
    Kind.PYTHON: "mlaudit.facts.python:read_python",
    Kind.NOTEBOOK: "mlaudit.facts.notebook:read_notebook",
    Kind.REQUIREMENTS: "mlaudit.facts.requirements:read_requirements",
    Kind.PYPROJECT: "mlaudit.facts.pyproject:read_pyproject",
    Kind.SETUP_CFG: "mlaudit.facts.setuptools_files:read_setup_cfg",
    Kind.SETUP_PY: "mlaudit.facts.setuptools_files:read_setup_py",
    Kind.CONDA: "mlaudit.facts.conda:read_conda",
    Kind.PIPFILE: "mlaudit.facts.pipfile:read_pipfile",
    Kind.PIXI: "mlaudit.facts.pixi:read_pixi",
    Kind.LOCK: "mlaudit.facts.locks:read_lock",
    Kind.DOCKERFILE: "mlaudit.facts.dockerfile:read_dockerfile",
    Kind.YAML: "mlaudit.facts.yaml_document:read_yaml",
    Kind.TOML: "mlaudit.facts.toml_document:read_toml",
    Kind.JSON: "mlaudit.facts.json_document:read_json",
    Kind.DOTENV: "mlaudit.facts.dotenv:read_dotenv",
    Kind.MAKEFILE: "mlaudit.facts.commands:read_makefile",
    Kind.SHELL: "mlaudit.facts.commands:read_shell",
    Kind.IGNORE: "mlaudit.facts.patterns:read_patterns",
    Kind.ATTRIBUTES: "mlaudit.facts.patterns:read_patterns",
    Kind.TEXT: "mlaudit.facts.text:read_text",
    Kind.BLOB: "mlaudit.facts.blob:read_blob",
}
LOOK_FOR_NO_SECRETS = frozenset(
    {
        Kind.REQUIREMENTS, Kind.PYPROJECT, Kind.SETUP_CFG, Kind.SETUP_PY, Kind.CONDA, Kind.PIPFILE,
        Kind.PIXI, Kind.LOCK, Kind.IGNORE, Kind.ATTRIBUTES,
    }
)  # fmt: skip
"""Kinds whose readers are given the text without its secrets."""
HEAD_BYTES = 4096
"""What is read of a blob."""
LARGEST_TEXT = 32 * 1024 * 1024
"""Bytes; a larger text file is no source that anyone wrote."""


class Crashed(Struct, frozen=True):
    """A reader failed on a file: a bug of mlaudit, which stops nothing."""

    path: str
    error: str
    trace: str


class Reading(Struct, frozen=True):
    """All facts, and what went wrong on the way."""

    facts: dict[str, FileFacts]
    crashes: tuple[Crashed, ...] = ()
    bytes_read: int = 0


class Readers:
    """The readers by kind, each imported when first needed."""

    def __init__(self) -> None:
        self._loaded: dict[Kind, Reader] = {}

    def __getitem__(self, kind: Kind) -> Reader:
        reader = self._loaded.get(kind)
        if reader is None:
            module, _, name = READERS[kind].partition(":")
            reader = getattr(import_module(module), name)
            if kind in LOOK_FOR_NO_SECRETS:
                from mlaudit.facts.contents import read_without_secrets

                reader = partial(read_without_secrets, reader=reader)
            self._loaded[kind] = reader
        return reader


def read_facts(repo: Repo, files: Iterable[File]) -> Reading:
    """Facts of the files. What cannot be read is a problem in the file's facts."""
    readers = Readers()
    facts: dict[str, FileFacts] = {}
    crashes: list[Crashed] = []
    total = 0
    for file in files:
        read, size = _read(repo, file, readers)
        total += size
        if isinstance(read, Crashed):
            crashes.append(read)
        else:
            facts[file.path] = read
    return Reading(facts, tuple(crashes), total)


def _read(repo: Repo, file: File, readers: Readers) -> tuple[FileFacts | Crashed, int]:
    size = 0
    try:
        data = _bytes_of(repo, file)
        size = len(data)
        return readers[file.kind](Source(file, data)), size
    except UnreadableError as reason:
        return _unread(file, str(reason)), size
    except OSError as error:
        return _unread(file, error.strerror or "cannot be opened"), size
    except Exception as error:  # a bug in a reader must not cost the rest of the report
        from mlaudit.facts.credentials import redact

        return Crashed(file.path, redact(repr(error)), redact(traceback.format_exc())), size


def _bytes_of(repo: Repo, file: File) -> bytes:
    if file.missing:
        raise UnreadableError("in the git index, but not on disk")
    if file.kind is Kind.BLOB:
        return repo.read_head(file.path, HEAD_BYTES)
    if file.size > LARGEST_TEXT:
        raise UnreadableError(f"too large to be read as text ({file.size // 2**20} MB)")
    return repo.read(file.path)


def _unread(file: File, reason: str) -> FileFacts:
    return FileFacts(file.path, file.kind, problems=(Problem(reason),))
