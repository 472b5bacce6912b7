"""Functions that run inside of others because a decorator puts these around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mlaudit.facts.syntax import PythonFacts, Result
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.runs.extents import Part

if TYPE_CHECKING:
    from mlaudit.project.linking.program import Program


def decorated(
    program: Program, python: Mapping[str, PythonFacts], parts: Iterable[Part]
) -> Iterator[Definition]:
    """The functions that some of the parts call, being the inner functions of decorators."""
    for part in parts:
        if calls_of_parameters(python, [part]):
            outer = python[part.path].scopes[part.scope].parent
            yield from _wearing(program, python, Definition(part.path, outer))


def calls_of_parameters(
    python: Mapping[str, PythonFacts], parts: Iterable[Part]
) -> list[tuple[str, int]]:
    """The calls of what the function around each part was given."""
    found = []
    for part in parts:
        code = python[part.path]
        outer = code.scopes[part.scope].parent
        if outer > 0:
            names = {parameter.name for parameter in code.scopes[outer].parameters}
            found += [(part.path, n) for n in sorted(part.calls) if code.calls[n].local in names]
    return found


def _wearing(
    program: Program, python: Mapping[str, PythonFacts], decorator: Definition
) -> Iterator[Definition]:
    """The functions that a decorator is put on; one that takes arguments is called first."""
    outer = python[decorator.path].scopes[decorator.scope].parent
    names = {decorator, Definition(decorator.path, outer)} if outer > 0 else {decorator}
    for path, code in python.items():
        for number, scope in enumerate(code.scopes):
            for value in scope.decorators:
                if isinstance(value, Result):
                    target = program.resolver.call(path, value.call)
                else:
                    target = program.resolver.value(path, value, scope.parent)
                if target in names:
                    yield Definition(path, number)
