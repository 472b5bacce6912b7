"""Where the text of an error goes, and what is said with it."""

from __future__ import annotations

import re

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Collection,
    Const,
    Global,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import api_table
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Flow, Held, Place, parts, within

_TEXTS = frozenset(
    {
        "builtins.dict", "builtins.list", "builtins.repr", "builtins.str", "builtins.tuple",
        "html.escape", "json.dumps", "markupsafe.escape", "orjson.dumps",
    }
)  # fmt: skip
"""Calls that hand on the texts in what they are given."""
_TRACES = frozenset({"traceback.format_exc", "traceback.format_exception", "sys.exc_info"})
_METHODS = frozenset({"encode", "format", "join", "replace", "strip", "splitlines"})
_DEBUG = re.compile(r"(?i)debug|verbose|\bdev(?:elop\w*)?\b|_dev\b|testing")
_STATUS = re.compile(r"(?:^|\.)HTTP_(\d{3})|(?:^|\.)HTTPStatus\.([A-Z_]+)$")
_KEYS = ("status_code", "status", "code", "http_status")


class ErrorTexts:
    """Follows one error, by its name, through the function that caught it."""

    def __init__(self, project: Project, path: str, name: str) -> None:
        self._project = project
        self._path = path
        self._flow: Flow = project.program.values.flow(path)
        self._ends = {Local(name), Local(f"{name}.args")} if name else set()

    def show(self, value: AnyValue, place: Place) -> bool:
        """Whether a value holds the text of the error, or of its traceback."""
        texts: list[AnyValue] = []

        def before(held: Held) -> list[Held] | None:
            if self._is_text(held.value):
                texts.append(held.value)
                return []
            return self._before(held)

        for _ in self._flow.trace(Held(value, place), before):
            pass
        return bool(texts)

    def _is_text(self, value: AnyValue) -> bool:
        return value in self._ends or self._is_trace(value)

    def _is_trace(self, value: AnyValue) -> bool:
        return isinstance(value, Result) and self._callee(value.call) in _TRACES

    def _callee(self, number: int) -> str:
        return self._flow.python.calls[number].callee

    def _before(self, held: Held) -> list[Held] | None:
        value = held.value
        if isinstance(value, Result):
            place = self._flow.at_call(value.call)
            return [Held(one, place) for one in self._handed_on(value.call)]
        if isinstance(value, Operation) and value.kind in ("if", "==", "in", "is", "not"):
            # A conditional that asks for debugging shows the text to developers alone.
            kept = (
                value.operands[1:]
                if value.kind == "if" and not _is_debug(value.operands[0])
                else ()
            )
            return [Held(one, held.place) for one in kept]
        if isinstance(value, Attribute):
            return []
        inner = parts(value)
        return [Held(one, held.place) for one in inner] if inner else None

    def _handed_on(self, number: int) -> tuple[AnyValue, ...]:
        call = self._flow.python.calls[number]
        name = self._project.program.callee(self._path, number)
        given = (*call.args, *(one for _, one in call.keywords))
        responses = api_table("serving", "serving.responses")
        if call.callee in _TEXTS or name in responses or self._makes_own(number):
            return given
        method = call.method or (call.local or call.callee).rpartition(".")[2]
        if method in _METHODS:
            base = call.receiver
            if base is None and "." in call.local:
                base = Local(call.local.rpartition(".")[0])
            return (*given, *([base] if base is not None else []))
        return ()

    def _makes_own(self, number: int) -> bool:
        """A response model of the repository."""
        found = self._project.program.resolver.call(self._path, number)
        if not isinstance(found, Definition):
            return False
        scopes = self._project.program.values.python(found.path).scopes
        return scopes[found.scope].kind == "class"


def is_debugging(flow: Flow, block: int, outer: int) -> bool:
    """Whether a block within another one runs under a test for debugging only."""
    for one in flow.around(block):
        if one == outer:
            break
        test = flow.python.blocks[one]
        if test.kind in ("if", "else") and test.value is not None and _is_debug(test.value):
            return True
    return False


def _is_debug(value: AnyValue) -> bool:
    return any(
        (isinstance(one, Local | Global) and _DEBUG.search(one.name) is not None)
        or (
            isinstance(one, Const)
            and isinstance(one.value, str)
            and _DEBUG.search(one.value) is not None
        )
        for one in within(value)
    )


def status_of(python: PythonFacts, value: AnyValue) -> int | None:
    """The HTTP status of a response or an error; None where nothing says it."""
    if isinstance(value, Collection) and value.kind == "tuple" and len(value.items) > 1:
        return _number(value.items[1])
    if not isinstance(value, Result):
        return None
    call: Call = python.calls[value.call]
    for key in _KEYS:
        given = call.keyword(key)
        if given is not None:
            return _number(given)
    numbers = [found for one in call.args[:2] if (found := _number(one)) is not None]
    return numbers[0] if numbers else None


def _number(value: AnyValue) -> int | None:
    if isinstance(value, Const) and isinstance(value.value, int) and 100 <= value.value < 600:
        return value.value
    found = _STATUS.search(value.name) if isinstance(value, Global) else None
    if found is None:
        return None
    if found[1]:
        return int(found[1])
    from http import HTTPStatus

    return HTTPStatus[found[2]].value if found[2] in HTTPStatus.__members__ else None
