"""The DVC repositories in a repository: their pointers, pipelines, locks and configuration.

Nothing is read where no file bears a name of DVC's.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from mlaudit.facts import dvc as readers
from mlaudit.facts.dvc_config import read_config
from mlaudit.facts.dvc_records import (
    Configuration,
    Lock,
    Output,
    Pipeline,
    Pointer,
    Stage,
    Unresolved,
)
from mlaudit.facts.dvc_stages import PARAMETERS, Context, Files, Spreading
from mlaudit.facts.dvc_templates import Budget, Filler, TemplateError
from mlaudit.facts.dvc_values import LONGEST, Loaded, load_values
from mlaudit.facts.records import Problem
from mlaudit.project.dvc.hashes import Hashes
from mlaudit.project.dvc.ignoring import IgnoreFiles, ignore_lines
from mlaudit.project.dvc.paths import located
from mlaudit.project.roots import within

if TYPE_CHECKING:
    from mlaudit.project.project import Project

PIPELINE = "dvc.yaml"
LOCK = "dvc.lock"
_SUFFIX = ".dvc"
_FOLDER = ".dvc/"
_LARGEST_POINTER = 1 << 20

_Read = TypeVar("_Read")


class PipelineFile(Struct, frozen=True):
    """A dvc.yaml, spread out, with the lock beside it."""

    path: str
    stages: tuple[Stage, ...]
    unresolved: tuple[Unresolved, ...]
    lock: Lock | None
    """None when there is none, or it cannot be read."""
    lock_path: str
    lock_there: bool

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)


class Owned(Struct, frozen=True):
    """An output, and the file that declares it."""

    output: Output
    declared: str
    """Path of the .dvc file or dvc.yaml."""
    path: str
    """Of the output, relative to the repository."""
    imported: bool = False
    stage: str = ""


def is_dvc_file(path: str) -> bool:
    """Whether the name is one of DVC's."""
    return path.endswith((_SUFFIX, PIPELINE, LOCK)) or path.startswith(_FOLDER) or "/.dvc/" in path


