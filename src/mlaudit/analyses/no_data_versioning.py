"""Training on data that nothing gives a version.

Asked of programs that train, and of data that they name themselves: a file or folder of the
repository that git ignores, or an address in a bucket. Whatever speaks of versions anywhere in the
repository ends the question, and so does code or a command that makes the data.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from mlaudit.analyses.data_versions import gives_data_versions
from mlaudit.analyses.path_texts import PathTexts
from mlaudit.facts.records import FileFacts, Span
from mlaudit.facts.syntax import AnyValue, Call, Const
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.dvc.ignoring import IgnoreFiles, ignore_lines
from mlaudit.project.dvc.paths import located
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.steps import Site
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.project.roots import within
from mlaudit.repo.model import Context, Kind
from mlaudit.rules.model import Match, Related, Rule, Spot

NAMED = 5
"""Reads that are named in one finding."""
_ARGUMENTS = frozenset(
    {
        "data_dir", "dataset_path", "directory", "file", "file_name", "file_pattern", "filename",
        "filenames", "filepath", "filepath_or_buffer", "fname", "io", "name", "path", "path_or_buf",
        "root", "source", "where",
    }
)  # fmt: skip
_BUCKET = Gated(r"(?:s3[an]?|gcs?|abfss?|az|adl|wasbs?|oss|cos|hdfs)://")
_VERSION = Gated(r"(?:^|[/_=-])(?:v\d+|version|rev|snapshot|sha)[\w.-]*(?:/|$|=)", re.IGNORECASE)
_SAMPLES = frozenset(
    {
        "cache", "checkpoints", "dummy", "example", "examples", "fake", "fixture", "fixtures",
        "mini", "mock", "output", "outputs", "results", "sample", "samples", "temp", "tests",
        "tiny", "tmp", "toy",
    }
)  # fmt: skip
"""Words of a path that holds no data of the project's own."""
_MAKERS = Gated(
    r"save|write|to_|dump|download|extract|unpack|unzip|copy|mkdir|makedirs|retrieve|clone|fetch"
    r"|snapshot|put|mount|touch|export",
    re.IGNORECASE,
)
_LONGEST_README = 200_000
_FETCH = r"\b(?:wget|curl|kaggle|gdown|gsutil|gcloud|azcopy|rclone|rsync|scp|unzip|git clone|hf)\b"
_FETCHES = Gated(rf"{_FETCH}|\b(?:aws|tar|mc|dolt|oxen|huggingface-cli|bash|sh|make)\b|\.sh\b")
"""In a command: fetches or unpacks something, or may."""
_TELLS = Gated(rf"{_FETCH}|\bdownload", re.IGNORECASE)
"""In a README: says where to get something."""
_ASIDE = (Context.TESTS, Context.VENDORED, Context.GENERATED)


class Read(NamedTuple):
    """A call that reads data, and what it reads."""

    entry: EntryPoint
    site: Site
    path: str
    """A path in the repository, or an address."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each project whose programs train on data without a version."""
    if project.repo.git is None:
        return
    reads: dict[str, list[Read]] = {}
    search = _Search(project)
    for read in search.reads():
        root = project.environment.root_of(read.entry.path).path
        reads.setdefault(root, []).append(read)
    if not reads or gives_data_versions(project):
        return
    for root_path, found in reads.items():
        yield _match(project, rule, root_path, found)


