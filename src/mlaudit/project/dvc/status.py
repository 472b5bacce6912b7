"""Whether what DVC recorded still holds: `dvc status`, as far as a checkout tells.

What was not pulled, is ignored by git or cannot be read is unknown, never changed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from mlaudit.facts.dvc_records import (
    Checksum,
    Dependency,
    LockedStage,
    Output,
    Parameters,
    Pointer,
    Stage,
)
from mlaudit.facts.dvc_values import Plain, same
from mlaudit.facts.records import Problem
from mlaudit.project.dvc.changes import Change, Seen, Status, Unknown, What
from mlaudit.project.dvc.ignoring import IgnoreFiles
from mlaudit.project.dvc.parameters import parameter_changes
from mlaudit.project.dvc.paths import located
from mlaudit.project.dvc.repositories import DvcRoot, PipelineFile
from mlaudit.project.roots import within

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_Value = TypeVar("_Value")


class StatusOf:
    """Asks for one DVC repository."""

    def __init__(self, project: Project, root: DvcRoot, git: IgnoreFiles) -> None:
        """`git`: the .gitignore files."""
        self._project = project
        self._root = root
        self._git = git
        self._complete: dict[str, bool] = {}
        self._submodules = project.repo.git.submodules if project.repo.git else ()

    def pipeline(self, file: PipelineFile) -> Iterator[Status]:
        """One for each stage that could be spread out; none when the lock cannot be read."""
        if file.lock is None and file.lock_there:
            return
        for stage in file.stages:
            if stage.frozen or stage.runs_always:
                why = "frozen" if stage.frozen else "runs always"
                yield Status(file.path, stage.name, stage.line, settled=why)
                continue
            locked = file.lock.stages.get(stage.name) if file.lock else None
            found = tuple(self._stage(file.folder, stage, locked))
            yield _status(file.path, stage.name, stage.line, found)

    def pointers(self) -> Iterator[Status]:
        for path, pointer in self._root.pointers.items():
            found = tuple(self._pointer(posixpath.dirname(path), pointer))
            yield _status(path, "", 1, found)

    def _stage(self, folder: str, stage: Stage, locked: LockedStage | None) -> Iterator[Seen]:
        if locked is None:
            yield Change("stage", "unrecorded", stage.name, stage.line)
            return
        if same(locked.command, stage.command) is False:
            yield Change("command", "modified", "cmd", stage.line)
        recorded = _normal(locked.dependencies)
        for dependency in stage.dependencies:
            known = recorded.get(posixpath.normpath(dependency.path))
            yield from self._dependency(folder, stage.wdir, dependency, known)
        values = _normal(locked.parameters)
        for parameters in stage.parameters:
            taken = values.get(posixpath.normpath(parameters.path))
            yield from self._parameters(folder, stage.wdir, parameters, taken)
        outputs = _normal(locked.outputs)
        for output in stage.outputs:
            known = outputs.get(posixpath.normpath(output.path))
            yield from self._output(folder, stage.wdir, output, known)

    def _pointer(self, folder: str, pointer: Pointer) -> Iterator[Seen]:
        if pointer.command and not pointer.frozen:
            for dependency in pointer.dependencies:
                yield from self._dependency(folder, pointer.wdir, dependency, dependency.recorded)
        for output in pointer.outputs:
            yield from self._output(folder, pointer.wdir, output, output.recorded)

    # dependencies

    def _dependency(
        self, folder: str, wdir: str, dependency: Dependency, recorded: Checksum | None
    ) -> Iterator[Seen]:
        path = None if dependency.imported else located(folder, wdir, dependency.path)
        name = dependency.path
        if path is None:
            yield Unknown("dependency", name, "it lies outside of the repository")
        elif not self._root.hashes.exists(path):
            yield self._absent("dependency", name, path, dependency.line)
        elif recorded is None:
            yield Change("dependency", "new", name, dependency.line, path)
        else:
            yield from self._compared("dependency", name, path, dependency.line, recorded)

    def _absent(self, what: What, name: str, path: str, line: int) -> Seen:
        """Of what is not on disk: nobody has it, or only this checkout has not."""
        file = self._project.files.get(path)
        if file is not None or any(within(each, path) for each in self._submodules):
            return Unknown(what, name, "it is not checked out", path)
        if path in self._made or any(each in self._owned for each in _around(path)):
            return Unknown(what, name, "it was not pulled", path)
        if not self._closed or self._git.ignoring(path):
            return Unknown(what, name, "git does not keep it", path)
        return Change(what, "missing", name, line, path)

    @cached_property
    def _owned(self) -> frozenset[str]:
        """What DVC or a stage makes."""
        return frozenset(owned.path for owned in self._root.outputs)

    @cached_property
    def _made(self) -> frozenset[str]:
        """The same, and the folders that it lies in."""
        return self._owned.union(*(_around(path) for path in self._owned))

    @cached_property
    def _closed(self) -> bool:
        """Whether all outputs are known."""
        return not any(file.unresolved for file in self._root.pipelines)

    def _compared(
        self, what: What, name: str, path: str, line: int, recorded: Checksum
    ) -> Iterator[Seen]:
        if not (recorded.md5 and recorded.complete):
            yield Unknown(what, name, "no md5 of it was recorded", path)
            return
        found = self._root.hashes.of(path, legacy=recorded.legacy)
        if found is None:
            yield Unknown(what, name, "its md5 cannot be taken", path)
        elif found.md5 == recorded.md5:
            return
        elif found.md5.endswith(".dir") and found.files < (recorded.files or found.files + 1):
            yield Unknown(what, name, "files in it may not have been pulled", path)
        elif what == "dependency" and not self._sees_all(path):
            yield Unknown(what, name, "git ignores files in it", path)
        else:
            yield Change(what, "modified", name, line, path)

    def _sees_all(self, path: str) -> bool:
        """Whether a clone has all that the checksum of a folder takes in, once data is pulled."""
        if path not in self._complete:
            self._complete[path] = self._is_complete(path)
        return self._complete[path]

    def _is_complete(self, path: str) -> bool:
        inside = [each for each in self._owned if within(path, each) and each != path]
        if not all(self._root.hashes.exists(each) for each in inside):
            return False
        if path in self._project.files or self._git.ignoring(path, folder=True):
            return True
        below = self._root.hashes.below(path)
        return below is not None and all(
            file in self._project.files or any(within(each, file) for each in inside)
            for file in below
        )

    # parameters

    def _parameters(
        self, folder: str, wdir: str, wanted: Parameters, recorded: Mapping[str, Plain] | None
    ) -> Iterator[Seen]:
        path = located(folder, wdir, wanted.path)
        if path is None:
            yield Unknown("parameter", wanted.path, "it lies outside of the repository")
            return
        if path not in self._project.files:
            there = self._root.hashes.exists(path)
            why = Unknown("parameter", wanted.path, "git does not keep it")
            yield why if there else self._absent("parameter", wanted.path, path, wanted.line)
            return
        loaded = self._root.values(path)
        if isinstance(loaded, Problem):
            yield Unknown("parameter", wanted.path, loaded.reason, path)
        elif recorded is None:
            yield Change("parameter", "new", wanted.path, wanted.line, path)
        else:
            yield from parameter_changes(wanted, path, loaded, recorded)

    # outputs

    def _output(
        self, folder: str, wdir: str, output: Output, recorded: Checksum | None
    ) -> Iterator[Seen]:
        path = located(folder, wdir, output.path)
        if path is None:
            yield Unknown("output", output.path, "it lies outside of the repository")
        elif recorded is None:
            yield Change("output", "new", output.path, output.line, path)
        elif not self._root.hashes.exists(path):
            yield Unknown("output", output.path, "it was not pulled", path)
        else:
            yield from self._compared("output", output.path, path, output.line, recorded)


def _status(path: str, name: str, line: int, found: Iterable[Seen]) -> Status:
    seen = tuple(found)
    return Status(
        path=path,
        name=name,
        line=line,
        changes=tuple(one for one in seen if isinstance(one, Change)),
        unknown=tuple(one for one in seen if isinstance(one, Unknown)),
    )


def _around(path: str) -> list[str]:
    """The folders that a path lies in, and the path itself."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _normal(named: Mapping[str, _Value]) -> dict[str, _Value]:
    return {posixpath.normpath(path): value for path, value in named.items()}
