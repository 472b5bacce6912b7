"""What a program may run: the call graph, followed from an entry point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from mlaudit.facts.syntax import Call, Collection, Local, PythonFacts
from mlaudit.project.entry_points import EntryPoint, main_guard
from mlaudit.project.resolution import Definition, Resolver

CONSTRUCTORS = ("__init__", "__post_init__", "__new__")


class Site(Struct, frozen=True):
    """One call of the repository, and the library function it resolves to, if it does."""

    path: str
    number: int
    name: str
    """Empty when unresolved, or when it runs code of the repository."""


class Reach(Struct, frozen=True):
    """What an entry point reaches."""

    entry: EntryPoint
    scopes: frozenset[tuple[str, int]]
    """Functions, and bodies of modules and classes, by file and scope."""
    sites: tuple[Site, ...]
    """Calls in the order of a walk that follows each call where it stands."""
    unresolved: tuple[Site, ...]
    """Calls that may run anything."""


def reach(entry: EntryPoint, resolver: Resolver, facts: Mapping[str, PythonFacts]) -> Reach:
    """Follow all calls from an entry point, depth first, each scope once."""
    walk = _Walk(resolver, facts)
    walk.run(Definition(entry.path, entry.scope), as_program=True)
    return Reach(entry, frozenset(walk.seen), tuple(walk.sites), tuple(walk.unresolved))


class _Walk:
    def __init__(self, resolver: Resolver, facts: Mapping[str, PythonFacts]) -> None:
        self.resolver = resolver
        self.facts = facts
        self.seen: set[tuple[str, int]] = set()
        self.sites: list[Site] = []
        self.unresolved: list[Site] = []

    def run(self, start: Definition, *, as_program: bool) -> None:
        stack = [self._steps(start, as_program=as_program)]
        while stack:
            definition = next(stack[-1], None)
            if definition is None:
                stack.pop()
            elif (definition.path, definition.scope) not in self.seen:
                stack.append(self._steps(definition, as_program=False))

    def _steps(self, at: Definition, *, as_program: bool) -> Iterator[Definition]:
        """Record the calls of a scope; give what each of them runs, in order."""
        self.seen.add((at.path, at.scope))
        facts = self.facts[at.path]
        if at.scope != 0:
            yield Definition(at.path, 0)
        yield from self._imported(at)
        index = self.resolver.index(at.path)
        guarded = None if as_program else main_guard(facts)
        for number in index.calls[at.scope]:
            call = facts.calls[number]
            if guarded is None or not _within(facts, call.block, guarded):
                yield from self._called(at, number, call)
        for (parent, _), scope in index.definitions.items():
            if parent == at.scope and facts.scopes[scope].kind == "class":
                yield Definition(at.path, scope)

    def _imported(self, at: Definition) -> Iterator[Definition]:
        facts = self.facts[at.path]
        for item in facts.imports:
            if facts.blocks[item.block].scope == at.scope:
                found = self.resolver.modules.find(item.target, at.path)
                if found is not None:
                    yield Definition(found.path, 0)

    def _called(self, at: Definition, number: int, call: Call) -> Iterator[Definition]:
        yield from self._handed_over(at, call)
        target = self.resolver.call(at.path, number)
        if isinstance(target, Definition):
            self.sites.append(Site(at.path, number, ""))
            yield from self._run_by(target)
            return
        site = Site(at.path, number, target.name if target else "")
        self.sites.append(site)
        if target is None:
            self.unresolved.append(site)

    def _handed_over(self, at: Definition, call: Call) -> Iterator[Definition]:
        """Functions passed as arguments: who gets one may call it."""
        for value in (*call.args, *(value for _, value in call.keywords)):
            for part in value.items if isinstance(value, Collection) else (value,):
                if isinstance(part, Local):
                    target = self.resolver.value(at.path, part, at.scope)
                    if isinstance(target, Definition) and target.scope:
                        yield from self._run_by(target)

    def _run_by(self, target: Definition) -> Iterator[Definition]:
        index = self.resolver.index(target.path)
        if index.facts.scopes[target.scope].kind != "class":
            yield target
            return
        for name in CONSTRUCTORS:
            method = index.definitions.get((target.scope, name))
            if method is not None:
                yield Definition(target.path, method)


def _within(facts: PythonFacts, block: int, outer: int) -> bool:
    while block >= 0:
        if block == outer:
            return True
        block = facts.blocks[block].parent
    return False