class _Search:
    """Looks through the programs that train."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names = api_table("data", "data.reads")
        self._paths = PathTexts(project)

    @cached_property
    def _git(self) -> IgnoreFiles:
        return IgnoreFiles(ignore_lines(self._project.facts, ".gitignore"), ".gitignore")

    def reads(self) -> Iterator[Read]:
        for entry in self._project.program.entry_points:
            yield from self._of_entry(entry)

    def _of_entry(self, entry: EntryPoint) -> Iterator[Read]:
        project = self._project
        if project.files[entry.path].context in _ASIDE:
            return
        root = project.environment.root_of(entry.path)
        if project.nature(root) is Nature.LIBRARY or not project.program.fits(entry):
            return
        seen: set[tuple[str, int]] = set()
        for site in project.program.reach(entry).sites:
            if site.name in self._names and (site.path, site.number) not in seen:
                seen.add((site.path, site.number))
                path = self._data(entry, root.path, site)
                if path:
                    yield Read(entry, site, path)

    def _data(self, entry: EntryPoint, root: str, site: Site) -> str:
        """What the call reads, if it is data of the project without a version; else empty."""
        call = _call_of(self._project, site)
        value = _given(call)
        text = None if value is None else self._paths.text(site.path, value, call.block)
        if not text or _SAMPLES & set(re.split(r"[/_.\-]", text.lower())):
            return ""
        if _BUCKET.match(text):
            return "" if _VERSION.search(text) or self._made(entry, text) else text
        path = self._ignored(text, {root, posixpath.dirname(entry.path), ""})
        return path if path and not self._made(entry, path) else ""

    def _ignored(self, text: str, folders: set[str]) -> str:
        """A path in the repository that git ignores, seen from one of the folders."""
        for folder in sorted(folders):
            path = located(folder, "", text) if not text.startswith("..") else None
            if path and self._tracks(path):
                return ""
        for folder in sorted(folders):
            path = located(folder, "", text) if not text.startswith("..") else None
            if path and self._git.ignoring(path):
                return path
        return ""

    def _tracks(self, path: str) -> bool:
        """Whether git has the file, one below it or one of the same name: it is a version."""
        name = f"/{path}"
        return any(
            file.tracked and (within(path, file.path) or f"/{file.path}".endswith(name))
            for file in self._project.repo.files
        )

    def _made(self, entry: EntryPoint, path: str) -> bool:
        """Whether code or a command of the repository makes the data, or may."""
        names = {posixpath.basename(path), posixpath.basename(posixpath.dirname(path))} - {""}
        return (
            self._fetches_by_itself(entry)
            or any(name in command for name in names for command in self._commands)
            or not names.isdisjoint(self._makers)
        )

    @cached_property
    def _makers(self) -> frozenset[str]:
        """Names of files and folders in what calls are given that make some."""
        found: set[str] = set()
        for path, facts in self._project.facts.items():
            for call in facts.python.calls if facts.python else ():
                if _makes(call):
                    values = [*call.args, *(value for _, value in call.keywords)]
                    if call.receiver is not None:
                        values.append(call.receiver)
                    for value in values:
                        for text in self._paths.pieces(path, value, call.block):
                            found.update(_parts(text))
        return frozenset(found)

    @cached_property
    def _commands(self) -> tuple[str, ...]:
        """Commands that may fetch or unpack something, and lines of READMEs that speak of it."""
        commands = (text for facts in self._project.facts.values() for text in _texts(facts))
        return (*filter(_FETCHES.search, commands), *filter(_TELLS.search, self._said()))

    def _said(self) -> Iterator[str]:
        for path in self._project.files:
            if posixpath.basename(path).lower().startswith("readme"):
                with suppress(OSError):
                    text = self._project.repo.read_head(path, _LONGEST_README)
                    yield from text.decode("utf-8", "replace").split("\n")

    def _fetches_by_itself(self, entry: EntryPoint) -> bool:
        """Whether the notebook fetches data in a cell, or the program by a call."""
        project = self._project
        notebook = project.files[entry.path].kind is Kind.NOTEBOOK
        texts = _texts(project.facts[entry.path]) if notebook else ()
        if any(_FETCHES.search(text) for text in texts):
            return True
        fetches = api_table("remote", "remote.fetches")
        return any(site.name in fetches for site in project.program.reach(entry).sites)


def _texts(facts: FileFacts) -> Iterator[str]:
    for command in (*facts.runs, *(facts.prose.commands if facts.prose else ())):
        yield command.text


def _makes(call: Call) -> bool:
    """Whether a call may make files, by its name or mode."""
    name = (call.method or call.callee or call.local).rpartition(".")[2]
    if name == "open":
        modes = [value.value for value in call.args[1:2] if isinstance(value, Const)]
        modes += [v.value for k, v in call.keywords if k == "mode" and isinstance(v, Const)]
        return any(isinstance(mode, str) and set("wax") & set(mode) for mode in modes)
    return _MAKERS.search(name) is not None


def _parts(text: str) -> Iterator[str]:
    if len(text) < 200:
        yield from (part for part in text.split("/") if part not in ("", ".", ".."))


def _given(call: Call) -> AnyValue | None:
    if call.args:
        return call.args[0]
    return next((value for name, value in call.keywords if name in _ARGUMENTS), None)


def _call_of(project: Project, site: Site) -> Call:
    python = project.facts[site.path].python
    assert python is not None
    return python.calls[site.number]


def _match(project: Project, rule: Rule, root_path: str, reads: list[Read]) -> Match:
    by_place = {(read.site.path, read.site.number): read for read in reads}
    first, *others = sorted(by_place.values(), key=lambda read: _order(project, read))
    more = f" and {len(others)} more" if others else ""
    return Match(
        rule=rule.id,
        spot=_spot(project, first),
        values={"path": first.path, "more": more},
        identity=root_path or ".",
        related=tuple(
            Related(_spot(project, read), f"'{read.path}' is read here") for read in others[:NAMED]
        ),
    )


def _order(project: Project, read: Read) -> tuple[bool, str, int]:
    """Examples last."""
    example = project.files[read.entry.path].context is Context.EXAMPLES
    return example, read.site.path, read.site.number


def _spot(project: Project, read: Read) -> Spot:
    call = _call_of(project, read.site)
    span = Span(call.line, call.column, call.end_line, call.end_column)
    return Spot(read.site.path, span, code=True)
