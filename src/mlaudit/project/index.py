"""What stands where in one file: its facts, ordered for looking things up."""

from __future__ import annotations

from collections import defaultdict

from mlaudit.facts.syntax import AnyValue, Binding, Import, PythonFacts


class Index:
    """Look-up tables over the facts of one file."""

    def __init__(self, facts: PythonFacts) -> None:
        self.facts = facts
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

    def chain(self, scope: int) -> list[int]:
        """The scopes in which a name used in `scope` is looked up, innermost first."""
        found = [scope]
        while (scope := self.facts.scopes[scope].parent) >= 0:
            if self.facts.scopes[scope].kind != "class":
                found.append(scope)
        return found

    def enclosing_class(self, scope: int) -> int | None:
        """The class whose method `scope` is, or lies in."""
        while scope > 0:
            scope = self.facts.scopes[scope].parent
            if self.facts.scopes[scope].kind == "class":
                return scope
        return None
