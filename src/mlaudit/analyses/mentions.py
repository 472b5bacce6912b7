"""Where a file uses its names and the results of its calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mlaudit.facts.syntax import AnyValue, Local, PythonFacts, Result
from mlaudit.project.values.flow import Use, UseKind, parts


class Mention(NamedTuple):
    part: AnyValue
    parent: AnyValue | None
    """What it is a direct part of; None where it stands alone."""
    use: Use


def mentions_in(python: PythonFacts) -> Mapping[str | int, list[Mention]]:
    """All uses of names (by their first part) and of calls' results (by number)."""
    found: dict[str | int, list[Mention]] = defaultdict(list)
    for value, kind, number in _used(python):
        stack: list[tuple[AnyValue, AnyValue | None]] = [(value, None)]
        while stack:
            part, parent = stack.pop()
            if isinstance(part, Local):
                root = part.name.partition(".")[0]
                found[root].append(Mention(part, parent, Use(value, kind, number)))
            elif isinstance(part, Result):
                found[part.call].append(Mention(part, parent, Use(value, kind, number)))
            stack.extend((inner, part) for inner in parts(part))
    return found


def _used(python: PythonFacts) -> Iterator[tuple[AnyValue, UseKind, int]]:
    for number, call in enumerate(python.calls):
        for value in (*call.args, *(value for _, value in call.keywords)):
            yield value, "call", number
        if call.receiver is not None and type(call.receiver) is not Result:
            yield call.receiver, "receiver", number
    for number, binding in enumerate(python.bindings):
        yield binding.value, "binding", number
        if binding.key is not None:
            yield binding.key, "binding", number
    for number, statement in enumerate(python.statements):
        yield statement.value, "statement", number
    yield from _used_around(python)


def _used_around(python: PythonFacts) -> Iterator[tuple[AnyValue, UseKind, int]]:
    """By the heads of blocks, functions and classes."""
    for number, block in enumerate(python.blocks):
        if block.value is not None:
            yield block.value, "block", number
    for scope in python.scopes:
        yield from ((value, "block", scope.block) for value in (*scope.decorators, *scope.bases))
        for parameter in scope.parameters:
            if parameter.default is not None:
                yield parameter.default, "block", scope.block
