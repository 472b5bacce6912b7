"""Conditions on a call and on what becomes of its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Block,
    Call,
    Const,
    Global,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.project.values.flow import within
from mlaudit.rules.parameters import only_true, regex, words
from mlaudit.rules.sites import CallSite
from mlaudit.rules.values import values_of


def bound_to(data: Any) -> Callable[[CallSite], bool]:
    """A regular expression that finds something in a name that takes the result."""
    expression = regex(data)
    return lambda site: any(expression.search(name) for name in site.names)


def fallback(data: Any) -> Callable[[CallSite], bool | None]:
    """The call stands in for a value that was not given: `x or f()`, `if x is None: x = f()`.

    So it does where it is kept first, and the name then stands in.
    """
    known: dict[str, set[AnyValue]] = {}

    def holds(site: CallSite) -> bool:
        if site.path not in known:
            known[site.path] = set(_alternatives(site.python))
        mine: set[AnyValue] = {Result(site.index), *map(Local, site.names)}
        return not mine.isdisjoint(known[site.path]) or _in_missing_branch(site, mine)

    return only_true(data, holds)


def _alternatives(python: PythonFacts) -> Iterator[AnyValue]:
    """The values behind an `or`, and both of a conditional expression."""
    for value in values_of(python):
        if isinstance(value, Const | Local | Global | Result):
            continue
        for part in within(value):
            if isinstance(part, Operation) and part.kind in ("or", "if"):
                yield from (one for one in part.operands[1:] if isinstance(one, Local | Result))


def _in_missing_branch(site: CallSite, mine: set[AnyValue]) -> bool:
    """Made or bound under an `if` or `else` that asks for None or for the name that is bound."""
    bound = [(b.block, b.name) for b in site.python.bindings if b.value in mine]
    return any(
        block.value is not None and _asks_for_absence(block.value, name)
        for start, name in [(site.block, ""), *bound]
        for block in enclosing(site.python, start)
        if block.kind in ("if", "else")
    )


def _asks_for_absence(test: AnyValue, name: str) -> bool:
    return any(
        (isinstance(part, Const) and part.value is None)
        or (isinstance(part, Local) and part.name == name)
        for part in within(test)
    )


def enclosing(python: PythonFacts, block: int) -> Iterator[Block]:
    """The block and those around it in the same function."""
    while block >= 0:
        current = python.blocks[block]
        yield current
        block = current.parent


def seeded(data: Any) -> Callable[[CallSite], bool]:
    """Every run that reaches the call has seeded one of these generators before (or may have)."""
    generators = words(data)
    return lambda site: any(
        site.project.program.seeded_before(site.path, site.index, one) for one in generators
    )


def result_has(data: Any) -> Callable[[CallSite], bool]:
    """One of these methods is called on the result, anywhere in the file."""
    methods = words(data)
    return lambda site: any(_called_on(call, site, methods) for call in site.python.calls)


def seeded_beside(data: Any) -> Callable[[CallSite], bool | None]:
    """The same stretch of code gives a parameter to another call of the same function.

    So the parameter is the seed of that one, and this one was forgotten. `self.a = f(seed)` stands
    beside `self.b = f()`, and nobody binds `self.b` again.
    """
    return only_true(data, _is_seeded_beside)


def _is_seeded_beside(site: CallSite) -> bool:
    python = site.python
    scope = python.scopes[python.scope_of(site.block)]
    parameters = {Local(parameter.name) for parameter in scope.parameters}
    once = any([b.name for b in python.bindings].count(name) == 1 for name in site.names)
    return once and any(
        call.callee == site.call.callee
        and call.block == site.block
        and call.args[:1]
        and call.args[0] in parameters
        for call in python.calls
    )


def result_set(data: Any) -> Callable[[CallSite], bool]:
    """One of these attributes of the result is set, anywhere in the file."""
    attributes = words(data)

    def holds(site: CallSite) -> bool:
        wanted = {f"{name}.{attribute}" for name in site.names for attribute in attributes}
        return any(binding.name in wanted for binding in site.python.bindings)

    return holds


def seeded_by_params(data: Any) -> Callable[[CallSite], bool | None]:
    """`set_params` gives a `random_state` to something in the file, or may do so."""
    return only_true(data, lambda site: any(map(_may_set_seed, site.python.calls)))


def _may_set_seed(call: Call) -> bool:
    written = call.method or call.local or call.callee
    return written.rpartition(".")[2] == "set_params" and any(
        not name or name.endswith("random_state") for name, _ in call.keywords
    )


def result_leaves(data: Any) -> Callable[[CallSite], bool | None]:
    """Somebody out of sight may do something to the result: returned, kept or passed on."""
    return only_true(data, _leaves)


def _called_on(call: Call, site: CallSite, methods: tuple[str, ...]) -> bool:
    if call.receiver == Result(site.index):
        return call.method in methods
    head, _, method = call.local.rpartition(".")
    return method in methods and head in site.names


def _leaves(site: CallSite) -> bool:
    names = {Local(name) for name in site.names}
    python = site.python
    if any(
        s.kind in ("return", "yield") and _holds(s.value, names, site) for s in python.statements
    ):
        return True
    if any(_holds(b.value, names, site) for b in python.bindings if b.name not in site.names):
        return True
    program = site.project.program
    return any(
        _holds(value, names, site) and not program.callee(site.path, number)
        for number, call in enumerate(python.calls)
        for value in (*call.args, *(v for _, v in call.keywords))
    )


def _holds(value: AnyValue, names: set[Local], site: CallSite) -> bool:
    result = Result(site.index)
    return any(part == result or part in names for part in within(value))


def complemented(data: Any) -> Callable[[CallSite], bool | None]:
    """What the call leaves of its receiver is taken, too: `frame.drop(sample.index)`.

    So a sample is one half of a split.
    """
    return only_true(data, _has_complement)


def _has_complement(site: CallSite) -> bool:
    indexes: set[AnyValue] = {Local(f"{name}.index") for name in site.names}
    indexes.add(Attribute(Result(site.index), "index"))
    if not site.names:
        return False
    return any(
        (call.method or call.local.rpartition(".")[2]) in ("drop", "isin") and _given(call, indexes)
        for call in site.python.calls
    )


def _given(call: Call, wanted: set[AnyValue]) -> bool:
    given = (*call.args, *(value for _, value in call.keywords))
    return any(part in wanted for value in given for part in within(value))
