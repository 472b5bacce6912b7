"""Conditions on estimators that are handed to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlaudit.facts.syntax import AnyValue, Call, Local, PythonFacts, Result
from mlaudit.project.values.flow import within
from mlaudit.rules.apis import Api
from mlaudit.rules.parameters import Table, words
from mlaudit.rules.sites import CallSite

_DEPTH = 8


def seeded_by_outer(data: Any) -> Callable[[CallSite], bool | None]:
    """One of these ensembles is made of the result: it gives its estimators seeds of its own."""
    names = Table(dict.fromkeys(words(data), Api()))

    def holds(site: CallSite) -> bool | None:
        python = site.python
        outer = [
            call
            for call in python.calls
            if call.callee and names.find(site.apis.canonical(call.callee)) is not None
        ]
        return any(_is_made_of(python, call, site.index) for call in outer)

    return holds


def _is_made_of(python: PythonFacts, outer: Call, wanted: int) -> bool:
    """Whether the estimator of an ensemble is, or holds, the result of a call."""
    estimator = outer.args[0] if outer.args else None
    estimator = estimator or outer.keyword("estimator") or outer.keyword("base_estimator")
    stack: list[tuple[AnyValue, int]] = [] if estimator is None else [(estimator, 0)]
    while stack:
        value, depth = stack.pop()
        for part in within(value) if depth < _DEPTH else ():
            if isinstance(part, Result):
                if part.call == wanted:
                    return True
                call = python.calls[part.call]
                given = (*call.args, *(one for _, one in call.keywords))
                stack.extend((one, depth + 1) for one in given)
            elif isinstance(part, Local):
                bound = [b.value for b in python.bindings if b.name == part.name]
                stack.extend((one, depth + 1) for one in bound if len(bound) == 1)
    return False
