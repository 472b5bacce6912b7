"""What a name or a call means across the files of the repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from mlaudit.facts.python.names import type_made_by
from mlaudit.facts.syntax import AnyValue, Const, Global, Local, PythonFacts, Result
from mlaudit.project.index import Index
from mlaudit.project.modules import Modules

FARTHEST = 6
"""Re-exports, returns and assignments that are followed from one name."""

MOST_RETURNS = 4
"""Of a function whose type is still looked for."""


class Definition(Struct, frozen=True):
    """A function or class of the repository; scope 0 is the module itself."""

    path: str
    scope: int


class External(Struct, frozen=True):
    """A name of a library: `numpy.random.seed`."""

    name: str


Target: TypeAlias = Definition | External | None
"""None: unresolved. It may be anything."""


class Resolver:
    """Follows names through imports, re-exports, assignments and simple types."""

    def __init__(self, facts: Mapping[str, PythonFacts]) -> None:
        self._facts = facts
        self.modules = Modules(facts)
        self._indices: dict[str, Index] = {}
        self._calls: dict[tuple[str, int], Target] = {}

    def index(self, path: str) -> Index:
        index = self._indices.get(path)
        if index is None:
            index = self._indices[path] = Index(self._facts[path])
        return index

    def call(self, path: str, number: int) -> Target:
        """What a call runs."""
        key = path, number
        if key not in self._calls:
            self._calls[key] = self._call(path, number, 0)
        return self._calls[key]

    def name(self, path: str, dotted: str, depth: int = 0) -> Target:
        """What a name means that starts at an import of `path`."""
        found = self.modules.find(dotted, path)
        if found is None:
            return None if dotted.startswith(".") else External(dotted)
        return self._member(found.path, found.rest, depth)

    def value(self, path: str, value: AnyValue, scope: int, depth: int = 0) -> Target:
        """What a value names: a function or class, here or in a library."""
        if type(value) is Global:
            return self.name(path, value.name, depth)
        if type(value) is Local:
            return self._local(path, value.name, scope, depth)
        return None

    def made_by(self, path: str, value: AnyValue, scope: int, depth: int = 0) -> Target:
        """The type of a value: a class of the repository, or a library's as `External`."""
        if depth > FARTHEST:
            return None
        if type(value) is Result:
            return self._returned(path, value.call, depth)
        if type(value) is Local:
            binding = self._sole_binding(path, value.name, scope)
            if binding is not None:
                return self.made_by(path, binding, scope, depth + 1)
        return None

    def constant(self, path: str, value: AnyValue, scope: int) -> Const | None:
        """The literal behind a value, through names that are bound once."""
        for _ in range(FARTHEST):
            if type(value) is Const:
                return value
            if type(value) is not Local or "." in value.name:
                return None
            bound = self._sole_binding(path, value.name, scope)
            if bound is None:
                return None
            value = bound
        return None

    # steps

    def _call(self, path: str, number: int, depth: int) -> Target:
        facts = self._facts[path]
        call = facts.calls[number]
        if call.callee:
            return self.name(path, call.callee, depth)
        scope = facts.blocks[call.block].scope
        if call.local:
            return self._local(path, call.local, scope, depth)
        if call.receiver is not None and call.method:
            made_by = self.made_by(path, call.receiver, scope, depth + 1)
            return self._attribute_of(made_by, call.method, depth + 1)
        return None

    def _member(self, path: str, rest: tuple[str, ...], depth: int) -> Target:
        if not rest:
            return Definition(path, 0)
        if depth > FARTHEST:
            return None
        return self._local(path, ".".join(rest), 0, depth + 1)

    def _local(self, path: str, dotted: str, scope: int, depth: int) -> Target:
        if depth > FARTHEST:
            return None
        root, _, rest = dotted.partition(".")
        index = self.index(path)
        if root == "self" and rest:
            return self._of_self(path, rest, scope, depth)
        for outer in index.chain(scope):
            definition = index.definitions.get((outer, root))
            if definition is not None:
                return self._inside(Definition(path, definition), rest, depth)
            imported = index.imports.get((outer, root))
            if imported is not None:
                target = f"{imported.target}.{rest}" if rest else imported.target
                return self.name(path, target, depth + 1)
            if (outer, root) in index.bindings:
                return self._of_variable(path, root, rest, outer, depth)
            if any(p.name == root for p in index.facts.scopes[outer].parameters):
                return None
        return self._starred(path, dotted, depth)

    def _starred(self, path: str, dotted: str, depth: int) -> Target:
        for module in self.index(path).stars:
            found = self.modules.find(module, path)
            if found is None:
                return None
            target = self._local(found.path, dotted, 0, depth + 1)
            if target is not None:
                return target
        return None

    def _inside(self, definition: Definition, rest: str, depth: int) -> Target:
        """A method, inherited ones too, of a class; or the definition itself."""
        if not rest:
            return definition
        name, _, more = rest.partition(".")
        if more or depth > FARTHEST:
            return None
        index = self.index(definition.path)
        scope = index.facts.scopes[definition.scope]
        if scope.kind != "class":
            return None
        method = index.definitions.get((definition.scope, name))
        if method is not None:
            return Definition(definition.path, method)
        for base in scope.bases:
            parent = self.value(definition.path, base, scope.parent, depth + 1)
            if isinstance(parent, External):
                return External(f"{parent.name}.{name}")
            if parent is not None:
                found = self._inside(parent, name, depth + 1)
                if found is not None:
                    return found
        return None

    def _of_self(self, path: str, rest: str, scope: int, depth: int) -> Target:
        index = self.index(path)
        owner = index.enclosing_class(scope)
        if owner is None:
            return None
        head, _, tail = rest.partition(".")
        if not tail:
            return self._inside(Definition(path, owner), head, depth)
        for method in (n for (parent, _), n in index.definitions.items() if parent == owner):
            bound = index.bindings.get((method, f"self.{head}"))
            if bound:
                made_by = self.made_by(path, bound[-1].value, method, depth + 1)
                return self._attribute_of(made_by, tail, depth)
        return None

    def _of_variable(self, path: str, root: str, rest: str, scope: int, depth: int) -> Target:
        value = self._sole_binding(path, root, scope)
        if value is None:
            return None
        if not rest:
            return self.value(path, value, scope, depth + 1)
        return self._attribute_of(self.made_by(path, value, scope, depth + 1), rest, depth)

    def _attribute_of(self, made_by: Target, rest: str, depth: int) -> Target:
        if isinstance(made_by, External):
            return External(f"{made_by.name}.{rest}")
        if made_by is not None:
            return self._inside(made_by, rest, depth + 1)
        return None

    def _sole_binding(self, path: str, name: str, scope: int) -> AnyValue | None:
        """The value of a name that is bound once, and is no parameter: it may be anything."""
        index = self.index(path)
        for outer in index.chain(scope):
            if any(p.name == name for p in index.facts.scopes[outer].parameters):
                return None
            bound = index.bindings.get((outer, name))
            if bound:
                plain = len(bound) == 1 and bound[0].kind in ("assign", "with")
                return bound[0].value if plain else None
        return None

    def _returned(self, path: str, number: int, depth: int) -> Target:
        """The type of what a call returns."""
        target = self._call(path, number, depth + 1)
        if isinstance(target, External):
            made_by = type_made_by(target.name)
            return External(made_by) if made_by else None
        if target is None:
            return None
        index = self.index(target.path)
        if index.facts.scopes[target.scope].kind == "class":
            return target
        values = index.returns[target.scope]
        if len(values) > MOST_RETURNS:
            return None
        results = {self.made_by(target.path, value, target.scope, depth + 1) for value in values}
        return results.pop() if len(results) == 1 else None
