"""Which of several functions a call runs: by the class of its object, or picked from a few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Collection,
    Const,
    Global,
    Local,
    PythonFacts,
    Result,
)
from mlaudit.project.linking.resolution import CALLED, Definition, External, Resolver, Target

MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
ABSTRACT = frozenset({"abc.abstractmethod", "abc.abstractproperty"})
NOT_IMPLEMENTED = "builtins.NotImplementedError"


class Dispatch:
    """Looks past the name of what is called."""

    def __init__(self, resolver: Resolver, facts: Mapping[str, PythonFacts]) -> None:
        self._resolver = resolver
        self._facts = facts
        self._yields: dict[str, dict[int, int]] = {}

    def call(self, at: Definition, number: int, call: Call, owner: Definition | None) -> Target:
        """What a call runs in a method of an object of the class `owner`."""
        if owner is not None and call.local.startswith("self."):
            own = self._resolver.method(owner, call.local[5:])
            if isinstance(own, Definition):
                return own
        found = self._resolver.call(at.path, number)
        by_name = isinstance(found, External) and found.name.startswith("builtins.getattr()")
        return None if by_name else found

    # objects

    def owner(
        self, at: Definition, call: Call, target: Definition, owner: Definition | None
    ) -> Definition | None:
        """The class of the object whose method a call runs, or that it makes."""
        scopes = self._facts[target.path].scopes
        scope = scopes[target.scope]
        if scope.kind == "class":
            return target
        if scope.parent <= 0 or scopes[scope.parent].kind != "class":
            return None
        base, _, method = call.local.rpartition(".")
        if scope.name in CALLED and method != scope.name and call.method != scope.name:
            base = call.local
        if base == "self" or (call.receiver is not None and self._is_super(at, call.receiver)):
            return owner or self._enclosing(at)
        value = Local(base) if base else call.receiver
        if value is None:
            return None
        made_by = self._resolver.made_by(at.path, value, at.scope)
        return made_by if isinstance(made_by, Definition) else None

    def _is_super(self, at: Definition, value: AnyValue) -> bool:
        calls = self._facts[at.path].calls
        return isinstance(value, Result) and calls[value.call].callee == "builtins.super"

    def _enclosing(self, at: Definition) -> Definition | None:
        owner = self._resolver.index(at.path).enclosing_class(at.scope)
        return None if owner is None else Definition(at.path, owner)

    def other(self, method: Definition, owner: Definition | None) -> Definition | None:
        """The class of the object, where it is another one than that which has the method."""
        parent = self._facts[method.path].scopes[method.scope].parent
        return None if owner == Definition(method.path, parent) else owner

    # functions that are picked

    def choices(self, at: Definition, call: Call) -> Iterator[Target]:
        """What a call may run: `for f in (a, b): f()`, `getattr(module, "f")()`, `TABLE[x]()`."""
        value: AnyValue | None = Local(call.local) if call.local else call.receiver
        named = self._by_name(at, value) if value is not None else None
        if named is not None:
            yield named
        elif isinstance(value, Local) and (turns := self._turns(at, value.name)) is not None:
            yield from (self._resolver.value(at.path, one, at.scope) for one in turns.items)
        else:
            yield from self._resolver.choices(at.path, call, at.scope)

    def _by_name(self, at: Definition, value: AnyValue) -> Target:
        """`getattr(module, "f")`, under a name of its own, too."""
        if isinstance(value, Local):
            bound = self._resolver.index(at.path).bindings.get((at.scope, value.name), ())
            value = bound[0].value if len(bound) == 1 else value
        if not isinstance(value, Result):
            return None
        call = self._facts[at.path].calls[value.call]
        if call.callee != "builtins.getattr" or len(call.args) < 2:
            return None
        base, name = call.args[:2]
        if not isinstance(name, Const) or not isinstance(base, Global | Local):
            return None
        whole = type(base)(f"{base.name}.{name.value}")
        return self._resolver.value(at.path, whole, at.scope)

    def _turns(self, at: Definition, name: str) -> Collection | None:
        """What a name stands for in the turns of a loop."""
        index = self._resolver.index(at.path)
        bound = index.bindings.get((at.scope, name), ())
        if len(bound) != 1 or bound[0].kind != "for":
            return None
        value = bound[0].value
        if isinstance(value, Local):
            for scope in index.chain(at.scope):
                several = index.bindings.get((scope, value.name), ())
                if several:
                    value = several[0].value if len(several) == 1 else value
                    break
        return value if isinstance(value, Collection) else None

    # context managers

    def is_manager(self, target: Definition) -> bool:
        """A function that is left in the middle while the block behind `with` runs."""
        decorators = self._facts[target.path].scopes[target.scope].decorators
        return any(isinstance(one, Global) and one.name in MANAGERS for one in decorators)

    def cut(self, at: Definition) -> int:
        """The first call of a function that stands behind its `yield`."""
        known = self._yields.get(at.path)
        if known is None:
            facts = self._facts[at.path]
            known = self._yields[at.path] = {}
            for statement in facts.statements:
                if statement.kind == "yield":
                    known.setdefault(facts.scope_of(statement.block), statement.after)
        return known.get(at.scope, len(self._facts[at.path].calls))

    def manager(self, at: Definition, value: AnyValue) -> tuple[Target, int]:
        """The function or class behind a `with`, and the call that makes it; -1 for none."""
        if isinstance(value, Result):
            return self._resolver.call(at.path, value.call), value.call
        return self._resolver.made_by(at.path, value, at.scope), -1
