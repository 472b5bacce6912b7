"""What the files of DVC say: pointers, pipelines, locks, configuration.

Paths are as written; `line` is that of the file. See https://dvc.org/doc/user-guide/project-structure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from mlaudit.facts.records import Problem


class Checksum(Struct, frozen=True):
    """What DVC recorded of a file or folder."""

    md5: str = ""
    """Empty when nothing was recorded, or by another name (`etag`, `checksum`)."""
    legacy: bool = False
    """Before DVC 3, which took line ends of text files for the same: `md5-dos2unix`."""
    files: int | None = None
    """Number of files in a folder."""
    complete: bool = True
    """Whether the record is one that can be compared: an md5 of the whole."""

    @property
    def of_folder(self) -> bool:
        return self.md5.endswith(".dir")


class Dependency(Struct, frozen=True):
    path: str
    line: int
    recorded: Checksum = Checksum()
    imported: bool = False
    """From another repository or a database: there is no such path here."""


class Output(Struct, frozen=True):
    path: str
    line: int
    kind: str = "outs"
    """`outs`, `metrics` or `plots`."""
    cached: bool = True
    push: bool = True
    remote: str = ""
    recorded: Checksum = Checksum()


class Parameters(Struct, frozen=True):
    """What a stage takes from a file of parameters; without keys, all of it."""

    path: str
    keys: tuple[str, ...]
    line: int


class Pointer(Struct, frozen=True):
    """A `.dvc` file: data that was added or imported, or a stage as DVC had them before 1.0."""

    outputs: tuple[Output, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    command: str = ""
    wdir: str = ""
    frozen: bool = False

    @property
    def imported(self) -> bool:
        """`dvc import` or `dvc import-url`: the data can be had from where it came from."""
        return not self.command and bool(self.dependencies)


class Definition(Struct, frozen=True):
    """One entry under `stages`, as written: `foreach` and `matrix` are not spread out yet."""

    name: str
    line: int
    data: Mapping[str, Any]
    lines: Mapping[tuple[str | int, ...], int] = {}
    """Of the keys and items in it."""

    def line_of(self, *path: str | int) -> int:
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.line


class Pipeline(Struct, frozen=True):
    """A dvc.yaml."""

    definitions: tuple[Definition, ...] = ()
    variables: tuple[Any, ...] = ()
    """The items of `vars`."""
    parameters: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    """Names."""


class Stage(Struct, frozen=True):
    """A stage of a dvc.yaml, spread out and with its templates filled in."""

    name: str
    """`train`, `train@cnn`."""
    line: int
    command: Any = ""
    """Text, or a list of texts."""
    wdir: str = ""
    dependencies: tuple[Dependency, ...] = ()
    parameters: tuple[Parameters, ...] = ()
    outputs: tuple[Output, ...] = ()
    frozen: bool = False
    always_changed: bool = False

    @property
    def runs_always(self) -> bool:
        """DVC takes a stage without dependencies and outputs for changed, whatever happened."""
        inputs = self.dependencies or self.parameters
        return self.always_changed or not (inputs or self.outputs)


class Unresolved(Struct, frozen=True):
    """A stage, or all stages of a group, of which it is not known what they are."""

    name: str
    line: int
    reason: str


class LockedStage(Struct, frozen=True):
    line: int
    command: Any
    dependencies: Mapping[str, Checksum]
    outputs: Mapping[str, Checksum]
    parameters: Mapping[str, Mapping[str, Any]]
    """By file, then by key as written in dvc.yaml (`train.lr`)."""


class Lock(Struct, frozen=True):
    stages: Mapping[str, LockedStage] = {}


class Remote(Struct, frozen=True):
    name: str
    line: int
    url: str = ""
    url_line: int = 0
    """0 when there is no URL."""


class Configuration(Struct, frozen=True):
    """A `.dvc/config`, or its `config.local`."""

    remotes: Mapping[str, Remote] = {}
    default: str = ""
    """`core.remote`."""
    default_line: int = 0
    shared_cache: bool = False
    """The cache itself lies where several people reach it."""
    parsing: bool = False
    """Says how mappings are written as arguments of commands."""
    problems: tuple[Problem, ...] = ()
