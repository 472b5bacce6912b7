"""Functions of the repository that hand on the name, and perhaps the step, of a metric."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.syntax import AnyValue, Call, Const, Local, Mapping, Scope
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project


class Row(NamedTuple):
    """Where a call that logs takes the name of the metric and the step."""

    key: str
    key_at: int
    step: str
    step_at: int


def unstepped_callers(project: Project, path: str, call: Call, row: Row) -> Iterator[Site]:
    """Calls of the function around that give a constant name, and no step to a helper that asks."""
    python = project.facts[path].python
    assert python is not None
    number = python.blocks[call.block].scope
    scope = python.scopes[number]
    key, step = _given(call, row.key, row.key_at), _given(call, row.step, row.step_at)
    if scope.kind != "function" or call.open or not _is_left_out(scope, step):
        return
    named = isinstance(key, Local) and _position(scope, key.name) is not None
    if not named and (step is None or not is_constant(key)):
        return  # a call that the caller sees by itself
    for where, at in project.program.callers(Definition(path, number)):
        other = project.facts[where].python
        if other is None or where not in project.runs.python:
            continue
        made = other.calls[at]
        bound = python.scopes[scope.parent].kind == "class"
        told = _given_to(scope, made, key.name, bound) if isinstance(key, Local) else key
        stepped = isinstance(step, Local) and _given_to(scope, made, step.name, bound) is not None
        if not made.open and not stepped and is_constant(told):
            yield Site(where, at, call.callee)


def _given(call: Call, name: str, place: int) -> AnyValue | None:
    value = call.keyword(name)
    return value if value is not None else call.args[place] if len(call.args) > place else None


def _is_left_out(scope: Scope, step: AnyValue | None) -> bool:
    """No step at all, or that of a parameter which is None unless somebody gives it."""
    if step is None:
        return True
    defaults = [p.default for p in scope.parameters if step == Local(p.name)]
    return bool(defaults) and defaults[0] in (Const(None), Const(0))


def _position(scope: Scope, name: str) -> int | None:
    names = [parameter.name for parameter in scope.parameters]
    return names.index(name) if name in names else None


def _given_to(scope: Scope, made: Call, name: str, bound: bool) -> AnyValue | None:
    place = _position(scope, name)
    return _given(made, name, (place or 0) - bound) if place is not None else None


def is_constant(key: AnyValue | None) -> bool:
    """Whether the name of a metric, or all names in a dict of them, are literals."""
    if isinstance(key, Mapping):
        return bool(key.keys) and all(isinstance(one, Const) for one in key.keys)
    return isinstance(key, Const) and isinstance(key.value, str)
