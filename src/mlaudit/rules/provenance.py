"""Where a value's bytes come from: followed through names, functions, files and callers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Const,
    Global,
    Item,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.values.flow import Flow, Held, Place
from mlaudit.rules.apis import Api, Apis
from mlaudit.rules.parameters import Table
from mlaudit.rules.sites import CallSite

if TYPE_CHECKING:
    from mlaudit.project.project import Project

FARTHEST = 10
"""Steps through names, calls, functions and files on the way back."""
_URL = re.compile(r"^(?:https?|ftp|s3|s3a|gs|gcs|abfss?|wasbs?|hf)://")


class Search:
    """What is looked for, in whatever file the way leads through."""

    def __init__(
        self, project: Project, apis: Apis, table: Table, url: re.Pattern[str] | None
    ) -> None:
        self.project = project
        self.apis = apis
        self.table = table
        self.url = url
        self.seen: set[tuple[str, Held]] = set()
        """One way to a place is enough: all others end where this one ends."""
        self._files: dict[str, _File] = {}

    def file(self, path: str) -> _File:
        if path not in self._files:
            self._files[path] = _File(self, path)
        return self._files[path]


class _File:
    """The way back through one file."""

    def __init__(self, search: Search, path: str) -> None:
        self.search = search
        self.path = path
        self.python = search.project.facts[path].python or PythonFacts()
        self.flow = Flow(self.python)

    def is_remote(self, value: AnyValue, call: int, depth: int) -> bool:
        """Whether the value that a call is given is, or names, something from elsewhere."""
        return self._held(Held(value, self.flow.at_call(call)), depth)

    def _held(self, held: Held, depth: int) -> bool:
        if depth > FARTHEST or (self.path, held) in self.search.seen:
            return False
        self.search.seen.add((self.path, held))
        return self._made(held, depth + 1) or self._written(held, depth + 1)

    # what a value is made of

    def _made(self, held: Held, depth: int) -> bool:
        def any_of(*values: AnyValue) -> bool:
            return any(self._held(Held(value, held.place), depth) for value in values)

        match held.value:
            case Const(value=str(text)):
                return self._is_address(text)
            case Global(name=name):
                return self._fetches(name) is not None
            case Result(call=number):
                return self._returned(number, depth)
            case Attribute(base=base) | Item(base=base):
                return any_of(base)
            case Operation(kind="format" | "/" | "+", operands=operands) if operands:
                return any_of(operands[0])
            case Operation(kind="await" | "if" | "or", operands=operands):
                return any_of(*operands)
            case Local(name=name):
                return self._named(name, held.place, depth)
            case _:
                return False

    def _is_address(self, text: str) -> bool:
        return _URL.match(text) is not None and self._asked_for(text)

    def _asked_for(self, text: str) -> bool:
        return self.search.url is None or self.search.url.search(text) is not None

    def _fetches(self, name: str) -> Api | None:
        """The row of what fetches, be it called by this name or something of its result."""
        found = self.search.table.find(self.search.apis.canonical(name))
        if found is None and "()" in name:
            head = name.rpartition("()")[0]
            return self._fetches(head)
        return found

    def _returned(self, number: int, depth: int) -> bool:
        call = self.python.calls[number]
        row = self._fetches(call.callee) if call.callee else None
        if row is not None:
            return self._counts(row, number)
        if self.search.apis.canonical(call.callee) in self.search.apis.table("remote.carriers"):
            return any(self.is_remote(arg, number, depth) for arg in call.args)
        owner = _owner(call)
        if owner is not None and self.is_remote(owner, number, depth):
            return True
        return self._of_function(number, depth)

    def _counts(self, row: Api, number: int) -> bool:
        """Whether a fetching call is one that is asked for."""
        site = self._site(number)
        if row.unless:
            from mlaudit.rules.conditions import compile_guard

            if compile_guard({"unless": row.unless}, CallSite)(site) is not True:
                return False
        if self.search.url is None:
            return True
        given = (*site.call.args, *(value for _, value in site.call.keywords))
        literals = (site.constant(value) for value in given)
        return any(
            isinstance(one, Const) and isinstance(one.value, str) and self._asked_for(one.value)
            for one in literals
        )

    def _site(self, number: int) -> CallSite:
        call, search = self.python.calls[number], self.search
        facts = search.project.facts[self.path]
        name = search.apis.canonical(call.callee)
        return CallSite(search.project, facts, search.apis, call, number, name)

    def _of_function(self, number: int, depth: int) -> bool:
        """A function of the repository returns it."""
        target = self.search.project.program.resolver.call(self.path, number)
        if not isinstance(target, Definition) or not target.scope:
            return False
        inner = self.search.file(target.path)
        return any(
            inner._held(Held(statement.value, inner.flow.at_statement(index)), depth)
            for index, statement in enumerate(inner.python.statements)
            if statement.kind == "return" and inner.flow.scope(statement.block) == target.scope
        )

    # names and parameters

    def _named(self, name: str, place: Place, depth: int) -> bool:
        root = name.partition(".")[0]
        for wanted in dict.fromkeys((name, root)):
            numbers = self.flow.reaching(wanted, place)
            if numbers:
                return any(self._held(self.flow.taken(number), depth) for number in numbers)
        return self._is_parameter(root, place, depth)

    def _is_parameter(self, name: str, place: Place, depth: int) -> bool:
        """Given by whoever sends a request, or by a caller that has it from elsewhere."""
        number = self.flow.scope(place.block)
        scope = self.python.scopes[number]
        if scope.kind != "function":
            return False
        names = [parameter.name for parameter in scope.parameters]
        if name not in names:
            return False
        position = names.index(name)
        annotation = scope.parameters[position].annotation
        if isinstance(annotation, Global) and self._fetches(annotation.name) is not None:
            return True
        default = scope.parameters[position].default
        if isinstance(default, Result) and self._fetches(self.python.calls[default.call].callee):
            return True
        own = Definition(self.path, number)
        is_method = self.python.scopes[scope.parent].kind == "class"
        return any(
            self.search.file(path).is_remote(value, call, depth)
            for path, call in self.search.project.program.callers(own)
            if (value := self._given(path, call, name, position - is_method)) is not None
        )

    def _given(self, path: str, number: int, name: str, position: int) -> AnyValue | None:
        facts = self.search.project.facts[path].python or PythonFacts()
        call = facts.calls[number]
        named = call.keyword(name)
        if named is not None or call.open or not 0 <= position < len(call.args):
            return named
        return call.args[position]

    # files on the way

    def _written(self, held: Held, depth: int) -> bool:
        """The value is the path of a file that something fetched was written to."""
        wanted = self._spellings(held)
        if not wanted:
            return False
        return any(
            not wanted.isdisjoint(self._spellings(Held(path, self.flow.at_call(number))))
            and self._is_download(number, depth)
            for number, path in self._targets
        )

    def _spellings(self, held: Held) -> set[AnyValue]:
        """A path as it is written, and as the names in it were bound."""
        if not isinstance(held.value, Local | Const | Operation):
            return set()
        bound = self.flow.bound(held) or []
        return {held.value, *(one.value for one in bound if isinstance(one.value, Const))}

    @cached_property
    def _targets(self) -> tuple[tuple[int, AnyValue], ...]:
        return tuple(self._find_targets())

    def _find_targets(self) -> Iterator[tuple[int, AnyValue]]:
        """Calls that write what they fetch, or are given, to a file; with its path."""
        for number, call in enumerate(self.python.calls):
            if call.callee == "builtins.open().write":
                yield from ((number, path) for path in self._opened(number))
                continue
            row = self._fetches(call.callee) if call.callee else None
            if row is None and self._fetching_method(call):
                yield from ((number, arg) for arg in call.args[-1:])
            elif row is not None and row.arguments:
                site = self._site(number)
                site.arguments = row.arguments
                given = (site.argument(name) for name in row.arguments)
                yield from ((number, path) for path in given if path is not None)

    def _opened(self, number: int) -> Iterator[AnyValue]:
        """The path of the open file that a call writes to."""
        owner = _owner(self.python.calls[number])
        if owner is None:
            return
        for opener in self.flow.bound(Held(owner, self.flow.at_call(number))) or ():
            if isinstance(opener.value, Result):
                yield from self.python.calls[opener.value.call].args[:1]

    def _is_download(self, number: int, depth: int) -> bool:
        call = self.python.calls[number]
        if call.callee == "builtins.open().write":
            return any(self.is_remote(arg, number, depth) for arg in call.args)
        row = self._fetches(call.callee) if call.callee else None
        return self._counts(row, number) if row is not None else self.search.url is None

    def _fetching_method(self, call: Call) -> bool:
        """A method that is known by its name alone, of an object that is not known."""
        method = call.method or call.local.rpartition(".")[2]
        return not call.callee and self.search.table.find(f".{method}") is not None


def _owner(call: Call) -> AnyValue | None:
    """The object whose method is called."""
    if call.receiver is not None:
        return call.receiver if call.method else None
    head, dot, _ = call.local.rpartition(".")
    return Local(head) if dot else None
