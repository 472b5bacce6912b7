"""A project of which only those files are read that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from mlaudit.facts.reading import read_facts
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Block, PythonFacts, Scope
from mlaudit.project.linking.program import Program
from mlaudit.project.project import Project
from mlaudit.repo.model import File, Kind, Repo

CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK, Kind.SETUP_PY})
GROUND = frozenset(
    {
        Kind.REQUIREMENTS, Kind.PYPROJECT, Kind.SETUP_CFG, Kind.SETUP_PY, Kind.CONDA, Kind.PIPFILE,
        Kind.PIXI, Kind.LOCK,
    }
)  # fmt: skip
"""What says where a project lies and which versions it has."""

EMPTY = PythonFacts(
    scopes=(Scope("module", "", "", -1, 1, 0, 0),), blocks=(Block("body", -1, 0, 1),)
)
"""A module in which nothing stands."""


class Glance(Project):
    """For a question about one program: its code is read as far as imports lead."""

    def __init__(self, repo: Repo) -> None:
        super().__init__(repo, _Facts(repo))

    @cached_property
    def program(self) -> Program:
        code = [path for path, file in self.files.items() if file.kind in CODE]
        python = _Python(self.facts, code)
        return Program(self.facts, self.files, self._is_foreign, python)


class _Facts(Mapping[str, FileFacts]):
    """Facts of any file that is asked for; of manifests alone, where all are."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._files: dict[str, File] = {file.path: file for file in repo.files}
        self._ground = [file.path for file in repo.files if file.kind in GROUND]
        self._read: dict[str, FileFacts] = {}

    def __getitem__(self, path: str) -> FileFacts:
        known = self._read.get(path)
        if known is None:
            file = self._files[path]
            known = read_facts(self._repo, [file]).facts.get(path) or FileFacts(path, file.kind)
            if known.python is None and file.kind in CODE:
                known = msgspec.structs.replace(known, python=EMPTY)
            self._read[path] = known
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._ground)

    def __len__(self) -> int:
        return len(self._ground)


class _Python(Mapping[str, PythonFacts]):
    """The Python of all code; a file that cannot be read says nothing."""

    def __init__(self, facts: Mapping[str, FileFacts], paths: list[str]) -> None:
        self._facts = facts
        self._paths = dict.fromkeys(paths)

    def __getitem__(self, path: str) -> PythonFacts:
        if path not in self._paths:
            raise KeyError(path)
        return self._facts[path].python or EMPTY

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
