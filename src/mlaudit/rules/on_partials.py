"""Conditions on `functools.partial`, which calls a function later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlaudit.facts.syntax import AnyValue, Call, Global, Local
from mlaudit.project.values.flow import within
from mlaudit.rules.apis import Api
from mlaudit.rules.parameters import Table, rows
from mlaudit.rules.sites import CallSite
from mlaudit.rules.values import values_of


def partial_of(data: Any) -> Callable[[CallSite], bool | None]:
    """`{calls: NAMES or {api: TABLE}, seeded: GENERATOR}`: one of the calls lacks its arguments.

    Neither `partial` gives them nor any call of the name that takes its result, of which the file
    shows all; and no such call comes after a seed of the generator.
    """
    calls, generator = data["calls"], str(data["seeded"])

    def holds(site: CallSite) -> bool:
        table = site.apis.once(repr(calls), lambda: Table(rows(calls, site.apis)))
        first = site.call.args[0] if site.call.args else None
        if not isinstance(first, Global) or len(site.call.args) > 1:
            return False
        row = table.find(site.apis.canonical(first.name))
        return row is not None and _lacks(site, row, generator)

    return holds


def _lacks(site: CallSite, row: Api, generator: str) -> bool:
    # What a row with conditions asks for may be given in either place.
    if row.where or row.unless or len(site.names) != 1 or not _is_only_called(site, site.names[0]):
        return False
    later = [n for n, call in enumerate(site.python.calls) if call.local == site.names[0]]
    seeded = site.project.program.seeded_before
    return (
        bool(later)
        and _is_bare(site.call, row)
        and all(_is_bare(site.python.calls[number], row) for number in later)
        and not any(seeded(site.path, number, generator) for number in later)
    )


def _is_bare(call: Call, row: Api) -> bool:
    """No argument of the row's may be among those that are given."""
    positions = [position for position in row.arguments.values() if position is not None]
    given = any(call.keyword(name) is not None for name in row.arguments)
    return not (call.open or given or (positions and call.args))


def _is_only_called(site: CallSite, name: str) -> bool:
    """Bound once, and given to nobody."""
    python = site.python
    local: AnyValue = Local(name)
    return (
        "." not in name
        and [b.name for b in python.bindings].count(name) == 1
        and not any(p.name == name for scope in python.scopes for p in scope.parameters)
        and not any(part == local for value in values_of(python) for part in within(value))
    )
