"""Whether one field of an object is ever read, wherever the object is handed to.

The object is followed through names, parameters and returns of the repository's own functions.
Where it goes out of sight (`vars(args)`, `**config`, a library's function, an attribute of another
object) everything of it counts as read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from mlaudit.analyses.mentions import Mention, mentions_in
from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Const,
    Item,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Flow, Use

HARMLESS = frozenset(
    {
        "builtins.delattr", "builtins.id", "builtins.isinstance", "builtins.print", "builtins.repr",
        "builtins.setattr", "builtins.str", "builtins.type", "pprint.pprint",
    }
)  # fmt: skip
"""Calls that read no field, or only show them all."""
LOGS = frozenset({"critical", "debug", "error", "exception", "info", "log", "warning"})
BY_NAME = frozenset({"builtins.getattr", "builtins.hasattr"})
GETTERS = frozenset({"get", "pop", "setdefault", "__getitem__"})
WHOLE = frozenset(
    {
        "as_dict", "asdict", "copy", "dict", "items", "keys", "merge", "model_copy", "model_dump",
        "model_dump_json", "to_container", "to_dict", "to_json", "to_yaml", "update", "values",
    }
)  # fmt: skip
"""Methods that speak of all fields at once."""
SILENT = frozenset({"format", "is", "is-not", "==", "!=", "not", "in", "not-in"})
"""Operations on an object that read none of its fields."""


class Thing(NamedTuple):
    """An object under one of its names, or as the result of a call (then `name` is empty)."""

    path: str
    scope: int
    name: str
    call: int = -1

    @property
    def value(self) -> AnyValue:
        return Local(self.name) if self.name else Result(self.call)


class Reads:
    """Asked for one field after the other; what a file mentions is looked up once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._flows: dict[str, Flow] = {}
        self._mentions: dict[str, Mapping[str | int, list[Mention]]] = {}

    def flow(self, path: str) -> Flow:
        if path not in self._flows:
            self._flows[path] = Flow(self.project.facts[path].python or PythonFacts())
        return self._flows[path]

    def may_read(self, thing: Thing, field: str) -> bool:
        """Whether the field of the object is read, or may be."""
        stack, seen = [thing], {thing}
        while stack:
            for found in self._fate(stack.pop(), field):
                if found is None:
                    return True
                if found not in seen:
                    seen.add(found)
                    stack.append(found)
        return False

    def _fate(self, thing: Thing, field: str) -> Iterator[Thing | None]:
        """Where else the object goes; None for a read, and where it gets out of sight."""
        yield from self._methods(thing, field)
        key = thing.name or thing.call
        for mention in self.mentions(thing.path).get(key, ()):
            if self._means(thing, mention):
                yield from self._mentioned(thing, mention, field)
        if thing.name and self._is_public(thing):
            yield None

    def _is_public(self, thing: Thing) -> bool:
        """Declared global in a function, or imported from another file."""
        python = self.flow(thing.path).python
        if any(b.kind == "global" and b.name == thing.name for b in python.bindings):
            return True
        return thing.scope == 0 and any(self._takes(path, thing) for path in self._near(thing))

    def _takes(self, path: str, thing: Thing) -> bool:
        """Whether a file imports the module of a name, or the name itself."""
        modules = self.project.program.resolver.modules
        for item in self.flow(path).python.imports:
            found = modules.find(item.target, path)
            if found is None or found.path != thing.path:
                continue
            if found.rest[:1] in ((), (thing.name,)):
                return True
        return False

    def _near(self, thing: Thing) -> Iterator[str]:
        """Other files that may import a name, or the module that it lies in."""
        for word in {thing.name, _module_name(thing.path)}:
            yield from (path for path in self._importers.get(word, ()) if path != thing.path)

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        """Files by the last names of what they import."""
        found: dict[str, set[str]] = {}
        for path, file in self.project.facts.items():
            for item in file.python.imports if file.python else ():
                found.setdefault(item.target.rpartition(".")[2], set()).add(path)
        return found

    # mentions

    def mentioned(self, thing: Thing) -> bool:
        """Whether a name is used at all, or all names of its function at once."""
        flow = self.flow(thing.path)
        everything = ("builtins.locals", "inspect.currentframe")
        return (
            any(self._means(thing, one) for one in self.mentions(thing.path).get(thing.name, ()))
            or any(call.local.startswith(f"{thing.name}.") for call in flow.python.calls)
            or any(call.callee in everything for call in flow.python.calls)
        )

    def named(self, path: str, name: str) -> bool:
        """Whether a class is used otherwise than by calling it: anybody may then make objects.

        In an annotation, too: a parser of command lines may read that.
        """
        if self.mentions(path).get(name):
            return True
        if any(
            parameter.annotation == Local(name)
            for scope in self.flow(path).python.scopes
            for parameter in scope.parameters
        ):
            return True
        return bool(self._importers.get(name, set()) - {path})

    def mentions(self, path: str) -> Mapping[str | int, list[Mention]]:
        found = self._mentions.get(path)
        if found is None:
            found = self._mentions[path] = mentions_in(self.flow(path).python)
        return found

    def _means(self, thing: Thing, mention: Mention) -> bool:
        if not thing.name:
            return True
        flow = self.flow(thing.path)
        return flow.home(thing.name, flow.scope(flow.place(mention.use).block)) == thing.scope

    def _mentioned(self, thing: Thing, mention: Mention, field: str) -> Iterator[Thing | None]:
        part, parent = mention.part, mention.parent
        if part != thing.value:
            if isinstance(part, Local) and _speaks_of(part.name.split(".")[1], field):
                yield None
        elif isinstance(parent, Attribute):
            if _speaks_of(parent.name, field):
                yield None
        elif isinstance(parent, Item) and parent.base == part:
            if not isinstance(parent.index, Const) or parent.index.value == field:
                yield None
        elif parent is None:
            yield from self._alone(thing, mention.use, field)
        elif not isinstance(parent, Operation) or parent.kind not in SILENT:
            yield None

    def _alone(self, thing: Thing, use: Use, field: str) -> Iterator[Thing | None]:
        flow = self.flow(thing.path)
        if use.kind == "call":
            yield from self._handed(thing, use, field)
        elif use.kind == "binding":
            binding = flow.python.bindings[use.number]
            plain = binding.kind == "assign" and "." not in binding.name
            scope = flow.scope(binding.block)
            yield Thing(thing.path, scope, binding.name) if plain else None
        elif use.kind == "statement":
            statement = flow.python.statements[use.number]
            if statement.kind == "return":
                yield from self._returned(Definition(thing.path, flow.scope(statement.block)))
            elif statement.kind == "yield":
                yield None
        elif use.kind == "block" and flow.python.blocks[use.number].kind in ("for", "with", "case"):
            yield None

    # calls

    def _methods(self, thing: Thing, field: str) -> Iterator[None]:
        """Calls of methods of the object."""
        flow = self.flow(thing.path)
        start = f"{thing.name}."
        for call in flow.python.calls:
            if thing.name:
                if not call.local.startswith(start):
                    continue
                if flow.home(thing.name, flow.scope(call.block)) != thing.scope:
                    continue
                name = call.local.split(".")[1]
            elif call.receiver == thing.value:
                name = call.method
            else:
                continue
            if _reads_by(call, name, field):
                yield None

    def _handed(self, thing: Thing, use: Use, field: str) -> Iterator[Thing | None]:
        """The object is an argument."""
        call = self.flow(thing.path).python.calls[use.number]
        name = call.callee or call.local or call.method
        if call.callee in HARMLESS or name.rpartition(".")[2] in LOGS:
            return
        if call.callee in BY_NAME and len(call.args) > 1:
            key = call.args[1]
            if not isinstance(key, Const) or key.value == field:
                yield None
            return
        target = self.project.program.resolver.call(thing.path, use.number)
        if not isinstance(target, Definition):
            yield None
            return
        positions = [n for n, value in enumerate(call.args) if value == use.value]
        keywords = [key for key, value in call.keywords if value == use.value]
        places: list[int | str] = [*positions, *keywords]
        for given in places:
            yield self._parameter(call, target, given)

    def _parameter(self, call: Call, target: Definition, given: int | str) -> Thing | None:
        scopes = self.flow(target.path).python.scopes
        scope, skip = target.scope, 0
        if scopes[scope].kind == "class":
            index = self.project.program.resolver.index(target.path)
            init = index.definitions.get((scope, "__init__"))
            if init is None:
                return None
            scope, skip = init, 1
        elif scopes[scopes[scope].parent].kind == "class" and not scopes[scope].decorators:
            skip = 1
        if call.open:
            return None
        parameters = scopes[scope].parameters
        if isinstance(given, str):
            found = [one for one in parameters if one.name == given]
        else:
            found = list(parameters[given + skip : given + skip + 1])
        if not found or found[0].kind in ("args", "kwargs"):
            return None
        return Thing(target.path, scope, found[0].name)

    def _returned(self, function: Definition) -> Iterator[Thing | None]:
        """The object is what a function returns: to whom, if to anybody in sight?"""
        callers = list(self.callers(function))
        if not callers:
            yield None
        yield from callers

    def callers(self, function: Definition) -> Iterator[Thing]:
        """Calls of a function, or of a class, as the things that they return."""
        name = self.flow(function.path).python.scopes[function.scope].name
        resolver = self.project.program.resolver
        near = self._near(Thing(function.path, function.scope, name))
        for path in sorted({function.path, *near}):
            for number, call in enumerate(self.flow(path).python.calls):
                written = call.callee or call.local or call.method
                if written.endswith(name) and resolver.call(path, number) == function:
                    yield Thing(path, self.flow(path).scope(call.block), "", number)


def _module_name(path: str) -> str:
    """`options` of `src/options.py` and of `src/options/__init__.py`."""
    parts = path.rpartition(".")[0].removesuffix("/__init__")
    return parts.rpartition("/")[2]


def _speaks_of(name: str, field: str) -> bool:
    return name == field or name.startswith("_")


def _reads_by(call: Call, method: str, field: str) -> bool:
    if method in GETTERS:
        key = call.args[0] if call.args else None
        return not isinstance(key, Const) or key.value == field
    return method in WHOLE or _speaks_of(method, field)
