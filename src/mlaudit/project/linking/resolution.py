"""What a name or a call means across the files of the repository."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Facts
from typing import TypeAlias

from msgspec import Struct

from mlaudit.facts.python.names import type_made_by
from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Const,
    Function,
    Global,
    Item,
    Local,
    Mapping,
    PythonFacts,
    Result,
)
from mlaudit.project.linking.index import Index
from mlaudit.project.linking.modules import Modules

FARTHEST = 24
"""Steps (re-exports, returns, assignments, bases) that are followed from one name."""

MOST_RETURNS = 4
"""Of a function whose type is still looked for."""

CALLED = ("__call__", "forward", "call")
"""Methods that run when an object is called; the last two through torch's and Keras's bases."""

PARTIAL = "functools.partial"


class Definition(Struct, frozen=True):
    """A function or class of the repository; scope 0 is the module itself."""

    path: str
    scope: int


class External(Struct, frozen=True):
    """A name of a library: `numpy.random.seed`."""

    name: str


Held: TypeAlias = tuple[str, AnyValue, int]
"""A value with the file and the scope in which it is written."""

Target: TypeAlias = Definition | External | None
"""None: unresolved. It may be anything."""


class Resolver:
    """Follows names through imports, re-exports, assignments, bases and simple types."""

    def __init__(self, facts: Facts[str, PythonFacts]) -> None:
        self._facts = facts
        self.modules = Modules(facts)
        self._indices: dict[str, Index] = {}
        self._calls: dict[tuple[str, int], Target] = {}
        self._names: dict[tuple[str, str, int], Target] = {}
        self._results: dict[Definition, Target] = {}
        self._methods: dict[tuple[Definition, str], Target] = {}
        self._attributes: dict[tuple[Definition, str], Held | None] = {}

    def index(self, path: str) -> Index:
        index = self._indices.get(path)
        if index is None:
            index = self._indices[path] = Index(self._facts[path])
        return index

    def call(self, path: str, number: int, depth: int = 0) -> Target:
        """What a call runs: a function, a class that it makes an object of, a method."""
        key = path, number
        if key not in self._calls:
            self._calls[key] = None  # who comes back here on the way learns nothing
            self._calls[key] = self._call(path, number, depth)
        return self._calls[key]

    def name(self, path: str, dotted: str, depth: int = 0) -> Target:
        """What a name means that starts at an import of `path`."""
        found = self.modules.find(dotted, path)
        if found is None:
            return None if dotted.startswith(".") else External(dotted)
        if not found.rest:
            return Definition(found.path, 0)
        return self._local(found.path, ".".join(found.rest), 0, depth + 1)

    def value(self, path: str, value: AnyValue, scope: int, depth: int = 0) -> Target:
        """What a value names: a function or class, here or in a library."""
        kind = type(value)
        if kind is Local:
            return self._local(path, value.name, scope, depth)  # type: ignore[union-attr]
        if kind is Global:
            return self.name(path, value.name, depth)  # type: ignore[union-attr]
        if kind is Function:
            return Definition(path, value.scope)  # type: ignore[union-attr]
        if kind is Result:
            call = self._facts[path].calls[value.call]  # type: ignore[union-attr]
            if call.callee == PARTIAL and call.args and depth <= FARTHEST:
                return self.value(path, call.args[0], scope, depth + 1)
        return None

    def made_by(self, path: str, value: AnyValue, scope: int, depth: int = 0) -> Target:
        """The type of a value: a class of the repository, or a library's as `External`."""
        if depth > FARTHEST:
            return None
        if type(value) is Result:
            return self._returned(path, value.call, depth)
        if type(value) is not Local:
            return None
        if value.name.startswith("self."):
            return self._type_of_self(path, value.name[5:], scope, depth)
        binding = self._sole_binding(path, value.name, scope)
        if binding is not None:
            return self.made_by(path, binding, scope, depth + 1)
        annotation = self.index(path).annotation(value.name, scope)
        return self.value(path, annotation, scope, depth + 1) if annotation is not None else None

    def choices(self, path: str, call: Call, scope: int) -> Iterator[Target]:
        """What a call runs that picks a function from a table: `COMMANDS[name]()`."""
        value: AnyValue | None = Local(call.local) if call.local else call.receiver
        for _ in range(3):
            if type(value) is Local:
                value = self._sole_binding(path, value.name, scope)
            elif type(value) is Item:
                value = value.base
            elif type(value) is Result:
                picked, _, last = self._facts[path].calls[value.call].local.rpartition(".")
                value = Local(picked) if last == "get" else None
        if type(value) is Mapping:
            yield from (self.value(path, one, scope) for one in value.values)

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

    def method(self, definition: Definition, name: str) -> Target:
        """A method of a class, its own or inherited."""
        return self._inside(definition, name, 0)

    def held(self, owner: Definition, name: str) -> Held | None:
        """The last value that the code of a class gives an attribute of its objects."""
        return self._held(owner, name, 0)

    # calls

    def _call(self, path: str, number: int, depth: int) -> Target:
        if depth > FARTHEST:
            return None
        facts = self._facts[path]
        call = facts.calls[number]
        scope = facts.blocks[call.block].scope
        if call.method and self._is_super(facts, call):
            return self._of_super(path, call.method, scope, depth)
        if call.callee:
            return self.name(path, call.callee, depth)
        if call.local:
            found = self._local(path, call.local, scope, depth)
            return found or self._object(path, Local(call.local), scope, depth)
        if call.receiver is None:
            return None
        if not call.method:
            return self._object(path, call.receiver, scope, depth)
        made_by = self.made_by(path, call.receiver, scope, depth + 1)
        return self._attribute_of(made_by, call.method, depth + 1)

    def _object(self, path: str, value: AnyValue, scope: int, depth: int) -> Target:
        """What runs when an object is called."""
        made_by = self.made_by(path, value, scope, depth + 1)
        if isinstance(made_by, Definition):
            for name in CALLED:
                found = self._inside(made_by, name, depth + 1)
                if isinstance(found, Definition):
                    return found
            return None
        return External(f"{made_by.name}.__call__") if made_by else None

    def _is_super(self, facts: PythonFacts, call: Call) -> bool:
        receiver = call.receiver
        return type(receiver) is Result and facts.calls[receiver.call].callee == "builtins.super"

    def _of_super(self, path: str, name: str, scope: int, depth: int) -> Target:
        owner = self.index(path).enclosing_class(scope)
        if owner is None:
            return None
        return self._inherited(Definition(path, owner), name, depth + 1)

    # names

    def _local(self, path: str, dotted: str, scope: int, depth: int) -> Target:
        if depth > FARTHEST:
            return None
        key = path, dotted, scope
        if key not in self._names:
            self._names[key] = None
            self._names[key] = self._look_up(path, dotted, scope, depth)
        return self._names[key]

    def _look_up(self, path: str, dotted: str, scope: int, depth: int) -> Target:
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
            if index.has_parameter(outer, root):
                return self._of_parameter(path, root, rest, scope, depth)
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

    def _of_variable(self, path: str, root: str, rest: str, scope: int, depth: int) -> Target:
        value = self._sole_binding(path, root, scope)
        if value is None:
            return None
        if not rest:
            return self.value(path, value, scope, depth + 1)
        found: Target = None
        if type(value) is Global:
            found = self.name(path, f"{value.name}.{rest}", depth + 1)
        elif type(value) is Local:
            found = self._local(path, f"{value.name}.{rest}", scope, depth + 1)
        return found or self._attribute_of(self.made_by(path, value, scope, depth + 1), rest, depth)

    def _of_parameter(self, path: str, root: str, rest: str, scope: int, depth: int) -> Target:
        """A method of a parameter whose class is annotated."""
        if not rest:
            return None
        return self._attribute_of(self.made_by(path, Local(root), scope, depth + 1), rest, depth)

    # classes

    def _inside(self, definition: Definition, rest: str, depth: int) -> Target:
        """A method, inherited ones too, of a class; or the definition itself."""
        if not rest:
            return definition
        name, _, more = rest.partition(".")
        if more or depth > FARTHEST:
            return None
        index = self.index(definition.path)
        if index.facts.scopes[definition.scope].kind != "class":
            return None
        method = index.definitions.get((definition.scope, name))
        if method is not None:
            return Definition(definition.path, method)
        return self._inherited(definition, name, depth)

    def _inherited(self, definition: Definition, name: str, depth: int) -> Target:
        """A method of a base. Each class is looked at once, whatever the shape of the family."""
        key = definition, name
        if key not in self._methods:
            self._methods[key] = None
            self._methods[key] = self._of_bases(definition, name, depth)
        return self._methods[key]

    def _of_bases(self, definition: Definition, name: str, depth: int) -> Target:
        for parent in self.parents(definition, depth):
            if isinstance(parent, External):
                return External(f"{parent.name}.{name}")
            if parent is not None:
                found = self._inside(parent, name, depth + 1)
                if found is not None:
                    return found
        return None

    def parents(self, definition: Definition, depth: int = 0) -> Iterator[Target]:
        """What the bases of a class are."""
        scope = self.index(definition.path).facts.scopes[definition.scope]
        for base in scope.bases:
            parent = self.value(definition.path, base, scope.parent, depth + 1)
            if parent != definition:
                yield parent

    def _of_self(self, path: str, rest: str, scope: int, depth: int) -> Target:
        """A method of the object itself, or of an object that it holds."""
        owner = self.index(path).enclosing_class(scope)
        if owner is None:
            return None
        head, _, tail = rest.partition(".")
        if tail:
            return self._attribute_of(self._type_of_self(path, head, scope, depth + 1), tail, depth)
        found = self._inside(Definition(path, owner), head, depth)
        if isinstance(found, Definition):
            return found
        held = self._held(Definition(path, owner), head, depth)
        if held is None:
            return found
        where, value, method = held
        return self.value(where, value, method, depth + 1)

    def _type_of_self(self, path: str, name: str, scope: int, depth: int) -> Target:
        owner = self.index(path).enclosing_class(scope)
        if owner is None or "." in name:
            return None
        held = self._held(Definition(path, owner), name, depth)
        return self.made_by(*held, depth + 1) if held is not None else None

    def _held(self, owner: Definition, name: str, depth: int) -> Held | None:
        """The value that an attribute of an object is given, in which file and scope."""
        found = self.index(owner.path).attributes.get((owner.scope, name))
        if found is not None:
            return owner.path, *found
        key = owner, name
        if key not in self._attributes:
            self._attributes[key] = None
            self._attributes[key] = self._held_by_bases(owner, name, depth)
        return self._attributes[key]

    def _held_by_bases(self, owner: Definition, name: str, depth: int) -> Held | None:
        if depth > FARTHEST:
            return None
        for parent in self.parents(owner, depth):
            if isinstance(parent, Definition):
                inherited = self._held(parent, name, depth + 1)
                if inherited is not None:
                    return inherited
        return None

    def _attribute_of(self, made_by: Target, rest: str, depth: int) -> Target:
        if isinstance(made_by, External):
            return External(f"{made_by.name}.{rest}")
        if made_by is not None:
            return self._inside(made_by, rest, depth + 1)
        return None

    # values

    def _sole_binding(self, path: str, name: str, scope: int) -> AnyValue | None:
        """The value of a name that is bound once, and is no parameter: it may be anything."""
        index = self.index(path)
        for outer in index.chain(scope):
            if index.has_parameter(outer, name):
                return None
            bound = index.bindings.get((outer, name))
            if bound:
                plain = len(bound) == 1 and bound[0].kind in ("assign", "with")
                return bound[0].value if plain else None
        return None

    def _returned(self, path: str, number: int, depth: int) -> Target:
        """The type of what a call returns."""
        target = self.call(path, number, depth + 1)
        if isinstance(target, External):
            made_by = type_made_by(target.name)
            return External(made_by) if made_by else None
        if target is None:
            return None
        if self.index(target.path).facts.scopes[target.scope].kind == "class":
            return target
        if target not in self._results:
            self._results[target] = None
            self._results[target] = self._result_of(target, depth)
        return self._results[target]

    def _result_of(self, target: Definition, depth: int) -> Target:
        """The type that all returns of a function agree on."""
        values = self.index(target.path).returns[target.scope]
        if len(values) > MOST_RETURNS:
            return None
        results = {self.made_by(target.path, value, target.scope, depth + 1) for value in values}
        return results.pop() if len(results) == 1 else None
