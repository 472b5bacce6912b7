"""Whether a value is a text, or holds texts, as far as one function tells."""

from __future__ import annotations

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Collection,
    Const,
    Global,
    Item,
    Local,
    Operation,
    Result,
)
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Flow, Held

_MAKERS = frozenset(
    {
        "capitalize", "casefold", "columns", "decode", "format", "hexdigest", "join", "listdir",
        "lower", "lstrip", "read_text", "readlines", "replace", "rstrip", "split", "splitlines",
        "strip", "title", "tolower", "upper",
    }
)  # fmt: skip
"""Methods and functions that return texts."""
_KEEPERS = frozenset({"builtins.list", "builtins.sorted", "builtins.tuple", "builtins.set"})
_NUMBERS = ("numpy.", "torch.", "sklearn.", "pandas.")
"""Packages in which methods of those names do something else."""
_FARTHEST = 8


class Texts:
    """What one file proves to be texts; False where nothing is known."""

    def __init__(self, project: Project, path: str, flow: Flow) -> None:
        self.flow = flow
        self._project = project
        self._path = path

    def is_text(self, held: Held, depth: int = 0) -> bool:
        """A text, or what holds nothing else."""
        if depth > _FARTHEST:
            return False

        def same(value: AnyValue) -> bool:
            return self.is_text(Held(value, held.place), depth + 1)

        match held.value:
            case Const(value=value):
                return isinstance(value, str)
            case Operation(kind="format") | Attribute(name="columns"):
                return True
            case Operation(kind="comprehension" | "+" as kind, operands=operands):
                return any(map(same, operands if kind == "+" else operands[:1]))
            case Collection(items=items):
                return bool(items) and all(map(same, items))
            case Item(base=base):
                return isinstance(base, Result) and same(base)
            case Result(call=number):
                return self._returned(number, depth)
            case Local(name=name):
                return name.endswith(".columns") or self._bound(held, name, depth)
            case _:
                return False

    def _bound(self, held: Held, name: str, depth: int) -> bool:
        numbers = self.flow.reaching(name, held.place)
        if not numbers:
            return self._given(held, name, depth)
        bindings = self.flow.python.bindings
        return all(
            self.is_text(self.flow.taken(number), depth + 1)
            or (bindings[number].kind == "for" and self._is_column(self.flow.taken(number)))
            for number in numbers
        )

    def _given(self, held: Held, name: str, depth: int) -> bool:
        """A parameter that every call in the file gives a text."""
        python = self.flow.python
        scope = python.scopes[self.flow.scope(held.place.block)]
        names = [parameter.name for parameter in scope.parameters]
        if name not in names or scope.decorators:
            return False
        position = names.index(name)
        calls = [(n, call) for n, call in enumerate(python.calls) if call.local == scope.name]
        return bool(calls) and all(
            position < len(call.args)
            and self.is_text(Held(call.args[position], self.flow.at_call(number)), depth + 1)
            for number, call in calls
        )

    def _is_column(self, held: Held) -> bool:
        """Part of each row of a table that is written out, here or in another file."""
        match held.value:
            case Item(base=base, index=Const(value=int(column))):
                rows = self._display(Held(base, held.place))
            case _:
                return False
        return bool(rows) and all(
            isinstance(row, Collection)
            and column < len(row.items)
            and isinstance(row.items[column], Const)
            and isinstance(row.items[column].value, str)  # type: ignore[union-attr]
            for row in rows
        )

    def _display(self, held: Held) -> tuple[AnyValue, ...]:
        """The items of a literal list, through its name."""
        value = held.value
        if isinstance(value, Local):
            bound = self.flow.bound(held) or []
            value = bound[0].value if len(bound) == 1 else value
        elif isinstance(value, Global):
            value = self._imported(value.name) or value
        return value.items if isinstance(value, Collection) else ()

    def _imported(self, name: str) -> AnyValue | None:
        resolver = self._project.program.resolver
        found = resolver.modules.find(name, self._path)
        if found is None or len(found.rest) != 1:
            return None
        bound = resolver.index(found.path).bindings.get((0, found.rest[0]), [])
        return bound[0].value if len(bound) == 1 else None

    def _returned(self, number: int, depth: int) -> bool:
        call = self.flow.python.calls[number]
        name = (call.callee or call.local or call.method).rpartition(".")[2]
        if call.callee in _KEEPERS and call.args:
            return self.is_text(Held(call.args[0], self.flow.at_call(number)), depth + 1)
        if call.callee in ("builtins.str", "builtins.input", "builtins.open().read"):
            return True
        if name == "replace":
            return call.callee.startswith(("builtins.open()", "builtins.str"))
        return name in _MAKERS and not call.callee.startswith(_NUMBERS)
