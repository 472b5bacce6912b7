"""Versions of a model that a response states as a literal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.request_flow import handlers, name_of, reached
from mlaudit.facts.records import Span
from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Const,
    Local,
    Mapping,
    PythonFacts,
    Result,
)
from mlaudit.project.linking.calls import python_of
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Held, Place, parts, within
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Rule, Spot

_KEY = re.compile(r"(?i)model[_-]?version|version[_-]of[_-]model")
_VERSION = re.compile(r"(?i)version")
_LOGS = frozenset({"critical", "debug", "error", "info", "print", "warning", "exception"})
_NUMBER = re.compile(r"\d")
_RESPONSES = re.compile(r"(?:Response|jsonify|dumps|json_response|dict|json|text)$")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each response of a handler, or of a function that it runs."""
    paths = {facts.path for facts in in_context(project, rule)}
    told: set[tuple[str, int]] = set()
    for handler in handlers(project, rule):
        scopes = {(handler.path, handler.scope)}
        scopes |= {(run.path, run.scope) for _, trace in reached(project, handler) for run in trace}
        for path, scope in sorted(scopes):
            for line, key, version in _Answers(project, path, scope).stated():
                if path in paths and (path, line) not in told:
                    told.add((path, line))
                    spot = Spot(path, Span(line, 0, line), code=True)
                    values = {"key": key, "version": version, "handler": name_of(project, handler)}
                    yield Match(rule.id, spot, values)


class _Answers:
    """What the function of a scope returns."""

    def __init__(self, project: Project, path: str, scope: int) -> None:
        self._project = project
        self._path = path
        self._scope = scope
        self._python = python_of(project, path)
        self._flow = project.program.values.flow(path)

    def stated(self) -> Iterator[tuple[int, str, str]]:
        """Line, key and literal of each version."""
        for number, statement in enumerate(self._python.statements):
            inside = self._python.scope_of(statement.block) == self._scope
            if inside and statement.kind == "return":
                yield from self._in(
                    statement.value, self._flow.at_statement(number), statement.line
                )

    def _in(self, value: AnyValue, place: Place, line: int) -> Iterator[tuple[int, str, str]]:
        found: list[tuple[int, str, str]] = []

        def before(held: Held) -> list[Held] | None:
            if isinstance(held.value, Result):
                call = self._python.calls[held.value.call]
                if not self._answers(call, held.value.call):
                    return []
                at = self._flow.at_call(held.value.call)
                found.extend(self._pairs(call.keywords, call.line))
                given = (*call.args, *(one for _, one in call.keywords))
                return [Held(one, at) for one in given]
            if isinstance(held.value, Mapping):
                keys = (
                    (_text(k), v) for k, v in zip(held.value.keys, held.value.values, strict=True)
                )
                found.extend(self._pairs(keys, self._line(held, line)))
            inner = parts(held.value)
            return [Held(one, held.place) for one in inner] if inner else None

        for _ in self._flow.trace(Held(value, place), before):
            pass
        yield from found

    def _line(self, held: Held, line: int) -> int:
        """Where a dict is written: in the statement, or where it is bound."""
        bound = (b.line for b in self._python.bindings if held.value in within(b.value))
        texts = [
            text.line
            for text in self._python.texts
            if text.role == "element" and _KEY.fullmatch(text.name)
        ]
        start = next(bound, line)
        return min((one for one in texts if one >= start), default=start)

    def _pairs(
        self, pairs: Iterator[tuple[str, AnyValue]] | tuple[tuple[str, AnyValue], ...], line: int
    ) -> Iterator[tuple[int, str, str]]:
        for key, value in pairs:
            version = self._literal(value) if _KEY.fullmatch(key) else ""
            if version:
                yield line, key, version

    def _literal(self, value: AnyValue) -> str:
        """The version; empty where it is no literal, or a name that says what is loaded, too."""
        if isinstance(value, Local) and _says_more(self._python, value.name):
            return ""
        known = self._project.program.resolver.constant(self._path, value, self._scope)
        if known is None or isinstance(known.value, bool) or known.value is None:
            return ""
        return str(known.value) if _NUMBER.search(str(known.value)) else ""

    def _answers(self, call: Call, number: int) -> bool:
        """Whether a call makes a response: a class of the repository, or one of a framework."""
        found = self._project.program.resolver.call(self._path, number)
        if isinstance(found, Definition):
            return python_of(self._project, found.path).scopes[found.scope].kind == "class"
        return _RESPONSES.search(call.callee or call.local or call.method) is not None


def _text(key: AnyValue | None) -> str:
    return key.value if isinstance(key, Const) and isinstance(key.value, str) else ""


def _says_more(python: PythonFacts, name: str) -> bool:
    """Whether a name goes anywhere but into responses and logs: into the path of a model, say."""
    values = [
        *(value for call in python.calls if not _logs(call) for value in _given(call)),
        *(binding.value for binding in python.bindings),
        *(statement.value for statement in python.statements),
    ]
    return any(Local(name) in _elsewhere(value) for value in values)


def _logs(call: Call) -> bool:
    return (call.callee or call.local or call.method).rpartition(".")[2] in _LOGS


def _given(call: Call) -> Iterator[AnyValue]:
    yield from call.args
    yield from (value for key, value in call.keywords if not _VERSION.search(key))


def _elsewhere(value: AnyValue) -> Iterator[AnyValue]:
    """The parts of a value but for what stands under a key that speaks of a version."""
    stack = [value]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Mapping):
            pairs = zip(current.keys, current.values, strict=True)
            stack.extend(one for key, one in pairs if not _VERSION.search(_text(key)))
        else:
            stack.extend(parts(current))