class DvcRoot:
    """One DVC repository: the folder that `.dvc` lies in, and all below it."""

    def __init__(
        self, project: Project, folder: str, files: list[str], ignored: IgnoreFiles, budget: Budget
    ) -> None:
        """`files`: those with a name of DVC's. `budget` is shared by all that is filled in."""
        self.folder = folder
        self._project = project
        self._ignored = ignored
        self._files = [path for path in files if not ignored.ignoring(path)]
        self._budget = budget

    @property
    def config_path(self) -> str:
        return posixpath.join(self.folder, ".dvc", "config")

    @cached_property
    def config(self) -> Configuration:
        """What everybody who clones the repository gets; empty without a tracked file."""
        text = self.text(self.config_path)
        return Configuration() if text is None else read_config(text)

    @cached_property
    def pointers(self) -> Mapping[str, Pointer]:
        """By path; files that only end like one are left out."""
        return self._read((p for p in self._files if p.endswith(_SUFFIX)), readers.read_pointer)

    @cached_property
    def pipelines(self) -> tuple[PipelineFile, ...]:
        paths = (path for path in self._files if posixpath.basename(path) == PIPELINE)
        found = self._read(paths, readers.read_pipeline)
        return tuple(self._spread(path, pipeline) for path, pipeline in found.items())

    @cached_property
    def _filler(self) -> Filler:
        return Filler(self._budget, plain_arguments=not self.config.parsing)

    @cached_property
    def hashes(self) -> Hashes:
        return Hashes(self._project.repo.tree, self._ignored)

    @cached_property
    def outputs(self) -> tuple[Owned, ...]:
        """Of pointers and of stages; those of stages that could not be spread out are missing."""
        return (*self._of_pointers(), *self._of_stages())

    @cached_property
    def hidden_pointers(self) -> tuple[str, ...]:
        """Pointers on disk that git does not show, where DVC has written a .gitignore."""
        return tuple(self._hidden())

    def _hidden(self) -> Iterator[str]:
        for path in sorted(self._project.files):
            folder, name = posixpath.split(path)
            if name != ".gitignore" or not within(self.folder, folder):
                continue
            with suppress(OSError):
                names = sorted(entry.name for entry in self._project.repo.tree.entries(folder))
                yield from (
                    posixpath.join(folder, name)
                    for name in names
                    if posixpath.splitext(name)[1] == _SUFFIX and self._is_hidden(folder, name)
                )

    def _is_hidden(self, folder: str, name: str) -> bool:
        path = posixpath.join(folder, name)
        if path in self._project.files:
            return False
        try:
            text = self._project.repo.read_head(path, _LARGEST_POINTER).decode()
        except (OSError, ValueError):
            return False
        pointer = readers.read_pointer(text)
        return isinstance(pointer, Pointer) and bool(pointer.outputs)

    def text(self, path: str) -> str | None:
        """The text of a file that git would show; None when there is none, or it is no text."""
        file = self._project.files.get(path)
        if file is None or file.missing:
            return None
        try:
            return self._project.repo.read_head(path, LONGEST + 1).decode("utf-8-sig")
        except (OSError, ValueError):
            return None

    def values(self, path: str) -> Loaded | Problem:
        """The parameters in a file."""
        text = self.text(path)
        return Problem("cannot be read") if text is None else load_values(path, text)

    def _read(
        self, paths: Iterator[str], reader: Callable[[str], _Read | Problem]
    ) -> dict[str, _Read]:
        found = {}
        for path in paths:
            text = self.text(path)
            read = Problem("cannot be read") if text is None else reader(text)
            if not isinstance(read, Problem):
                found[path] = read
        return found

    def _spread(self, path: str, pipeline: Pipeline) -> PipelineFile:
        folder = posixpath.dirname(path)
        spreading = Spreading(folder, _ParameterFiles(self), self._filler)
        lock_path = posixpath.join(folder, LOCK)
        text = self.text(lock_path)
        lock = None if text is None else readers.read_lock(text)
        found = tuple(self._stages(spreading, pipeline, folder))
        return PipelineFile(
            path=path,
            stages=tuple(one for one in found if isinstance(one, Stage)),
            unresolved=tuple(one for one in found if isinstance(one, Unresolved)),
            lock=None if isinstance(lock, Problem) else lock,
            lock_path=lock_path,
            lock_there=lock_path in self._project.files,
        )

    def _stages(
        self, spreading: Spreading, pipeline: Pipeline, folder: str
    ) -> Iterator[Stage | Unresolved]:
        variables: list[Any] = list(pipeline.variables)
        try:
            if posixpath.join(folder, PARAMETERS) in self._project.files:
                variables.insert(0, PARAMETERS)
            context = spreading.extended(Context(), folder, variables)
        except TemplateError as error:
            for definition in pipeline.definitions:
                yield Unresolved(definition.name, definition.line, str(error))
            return
        for definition in pipeline.definitions:
            yield from spreading.spread(definition, context)

    def _of_pointers(self) -> Iterator[Owned]:
        for path, pointer in self.pointers.items():
            for output in pointer.outputs:
                where = located(posixpath.dirname(path), pointer.wdir, output.path)
                if where:
                    yield Owned(output, path, where, pointer.imported)

    def _of_stages(self) -> Iterator[Owned]:
        for file in self.pipelines:
            for stage in file.stages:
                for output in stage.outputs:
                    where = located(file.folder, stage.wdir, output.path)
                    if where:
                        yield Owned(output, file.path, where, stage=stage.name)


class _ParameterFiles(Files):
    def __init__(self, root: DvcRoot) -> None:
        self._root = root

    def load(self, path: str) -> Mapping[str, Any]:
        where = located("", "", path)
        loaded = self._root.values(where) if where else Problem("lies outside")
        if isinstance(loaded, Problem) or not isinstance(loaded.value, dict):
            raise TemplateError(f"'{path}' cannot be read as parameters")
        return loaded.value


def dvc_roots(project: Project) -> tuple[DvcRoot, ...]:
    """Every DVC repository, sorted. A dvc.yaml outside of all is there to be copied."""
    files = [path for path in project.files if is_dvc_file(path)]
    folders = {
        path[: path.rfind(_FOLDER)].rstrip("/")
        for path in files
        if _in_folder(path) and "{{" not in path
    }
    homes: dict[str, list[str]] = {folder: [] for folder in sorted(folders)}
    for path in files if homes else ():
        home = _home(path, homes)
        if home is not None and not _in_folder(path):
            homes[home].append(path)
    budget = Budget()
    lines = ignore_lines(project.facts, ".dvcignore") if homes else {}
    return tuple(
        DvcRoot(project, folder, mine, IgnoreFiles(lines, ".dvcignore", folder), budget)
        for folder, mine in homes.items()
    )


def _home(path: str, homes: Container[str]) -> str | None:
    """The innermost repository that a file lies in."""
    folder = path
    while folder:
        folder = posixpath.dirname(folder)
        if folder in homes:
            return folder
    return None


def _in_folder(path: str) -> bool:
    return path.startswith(_FOLDER) or f"/{_FOLDER}" in path
