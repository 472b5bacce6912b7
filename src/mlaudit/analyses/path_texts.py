"""Paths that code puts together from texts that it knows."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.syntax import (
    AnyValue,
    Binding,
    Const,
    Global,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.project.project import Project

_DEEPEST = 12
_SAME = frozenset(
    {
        "builtins.str", "os.fspath", "os.path.abspath", "os.path.expanduser", "os.path.normpath",
        "os.path.realpath",
    }
)  # fmt: skip
"""Calls that give the path that they are given, near enough."""
_JOINS = frozenset({"os.path.join", "posixpath.join"})
_MAKERS = frozenset({"pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath"})


class _At(NamedTuple):
    """A value in a block of a file."""

    path: str
    value: AnyValue
    block: int


class PathTexts:
    """Asked for the text of a value, where every part of it is known."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._bound: dict[str, dict[str, list[Binding]]] = {}

    def text(self, path: str, value: AnyValue, block: int) -> str | None:
        """The whole text; None where a part of it is not known."""
        return self._text(_At(path, value, block), 0)

    def pieces(self, path: str, value: AnyValue, block: int) -> Iterator[str]:
        """The parts of it that are known."""
        waiting = [(_At(path, value, block), 0)]
        while waiting:
            at, depth = waiting.pop()
            if isinstance(at.value, Const):
                if isinstance(at.value.value, str):
                    yield at.value.value
            elif depth < _DEEPEST:
                waiting += [(part, depth + 1) for part in self._parts(at)]

    def _text(self, at: _At, depth: int) -> str | None:
        if isinstance(at.value, Const):
            return at.value.value if isinstance(at.value.value, str) else None
        parts = self._parts(at)
        if not parts or depth > _DEEPEST:
            return None
        texts = [self._text(part, depth + 1) for part in parts]
        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            return None
        plain = isinstance(at.value, Operation) and at.value.kind in ("+", "format")
        return "".join(known) if plain else posixpath.join(*known)

    def _parts(self, at: _At) -> list[_At]:
        """What the value is put together from, or stands for; nothing when that is not known."""
        match at.value:
            case Operation(kind="/" | "+" | "format", operands=operands):
                return [_At(at.path, operand, at.block) for operand in operands]
            case Result(call=number):
                call = self._python(at.path).calls[number]
                if call.callee in _JOINS or call.callee in _MAKERS:
                    return [_At(at.path, value, call.block) for value in call.args]
                if call.callee in _SAME and len(call.args) == 1:
                    return [_At(at.path, call.args[0], call.block)]
            case Local(name=name):
                return self._named(at.path, name, at.block)
            case Global(name=name):
                found = self._project.program.resolver.modules.find(name, at.path)
                if found is not None and len(found.rest) == 1:
                    return self._named(found.path, found.rest[0], 0)
        return []

    def _named(self, path: str, name: str, block: int) -> list[_At]:
        """What the only binding of a name gives it."""
        python = self._python(path)
        scope = python.scope_of(block)
        if any(parameter.name == name for parameter in python.scopes[scope].parameters):
            return []
        bindings = self._bindings(path).get(name, ())
        near = [one for one in bindings if python.scope_of(one.block) == scope]
        found = near or [one for one in bindings if python.scope_of(one.block) == 0]
        if len(found) != 1 or found[0].kind != "assign" or found[0].value is None:
            return []
        return [_At(path, found[0].value, found[0].block)]

    def _bindings(self, path: str) -> dict[str, list[Binding]]:
        found = self._bound.get(path)
        if found is None:
            found = self._bound[path] = {}
            for binding in self._python(path).bindings:
                found.setdefault(binding.name, []).append(binding)
        return found

    def _python(self, path: str) -> PythonFacts:
        return self._project.facts[path].python or PythonFacts()
