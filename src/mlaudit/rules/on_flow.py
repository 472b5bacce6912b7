"""Conditions that follow a value back to where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Const,
    Global,
    Item,
    Local,
    Operation,
    Result,
    Statement,
)
from mlaudit.project.flow import Flow, Held, within
from mlaudit.rules.apis import Api
from mlaudit.rules.parameters import Table, only_true, rows, words
from mlaudit.rules.sites import CallSite

if TYPE_CHECKING:
    from mlaudit.facts.syntax import PythonFacts

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
_WRAPPERS = frozenset(
    {
        "builtins.enumerate", "builtins.iter", "builtins.zip", "tqdm.tqdm", "tqdm.auto.tqdm",
        "tqdm.notebook.tqdm", "rich.progress.track",
    }
)  # fmt: skip
_BATCHES = re.compile(r"(?i)loader$|batches$|^dl$|_dl$")
_LOADER = "torch.utils.data.DataLoader"


class _Origin:
    """Whether an argument is computed from what one of some calls returns."""

    def __init__(self, site: CallSite, table: Table) -> None:
        self.site = site
        self.table = table
        self.flow = Flow(site.python)
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
        call = self.site.python.calls[number]
        self.calls.add(number)
        # `datetime.now().timestamp` is as good as `datetime.now`.
        name = self.site.apis.canonical(call.callee.partition("()")[0])
        row = self.table.find(name)
        if row is not None:
            return self._fits(row, number, name)
        if call.callee not in _CONVERSIONS:
            return False
        place = self.flow.at_call(number)
        answers = [self.holds(Held(arg, place), depth + 1) for arg in call.args]
        return any(answers)

    def _fits(self, row: Api, number: int, name: str) -> bool:
        if not row.where:
            return True
        from mlaudit.rules.conditions import compile_guard

        site = self.site
        call = site.python.calls[number]
        made = CallSite(site.project, site.facts, site.apis, call, number, name)
        return compile_guard({"where": row.where}, CallSite)(made) is True

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
        given = _given(site, name)
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
        found = (_origin(site, value, calls) for value in _given(site, name))
        return any(origin is not None and _is_kept(origin, table) for origin in found)

    return holds


def _given(site: CallSite, name: str) -> list[AnyValue]:
    names = list(site.arguments) if name == "$argument" else [name]
    return [value for value in map(site.argument, names) if value is not None]


def _origin(site: CallSite, value: AnyValue, calls: Any) -> _Origin | None:
    table = site.apis.once(repr(calls), lambda: Table(rows(calls, site.apis)))
    origin = _Origin(site, table)
    return origin if origin.holds(Held(value, origin.flow.at_call(site.index))) else None


def _is_kept(origin: _Origin, takers: Table) -> bool:
    if any("." in name for name in origin.names):
        return True
    wanted: set[AnyValue] = {Local(name) for name in origin.names}
    wanted |= {Result(number) for number in origin.calls}
    site = origin.site
    for number, call in enumerate(site.python.calls):
        if (
            number in (*origin.calls, site.index)
            or takers.find(site.apis.canonical(call.callee)) is not None
        ):
            continue
        if any(part in wanted for value in _values(call) for part in within(value)):
            return True
    return any(
        part in wanted for value in _leaving(site.python, origin.names) for part in within(value)
    )


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


def drawn_twice(data: Any) -> Callable[[CallSite], bool | None]:
    """The same function is called again with the same name, to repeat what was drawn."""
    return only_true(data, _repeats)


def _repeats(site: CallSite) -> bool:
    mine = [value for value in _values(site.call) if isinstance(value, Local)]
    scope = site.python.scope_of(site.block)
    return any(
        number != site.index
        and call.callee == site.call.callee
        and site.python.scope_of(call.block) == scope
        and any(value in mine for value in _values(call))
        for number, call in enumerate(site.python.calls)
    )


def in_batch_loop(data: Any) -> Callable[[CallSite], bool | None]:
    """The innermost loop around goes over the batches of a data loader."""
    return only_true(data, _in_batch_loop)


def _in_batch_loop(site: CallSite) -> bool:
    flow = Flow(site.python)
    loop = flow.loop(site.block)
    if loop is None or site.python.blocks[loop].value is None:
        return False
    stack = [site.python.blocks[loop].value]
    while stack:
        value = stack.pop()
        if isinstance(value, Local | Global):
            if _BATCHES.search(value.name):
                return True
        elif isinstance(value, Result):
            call = site.python.calls[value.call]
            if call.callee == _LOADER:
                return True
            if call.callee in _WRAPPERS:
                stack.extend(call.args)
    return False


def made_with(data: Any) -> Callable[[CallSite], bool | None]:
    """The object whose method is called was made with one of these arguments."""
    names = words(data)

    def holds(site: CallSite) -> bool | None:
        makers = list(_makers(site))
        if not makers or any(maker.open for maker in makers):
            return None
        return any(
            maker.keyword(name) not in (None, Const(None)) for maker in makers for name in names
        )

    return holds


def _makers(site: CallSite) -> Iterator[Call]:
    """The calls that made the object; nothing where one of them is out of sight."""
    flow = Flow(site.python)
    receiver = site.call.receiver
    if receiver is None:
        receiver = Local(site.call.local.partition(".")[0])
    if receiver == Local("self"):
        receiver = Local(".".join(site.call.local.split(".")[:2]))
    while isinstance(receiver, Attribute):
        receiver = receiver.base
    if isinstance(receiver, Result):
        yield site.python.calls[receiver.call]
        return
    if not isinstance(receiver, Local):
        return
    bound = [b.value for b in site.python.bindings if b.name == receiver.name]
    if receiver.name.startswith("self.") or flow.reaching(receiver.name, flow.at_call(site.index)):
        made = [value for value in bound if isinstance(value, Result)]
        yield from (site.python.calls[value.call] for value in made if len(made) == len(bound))


def discarded(data: Any) -> Callable[[CallSite], bool | None]:
    """The call is a statement: nobody takes what it returns."""

    def holds(site: CallSite) -> bool:
        result = Result(site.index)
        return any(_is_alone(statement, result) for statement in site.python.statements)

    return only_true(data, holds)


def _is_alone(statement: Statement, result: Result) -> bool:
    return statement.kind == "expression" and statement.value == result


def calls_too(data: Any) -> Callable[[CallSite], bool]:
    """The function around also calls something whose last name is one of these."""
    names = set(words(data))

    def holds(site: CallSite) -> bool:
        scope = site.python.scope_of(site.block)
        return any(
            (call.callee or call.local or call.method).rpartition(".")[2] in names
            for call in site.python.calls
            if site.python.scope_of(call.block) == scope
        )

    return holds
