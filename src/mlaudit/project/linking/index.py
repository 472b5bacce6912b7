"""What stands where in one file: its facts, ordered for looking things up."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from mlaudit.facts.syntax import AnyValue, Binding, Import, Local, PythonFacts, Result

STARTERS = frozenset({"command", "callback", "group", "main", "automain", "on", "capture"})
"""What an application object registers functions with, to run them when it is run."""


class Index:
    """Look-up tables over the facts of one file."""

    def __init__(self, facts: PythonFacts) -> None:
        self.facts = facts
        self._chains: dict[int, tuple[int, ...]] = {}
        self._parameters: dict[int, frozenset[str]] = {}
        scope_of = [block.scope for block in facts.blocks]
        self.definitions: dict[tuple[int, str], int] = {}
        """Scope of the definition that a name has within a scope."""
        self.classes: dict[int, list[int]] = defaultdict(list)
        """Scopes of the classes of each scope: their bodies run with it."""
        for number, scope in enumerate(facts.scopes):
            if scope.kind in ("function", "class"):
                self.definitions[scope.parent, scope.name] = number
            if scope.kind == "class":
                self.classes[scope.parent].append(number)
        self.bindings: dict[tuple[int, str], list[Binding]] = defaultdict(list)
        for binding in facts.bindings:
            self.bindings[scope_of[binding.block], binding.name].append(binding)
        self.imports: dict[tuple[int, str], Import] = {}
        self.imported: dict[int, list[Import]] = defaultdict(list)
        """All imports of each scope, in order."""
        self.stars: list[str] = []
        """Modules that are imported with a star."""
        for item in facts.imports:
            self.imported[scope_of[item.block]].append(item)
            if item.name == "*":
                self.stars.append(item.module)
            else:
                self.imports.setdefault((scope_of[item.block], item.name), item)
        self.calls: dict[int, list[int]] = defaultdict(list)
        """Calls of each scope, in order."""
        for number, call in enumerate(facts.calls):
            self.calls[scope_of[call.block]].append(number)
        self.returns: dict[int, list[AnyValue]] = defaultdict(list)
        for statement in facts.statements:
            if statement.kind == "return":
                self.returns[scope_of[statement.block]].append(statement.value)

    @cached_property
    def attributes(self) -> dict[tuple[int, str], tuple[AnyValue, int]]:
        """What the attributes of the objects of each class are: the value, and where it is set."""
        found: dict[tuple[int, str], tuple[AnyValue, int]] = {}
        for (scope, name), bound in self.bindings.items():
            owner: int | None = scope
            if self.facts.scopes[scope].kind != "class":
                root, _, name = name.partition(".")
                owner = self.enclosing_class(scope) if root == "self" and name else None
            values = [b.value for b in bound if b.kind == "assign"]
            if owner is not None and values and "." not in name:
                found[owner, name] = values[-1], scope
        return found

    @cached_property
    def commands(self) -> dict[str, list[int]]:
        """Functions that are registered with an application object: `@app.command()`."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, scope in enumerate(self.facts.scopes):
            for decorator in scope.decorators:
                root, _, last = self._decorated_by(decorator).rpartition(".")
                if last in STARTERS and root and "." not in root:
                    found[root].append(number)
        return found

    def _decorated_by(self, decorator: AnyValue) -> str:
        if type(decorator) is Local:
            return decorator.name
        if type(decorator) is Result:
            return self.facts.calls[decorator.call].local
        return ""

    def has_parameter(self, scope: int, name: str) -> bool:
        known = self._parameters.get(scope)
        if known is None:
            names = (parameter.name for parameter in self.facts.scopes[scope].parameters)
            known = self._parameters[scope] = frozenset(names)
        return name in known

    def annotation(self, name: str, scope: int) -> AnyValue | None:
        """The class that a parameter in sight of `scope` is annotated with."""
        for outer in self.chain(scope):
            for parameter in self.facts.scopes[outer].parameters:
                if parameter.name == name:
                    return parameter.annotation
            if (outer, name) in self.bindings:
                return None
        return None

    def chain(self, scope: int) -> tuple[int, ...]:
        """The scopes in which a name used in `scope` is looked up, innermost first."""
        known = self._chains.get(scope)
        if known is None:
            scopes = self.facts.scopes
            found, outer = [scope], scopes[scope].parent
            while outer >= 0:
                if scopes[outer].kind != "class":
                    found.append(outer)
                outer = scopes[outer].parent
            known = self._chains[scope] = tuple(found)
        return known

    def enclosing_class(self, scope: int) -> int | None:
        """The class whose method `scope` is, or lies in."""
        while scope > 0:
            scope = self.facts.scopes[scope].parent
            if self.facts.scopes[scope].kind == "class":
                return scope
        return None
