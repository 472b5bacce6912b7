"""Conditions on what a value is computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Item,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.values.flow import Flow, Held, within
from mlaudit.rules.apis import Api, Apis
from mlaudit.rules.parameters import Table, rows
from mlaudit.rules.sites import CallSite

if TYPE_CHECKING:
    from mlaudit.facts.records import FileFacts
    from mlaudit.project.project import Project

FARTHEST = 12
_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "neg"})
_CONVERSIONS = frozenset(
    {
        "builtins.abs", "builtins.float", "builtins.hash", "builtins.int", "builtins.round",
        "builtins.str", "builtins.int.from_bytes", "builtins.max", "builtins.min", "math.floor",
        "numpy.int64", "numpy.uint32", "numpy.abs",
    }
)  # fmt: skip
"""Calls whose result tells no more than what they are given."""


class _Origin:
    """Whether a value in one file is computed from what one of some calls returns."""

    def __init__(self, project: Project, facts: FileFacts, apis: Apis, table: Table) -> None:
        self.project = project
        self.facts = facts
        self.apis = apis
        self.table = table
        self.python = facts.python or PythonFacts()
        self.flow = Flow(self.python)
        self.names: set[str] = set()
        """Through which the value came."""
        self.calls: set[int] = set()
        """That made or converted it."""

    def holds(self, held: Held, depth: int = 0) -> bool:
        """Arithmetic keeps what is in any operand; of several ways to a value all must lead there.

        All ways are looked at, for the names on them.
        """
        if depth > FARTHEST:
            return False

        def each(values: Iterable[AnyValue]) -> list[bool]:
            return [self.holds(Held(value, held.place), depth + 1) for value in values]

        match held.value:
            case Result(call=number):
                return self._called(number, depth)
            case Operation(kind=kind, operands=operands) if kind in _ARITHMETIC:
                return any(each(operands))
            case Operation(kind="if" | "or" as kind, operands=operands):
                return all(each(operands[1 if kind == "if" else 0 :]))
            case Attribute(base=base) | Item(base=base):
                return all(each([base]))
            case Local(name=name):
                return self._named(name, held, depth)
            case _:
                return False

    def _called(self, number: int, depth: int) -> bool:
        call = self.python.calls[number]
        self.calls.add(number)
        # `datetime.now().timestamp` is as good as `datetime.now`.
        name = self.apis.canonical(call.callee.partition("()")[0])
        row = self.table.find(name)
        if row is not None:
            return self._fits(row, number, name)
        if call.callee not in _CONVERSIONS:
            return self._returned(number, depth)
        place = self.flow.at_call(number)
        answers = [self.holds(Held(arg, place), depth + 1) for arg in call.args]
        return any(answers)

    def _fits(self, row: Api, number: int, name: str) -> bool:
        if not row.where:
            return True
        from mlaudit.rules.conditions import compile_guard

        call = self.python.calls[number]
        made = CallSite(self.project, self.facts, self.apis, call, number, name)
        return compile_guard({"where": row.where}, CallSite)(made) is True

    def _returned(self, number: int, depth: int) -> bool:
        """A function of the repository returns nothing else, and shows it to nobody."""
        target = self.project.program.resolver.call(self.facts.path, number)
        if not isinstance(target, Definition) or not target.scope:
            return False
        inner = _Origin(self.project, self.project.facts[target.path], self.apis, self.table)
        answers = [
            inner.holds(Held(statement.value, inner.flow.at_statement(index)), depth + 1)
            for index, statement in enumerate(inner.python.statements)
            if statement.kind == "return" and inner.flow.scope(statement.block) == target.scope
        ]
        return bool(answers) and all(answers) and not _is_passed_on(inner, Table({}))

    def _named(self, name: str, held: Held, depth: int) -> bool:
        root, dot, _ = name.partition(".")
        numbers = self.flow.reaching(name, held.place)
        if not numbers and dot and root != "self":
            numbers = self.flow.reaching(root, held.place)
            name = root
        self.names.add(name)
        answers = [self.holds(self.flow.taken(number), depth + 1) for number in numbers]
        return bool(answers) and all(answers)


def made_of(data: Any) -> Callable[[CallSite], bool | None]:
    """`{argument: NAME, calls: NAMES or {api: TABLE}}`: the value is computed from such a call.

    Through arithmetic, conversions and names; on every way on which the value may come.
    """
    name, calls = str(data["argument"]), data["calls"]

    def holds(site: CallSite) -> bool | None:
        given = site.given(name)
        if not given:
            return None if site.call.open else False
        return any(_origin(site, value, calls) is not None for value in given)

    return holds


def kept(data: Any) -> Callable[[CallSite], bool]:
    """As `made-of`, with `takers`: the value is also given to something that is no such taker.

    Printed, logged, saved, returned or kept in an object: so it can be had again.
    """
    name, calls, takers = str(data["argument"]), data["calls"], data["takers"]

    def holds(site: CallSite) -> bool:
        table = site.apis.once(repr(takers), lambda: Table(rows(takers, site.apis)))
        found = (_origin(site, value, calls) for value in site.given(name))
        return any(origin is not None and _is_kept(origin, table) for origin in found)

    return holds


def _origin(site: CallSite, value: AnyValue, calls: Any) -> _Origin | None:
    table = site.apis.once(repr(calls), lambda: Table(rows(calls, site.apis)))
    origin = _Origin(site.project, site.facts, site.apis, table)
    return origin if origin.holds(Held(value, origin.flow.at_call(site.index))) else None


def _is_kept(origin: _Origin, takers: Table) -> bool:
    wanted = _traces(origin)
    return _is_passed_on(origin, takers) or any(
        part in wanted for value in _leaving(origin.python, origin.names) for part in within(value)
    )


def _is_passed_on(origin: _Origin, takers: Table) -> bool:
    """Kept in an attribute, or given to a call that neither made it nor is a taker."""
    if any("." in name for name in origin.names):
        return True
    wanted = _traces(origin)
    return any(
        part in wanted
        for number, call in enumerate(origin.python.calls)
        if number not in origin.calls and takers.find(origin.apis.canonical(call.callee)) is None
        for value in _values(call)
        for part in within(value)
    )


def _traces(origin: _Origin) -> set[AnyValue]:
    names: set[AnyValue] = {Local(name) for name in origin.names}
    return names | {Result(number) for number in origin.calls}


def _values(call: Call) -> Iterator[AnyValue]:
    yield from call.args
    yield from (value for _, value in call.keywords)


def _leaving(python: PythonFacts, names: set[str]) -> Iterator[AnyValue]:
    """What is returned, or kept under another name."""
    for statement in python.statements:
        if statement.kind in ("return", "yield"):
            yield statement.value
    for binding in python.bindings:
        if binding.kind == "item" or binding.name not in names:
            yield binding.value
