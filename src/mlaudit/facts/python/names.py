"""Which name means what: imports, local bindings and the types that are simple to tell.

A type is written as the name that made the value: `sklearn.svm.SVC` for an object of a class,
`pandas.read_csv()` for what a function returned.
"""

from __future__ import annotations

import builtins

from mlaudit.facts.syntax import Global, Local

BUILTINS = {name: Global(f"builtins.{name}") for name in dir(builtins) if name[0] != "_"}
UNSETTLED = ""
LONGEST_TYPE = 240
"""`df = df.f()` a hundred times over is no type worth keeping."""


class Namespace(dict[str, "Global | Local"]):
    """The names of one scope, as they stand while its statements are read in order.

    `space[name]` is what a bare name stands for here; what was looked up before is remembered.
    """

    __slots__ = ("journals", "kind", "names", "owner", "parent", "settled", "types")

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
        self.journals: list[dict[str, str | None]] = []
        """For each branch that is open: the types that it overwrote."""

    def __missing__(self, name: str) -> Global | Local:
        value: Global | Local
        if name in self.names:
            target = self.names[name]
            value = Local(name) if target is None else Global(target)
        elif self.parent is not None:
            value = self.parent[name]
        else:
            value = BUILTINS.get(name) or Local(name)
        self[name] = value
        return value

    def bind(self, name: str, made_by: str = UNSETTLED) -> None:
        """The name, perhaps dotted (`self.rng`), takes a value of a type, if that is known."""
        first = made_by
        if "." not in name:
            fresh = name not in self.names
            self.names[name] = None
            self.pop(name, None)
            if not made_by and (fresh or self.types.get(name) == self.settled.get(name) == ""):
                return
            if not fresh:
                first = UNSETTLED
        if len(made_by) > LONGEST_TYPE:
            made_by = UNSETTLED
        if self.journals:
            self.journals[-1].setdefault(name, self.types.get(name))
        self.types[name] = made_by
        inside = self.owner is not None and name.startswith("self.")
        home = self.owner.settled if inside else self.settled  # type: ignore[union-attr]
        home[name] = made_by if home.get(name, first) == made_by else UNSETTLED

    def bind_import(self, name: str, target: str) -> None:
        self.names[name] = target
        self.pop(name, None)
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
