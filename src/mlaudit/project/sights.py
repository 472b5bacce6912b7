"""The repository as signs of a practice look at it: indexed once, whatever is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mlaudit.facts.records import Entry, FileFacts
from mlaudit.facts.syntax import Call, Global, PythonFacts
from mlaudit.knowledge import Names, NamesByEnd
from mlaudit.project.tools import COUNTED, ToolSign, tool_signs

if TYPE_CHECKING:
    from mlaudit.project.project import Project

CI_FILES = re.compile(
    r"(?:^|/)(?:\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci[^/]*\.ya?ml|azure-pipelines[^/]*\.ya?ml"
    r"|\.circleci/config\.yml|bitbucket-pipelines\.yml|Jenkinsfile|\.buildkite/[^/]+\.ya?ml"
    r"|\.travis\.yml|\.drone\.yml|\.woodpecker[^/]*\.ya?ml|buildspec[^/]*\.ya?ml|cloudbuild[^/]*\.ya?ml)$"
)


class Line(NamedTuple):
    """A command, and the file that says to run it."""

    path: str
    text: str
    line: int
    target: str
    """Of a Makefile, or the name of a task or stage."""


class Thing(NamedTuple):
    """A Kubernetes object: its group and kind, and what is written below it."""

    path: str
    kind: str
    """`argoproj.io/Rollout`; the version is left out."""
    line: int
    entries: tuple[Entry, ...]


class Sights:
    """Files that show what people practise, and what they say."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def counted(self) -> tuple[FileFacts, ...]:
        """The facts of files that are no tests, documentation, examples, vendored or generated."""
        files = self.project.files
        return tuple(f for p, f in self.project.facts.items() if files[p].context in COUNTED)

    @cached_property
    def tools(self) -> tuple[ToolSign, ...]:
        return tool_signs(self.project)

    # calls

    @cached_property
    def _calls(self) -> dict[str, list[tuple[FileFacts, Call]]]:
        found: dict[str, list[tuple[FileFacts, Call]]] = {}
        for facts in self.counted:
            for call in _calls(facts.python) if facts.python is not None else ():
                name = call.callee or f".{call.method or call.local.rpartition('.')[2]}"
                found.setdefault(name, []).append((facts, call))
        return found

    def calls(self, names: Names) -> Iterator[tuple[FileFacts, Call]]:
        """Calls by their resolved names; `.name` is a method of something unknown."""
        for callee in names.among(self._names):
            yield from self._calls[callee]

    @cached_property
    def _names(self) -> NamesByEnd:
        return NamesByEnd(self._calls)

    # commands

    @cached_property
    def commands(self) -> tuple[Line, ...]:
        """Everything that a file says to run: scripts, Makefiles, CI, images, notebooks."""
        return tuple(line for facts in self.counted for line in _lines(facts))

    @cached_property
    def ci_commands(self) -> tuple[Line, ...]:
        return tuple(line for line in self.commands if CI_FILES.search(line.path))

    # documents

    @cached_property
    def objects(self) -> tuple[Thing, ...]:
        return tuple(thing for facts in self.counted for thing in _things(facts))


def _calls(python: PythonFacts) -> Iterator[Call]:
    """The calls of a file, and the decorators, which Python calls with what they stand above."""
    yield from python.calls
    for scope in python.scopes:
        for decorator in scope.decorators:
            if isinstance(decorator, Global):
                place = (scope.block, scope.line, scope.column, scope.line, 0)
                yield Call(decorator.name, "", None, (), (), *place)


def line_of(facts: FileFacts, line: int) -> int:
    """Line of code in the file itself."""
    raw = facts.notebook.raw_lines if facts.notebook is not None else ()
    return raw[line - 1].line if 0 < line <= len(raw) else line


def _lines(facts: FileFacts) -> Iterator[Line]:
    for command in facts.commands:
        yield Line(facts.path, command.text, command.line, command.target)
    for step in facts.dockerfile.instructions if facts.dockerfile is not None else ():
        if step.keyword in ("RUN", "CMD", "ENTRYPOINT"):
            flat = re.sub(r'[\[\]",]+', " ", step.value).strip()
            yield Line(facts.path, flat, step.span.line, step.keyword)
    for cell in facts.notebook.cells if facts.notebook is not None else ():
        for magic in cell.magics:
            yield Line(facts.path, magic.text, line_of(facts, magic.line), "")


def _things(facts: FileFacts) -> Iterator[Thing]:
    document = facts.document
    if document is None or document.template:
        return
    groups = {
        entry.document: str(entry.value).partition("/")[0]
        for entry in document.entries
        if entry.path == ("apiVersion",)
    }
    for entry in document.entries if groups else ():
        if entry.path == ("kind",) and entry.document in groups:
            own = tuple(one for one in document.entries if one.document == entry.document)
            kind = f"{groups[entry.document]}/{entry.value}"
            yield Thing(facts.path, kind, entry.line, own)
