"""Which name means what: imports, local bindings and the types that are simple to tell.

A type is written as the name that made the value: `sklearn.svm.SVC` for an object of a class,
`pandas.read_csv()` for what a function returned.
"""

from __future__ import annotations

import builtins

from mlaudit.facts.syntax import Global, Local

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
UNSETTLED = ""
LONGEST_TYPE = 240
"""`df = df.f()` a hundred times over is no type worth keeping."""


class Namespace:
    """The names of one scope, as they stand while its statements are read in order."""

    __slots__ = ("journals", "kind", "names", "owner", "parent", "settled", "types", "values")

    def __init__(self, kind: str, parent: Namespace | None, owner: Namespace | None = None) -> None:
        self.kind = kind
        self.parent = parent
        """Where names are looked up that are not bound here; never a class."""
        self.owner = owner
        """The namespace of the class, for a method."""
        self.names: dict[str, str | None] = {}
        """Dotted target of an imported name; None for one bound otherwise."""
        self.types: dict[str, str] = {}
        """Type of a dotted name at this point; UNSETTLED where branches disagree."""
        self.settled: dict[str, str] = {}
        """Type that all bindings so far agree on: what other scopes may rely on."""
        self.values: dict[str, Global | Local] = {}
        """What the bare names stand for: a memory of `resolve`."""
        self.journals: list[dict[str, str | None]] = []
        """For each branch that is open: the types that it overwrote."""

    def resolve(self, name: str) -> Global | Local:
        """What a bare name stands for. A hit in `values` spares the call."""
        value = self.values.get(name)
        if value is None:
            value = self.values[name] = self._look_up(name)
        return value

    def _look_up(self, name: str) -> Global | Local:
        space: Namespace | None = self
        while space is not None:
            if name in space.names:
                target = space.names[name]
                return Local(name) if target is None else Global(target)
            space = space.parent
        return Global(f"builtins.{name}") if name in BUILTINS else Local(name)

    def bind(self, name: str, made_by: str = UNSETTLED) -> None:
        """The name, perhaps dotted (`self.rng`), takes a value of a type, if that is known."""
        first = made_by
        if "." not in name:
            fresh = name not in self.names
            self.names[name] = None
            self.values.pop(name, None)
            if fresh and not made_by:
                return
            if not fresh:
                first = UNSETTLED
        if len(made_by) > LONGEST_TYPE:
            made_by = UNSETTLED
        if self.journals:
            self.journals[-1].setdefault(name, self.types.get(name))
        self.types[name] = made_by
        home = self.owner.settled if self.owner and name.startswith("self.") else self.settled
        home[name] = made_by if home.get(name, first) == made_by else UNSETTLED

    def bind_import(self, name: str, target: str) -> None:
        self.names[name] = target
        self.values.pop(name, None)
        self.types.pop(name, None)

    def open_branch(self) -> None:
        self.journals.append({})

    def close_branch(self) -> None:
        """What the branch bound differently from before is settled no more."""
        journal = self.journals.pop()
        for name, old in journal.items():
            if old is not None and self.types.get(name) != old:
                self.types[name] = UNSETTLED
            if self.journals:
                self.journals[-1].setdefault(name, old)

    def type_of(self, name: str) -> str:
        """Type of a dotted name, UNSETTLED when it is not known."""
        made_by = self.types.get(name)
        if made_by is not None:
            return made_by
        if name.startswith("self.") and self.owner is not None:
            return self.owner.settled.get(name, UNSETTLED)
        root = name.partition(".")[0]
        if root in self.names:
            return UNSETTLED
        space = self.parent
        while space is not None:
            if name in space.settled:
                return space.settled[name]
            if root in space.names:
                return UNSETTLED
            space = space.parent
        return UNSETTLED

    def callee_of(self, local: str) -> str:
        """Resolved name of `frame.fillna` through the type of `frame`; empty when unknown."""
        head, _, tail = local.rpartition(".")
        while head:
            made_by = self.type_of(head)
            if made_by:
                return f"{made_by}.{tail}"
            head, _, more = head.rpartition(".")
            tail = f"{more}.{tail}"
        return ""


def type_made_by(callee: str) -> str:
    """The type of what a call returns: the class itself, or the function with `()`."""
    if not callee:
        return UNSETTLED
    last = callee[callee.rfind(".") + 1 :].lstrip("_")
    return callee if last[:1].isupper() else f"{callee}()"
