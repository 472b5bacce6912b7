"""The repository as signs of a practice look at it: indexed once, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mlaudit.facts.records import Document, FileFacts
from mlaudit.facts.syntax import Call, Global, PythonFacts
from mlaudit.knowledge import Names, NamesByEnd
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.practices.kubernetes import Thing, things
from mlaudit.project.practices.tools import COUNTED, ToolSign, tool_signs
from mlaudit.repo.model import File

if TYPE_CHECKING:
    from mlaudit.project.practices.jobs import Job
    from mlaudit.project.project import Project


class Line(NamedTuple):
    """A command, and the file that says to run it."""

    path: str
    text: str
    line: int
    target: str
    """Of a Makefile, or the name of a task or stage."""


class Sights:
    """Files that show what people practise, and what they say."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.files: Mapping[str, File] = project.files
        """Those that are looked at, by path."""
        self.facts: Mapping[str, FileFacts] = project.facts
        self._places: dict[str, frozenset[str]] = {}
        self._keys: dict[str, frozenset[str]] = {}

    @cached_property
    def counted(self) -> tuple[FileFacts, ...]:
        """The facts of files that are no tests, documentation, examples, vendored or generated."""
        return tuple(f for p, f in self.facts.items() if self.files[p].context in COUNTED)

    @cached_property
    def tools(self) -> tuple[ToolSign, ...]:
        return tool_signs(self.project)

    def within(self, place: str) -> frozenset[str]:
        """The files whose code runs in `training`, in `serving`, in `ci` or on a `schedule`."""
        places = self.project.sights._places
        if place not in places:
            from mlaudit.project.practices.places import files_within

            places[place] = files_within(self.project.sights, place)
        return places[place]

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
        return tuple(line for line in self.commands if is_ci(line.path))

    # documents

    def may_have(self, path: str, document: Document, key: str) -> bool:
        """Whether any value of a document has this key; one without a name fits all."""
        if not key:
            return True
        known = self.project.sights._keys
        if path not in known:
            known[path] = frozenset(str(one.path[-1]) for one in document.entries if one.path)
        return key in known[path]

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of workflows and pipelines of CI."""
        from mlaudit.project.practices.jobs import jobs

        return jobs([facts for facts in self.counted if is_ci(facts.path)])

    @cached_property
    def objects(self) -> tuple[Thing, ...]:
        return tuple(thing for facts in self.counted for thing in things(facts))


def _calls(python: PythonFacts) -> Iterator[Call]:
    """The calls of a file, and the decorators, which Python calls with what they stand above."""
    yield from python.calls
    for scope in python.scopes:
        for decorator in scope.decorators:
            if isinstance(decorator, Global):
                place = (scope.block, scope.line, scope.column, scope.line, 0)
                yield Call(decorator.name, "", None, (), (), *place)


def _lines(facts: FileFacts) -> Iterator[Line]:
    for command in facts.runs:
        yield Line(facts.path, command.text, facts.raw_line(command.line), command.target)
