"""Whether shuffled rows are cut in two by their position."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mlaudit.facts.syntax import AnyValue, Binding, Const, Item, Local, PythonFacts, Result, Slice
from mlaudit.rules.parameters import only_true
from mlaudit.rules.sites import CallSite

_KEEPING = frozenset({"copy", "reset_index"})
"""Methods of a frame that keep the order of its rows."""


def cut_in_two(data: Any) -> Callable[[CallSite], bool | None]:
    """`a, b = rows[:n], rows[n:]` of the result, in the same file.

    The result is followed through names, and through functions that return it.
    """
    return only_true(data, lambda site: _is_cut(site.python, site.index))


def _is_cut(python: PythonFacts, call: int) -> bool:
    same = _same_rows(python, call)
    heads: set[tuple[int, AnyValue]] = set()
    tails: set[tuple[int, AnyValue]] = set()
    for number, binding in enumerate(python.bindings):
        value = binding.value
        if isinstance(value, Item) and isinstance(value.index, Slice):
            scope, cut = python.scope_of(binding.block), value.index
            if _taken(python, value.base, scope, number) in same and cut.step == Const(None):
                if cut.lower == Const(None):
                    heads.add((scope, cut.upper))
                elif cut.upper == Const(None):
                    tails.add((scope, cut.lower))
    return not heads.isdisjoint(tails)


def _taken(python: PythonFacts, base: AnyValue, scope: int, before: int) -> AnyValue | None:
    """What the name before `[...]` or `.iloc[...]` was last bound to in its function."""
    if not isinstance(base, Local):
        return None
    name = base.name.removesuffix(".iloc")
    bound = [b for b in python.bindings[:before] if _is_bound(python, b, name, scope)]
    return bound[-1].value if bound else None


def _is_bound(python: PythonFacts, binding: Binding, name: str, scope: int) -> bool:
    return binding.name == name and python.scope_of(binding.block) == scope


def _same_rows(python: PythonFacts, call: int) -> set[AnyValue]:
    """Results that are the same rows in the same order."""
    found: list[AnyValue] = [Result(call)]
    for result in found:
        found += (one for one in _next(python, result) if one not in found)
    return set(found)


def _next(python: PythonFacts, result: AnyValue) -> Iterator[AnyValue]:
    for number, call in enumerate(python.calls):
        if call.receiver == result and call.method in _KEEPING:
            yield Result(number)
    for number, binding in enumerate(python.bindings):
        if binding.value == result:
            yield from _kept(python, number)
    for statement in python.statements:
        if statement.kind == "return" and statement.value == result:
            yield from _calls_of(python, python.scope_of(statement.block))


def _kept(python: PythonFacts, number: int) -> Iterator[AnyValue]:
    """What methods give that are called on a name until it is bound again; and its return."""
    binding = python.bindings[number]
    scope = python.scope_of(binding.block)
    again = (
        b.after for b in python.bindings[number + 1 :] if _is_bound(python, b, binding.name, scope)
    )
    end = next(again, len(python.calls))
    for index in range(binding.after, end):
        call = python.calls[index]
        head, _, method = call.local.rpartition(".")
        if head == binding.name and method in _KEEPING and python.scope_of(call.block) == scope:
            yield Result(index)
    last = end == len(python.calls)
    for statement in python.statements if last else ():
        returned = statement.kind == "return" and statement.value == Local(binding.name)
        if returned and python.scope_of(statement.block) == scope:
            yield from _calls_of(python, scope)


def _calls_of(python: PythonFacts, scope: int) -> Iterator[AnyValue]:
    """Calls of a function of the module that returns in one place only, and is not decorated."""
    function = python.scopes[scope]
    returns = [
        s for s in python.statements if s.kind == "return" and python.scope_of(s.block) == scope
    ]
    plain = function.kind == "function" and function.parent == 0 and not function.decorators
    bound = [b.name for b in python.bindings].count(function.name)
    if plain and bound == 1 and len(returns) == 1:
        yield from (Result(n) for n, c in enumerate(python.calls) if c.local == function.name)
