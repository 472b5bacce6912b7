"""Texts of internal errors that a service sends to its clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.analyses.error_texts import ErrorTexts, is_debugging, status_of
from mlaudit.analyses.request_flow import handlers
from mlaudit.facts.records import Span
from mlaudit.facts.syntax import AnyValue, Call, Collection, PythonFacts, Result, Statement
from mlaudit.knowledge import api_table
from mlaudit.project.linking.resolution import External
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Flow, Place, within
from mlaudit.rules.model import Match, Rule, Spot

_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
_OF_INPUT = frozenset(
    {
        "builtins.AssertionError", "builtins.IndexError", "builtins.KeyError",
        "builtins.TypeError", "builtins.UnicodeDecodeError", "builtins.ValueError",
        "binascii.Error", "json.JSONDecodeError", "json.decoder.JSONDecodeError",
        "marshmallow.ValidationError", "pydantic.ValidationError", "PIL.UnidentifiedImageError",
        "fastapi.exceptions.RequestValidationError",
    }
)  # fmt: skip
"""What a request that is not as it should be raises. The text tells its sender what is wrong."""


class Caught(NamedTuple):
    """A stretch of a function that has an error at hand."""

    block: int
    name: str
    """Of the error; empty where it has none."""
    types: tuple[AnyValue, ...]
    """None: anything."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each response."""
    found = list(handlers(project, rule))
    scopes = {(one.path, one.scope) for one in found}
    for path, scope in sorted(scopes):
        yield from _Function(project, rule, path, scope).matches()
    for path in sorted({one.path for one in found}):
        for scope, caught in _error_handlers(project, path):
            yield from _Function(project, rule, path, scope).matches_in(caught)


class _Function:
    def __init__(self, project: Project, rule: Rule, path: str, scope: int) -> None:
        self._project = project
        self._rule = rule
        self._path = path
        self._scope = scope
        self._flow: Flow = project.program.values.flow(path)
        self._python = self._flow.python

    def matches(self) -> Iterator[Match]:
        names = {b.block: b.name for b in self._python.bindings if b.kind == "except"}
        for number, block in enumerate(self._python.blocks):
            if block.kind == "except" and block.scope == self._scope:
                caught = Caught(number, names.get(number, ""), _types(block.value))
                yield from self.matches_in(caught)

    def matches_in(self, caught: Caught) -> Iterator[Match]:
        texts = ErrorTexts(self._project, self._path, caught.name)
        for number, statement in enumerate(self._python.statements):
            inside = self._flow.within(statement.block, caught.block)
            if not inside or is_debugging(self._flow, statement.block, caught.block):
                continue
            sent = self._sent(statement)
            place = self._flow.at_statement(number)
            if sent is None or not texts.show(sent, place):
                continue
            if self._is_internal(caught, status_of(self._python, statement.value)):
                yield self._match(statement, caught, self._call(statement, texts, place))

    def _sent(self, statement: Statement) -> AnyValue | None:
        """What a statement gives to the client."""
        if statement.kind == "return":
            return statement.value
        if statement.kind not in ("raise", "expression") or not isinstance(statement.value, Result):
            return None
        name = self._project.program.callee(self._path, statement.value.call)
        if name not in api_table("serving", "serving.errors"):
            return None
        call = self._python.calls[statement.value.call]
        given = (*call.args, *(value for _, value in call.keywords))
        return Collection("tuple", given)

    def _is_internal(self, caught: Caught, status: int | None) -> bool:
        """Whether the error is more than the answer to a request that is not as it should be."""
        return any(self._speaks(one, status) for one in caught.types or (None,))

    def _speaks(self, kind: AnyValue | None, status: int | None) -> bool:
        if kind is None:
            return True
        found = self._project.program.resolver.value(self._path, kind, self._scope)
        if not isinstance(found, External) or "HTTP" in found.name:
            return False
        if found.name in _BROAD:
            return True
        return status >= 500 if status is not None else found.name not in _OF_INPUT

    def _call(self, statement: Statement, texts: ErrorTexts, place: Place) -> Call | None:
        """The outermost call of a statement that hands the text on; None where a display does."""
        calls = (one for one in within(statement.value) if isinstance(one, Result))
        found = next((one for one in calls if texts.show(one, place)), None)
        if found is None and isinstance(statement.value, Result):
            found = statement.value  # an error of the framework, which makes the response itself
        return self._python.calls[found.call] if found is not None else None

    def _match(self, statement: Statement, caught: Caught, call: Call | None) -> Match:
        span = Span(statement.line, 0, statement.line)
        if call is not None:
            span = Span(call.line, call.column, call.end_line, call.end_column)
        name = self._python.scopes[self._scope].qualname
        values = {"handler": name, "error": caught.name or "the traceback"}
        return Match(self._rule.id, Spot(self._path, span, code=True), values)


def _types(value: AnyValue | None) -> tuple[AnyValue, ...]:
    if value is None:
        return ()
    return value.items if isinstance(value, Collection) else (value,)


def _error_handlers(project: Project, path: str) -> Iterator[tuple[int, Caught]]:
    """Functions that a framework calls with what was raised, and for which errors."""
    python: PythonFacts = project.program.values.python(path)
    bodies = {b.scope: n for n, b in reversed(list(enumerate(python.blocks))) if b.parent < 0}
    for number, scope in enumerate(python.scopes):
        for decorator in scope.decorators if scope.parameters else ():
            if not isinstance(decorator, Result) or number not in bodies:
                continue
            name = project.program.callee(path, decorator.call)
            kinds = python.calls[decorator.call].args
            if name in api_table("serving", "serving.error-handlers") and kinds:
                yield number, Caught(bodies[number], scope.parameters[-1].name, kinds)
