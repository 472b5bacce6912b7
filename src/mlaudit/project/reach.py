"""What a program may run: the call graph, followed from an entry point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

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
    local: bool = False
    """Runs code of the repository."""


Step: TypeAlias = Site | Definition


class Reach(Struct, frozen=True):
    """What an entry point reaches."""

    entry: EntryPoint
    scopes: frozenset[tuple[str, int]]
    """Functions, and bodies of modules and classes, by file and scope."""
    sites: tuple[Site, ...]
    """Calls in the order of a walk that follows each call where it stands."""
    unresolved: tuple[Site, ...]
    """Calls that may run anything."""


class CallGraph:
    """What each function and each module body runs. Every scope is looked at once."""

    def __init__(
        self,
        resolver: Resolver,
        facts: Mapping[str, PythonFacts],
        foreign: Callable[[str, str], bool],
    ) -> None:
        """`foreign(importer, path)`: whether a file is a library's to the file that imports it."""
        self._resolver = resolver
        self._facts = facts
        self._foreign = foreign
        self._steps: dict[tuple[str, int, bool], tuple[Step, ...]] = {}

    def reach(self, entry: EntryPoint) -> Reach:
        """Follow all calls from an entry point, depth first, each scope once."""
        start = entry.path, entry.scope
        seen = {start}
        sites: list[Site] = []
        stack = [iter(self.steps(*start, as_program=True))]
        if entry.scope:
            seen.add((entry.path, 0))
            stack.append(iter(self.steps(entry.path, 0, as_program=False)))
        while stack:
            for step in stack[-1]:
                if isinstance(step, Site):
                    sites.append(step)
                elif (key := (step.path, step.scope)) not in seen:
                    seen.add(key)
                    stack.append(iter(self.steps(*key, as_program=False)))
                    break
            else:
                stack.pop()
        unresolved = tuple(site for site in sites if not site.name and not site.local)
        return Reach(entry, frozenset(seen), tuple(sites), unresolved)

    def steps(self, path: str, scope: int, *, as_program: bool) -> tuple[Step, ...]:
        """The calls of a scope and the definitions that they run, in order.

        Run as a program, a module does what stands under its main guard, too.
        """
        key = path, scope, as_program
        known = self._steps.get(key)
        if known is None:
            guard = None if as_program or scope else main_guard(self._facts[path])
            known = self._steps[key] = tuple(self._find(Definition(path, scope), guard))
        return known

    def _find(self, at: Definition, guard: int | None) -> Iterator[Step]:
        facts = self._facts[at.path]
        yield from self._imported(at)
        index = self._resolver.index(at.path)
        for number in index.calls[at.scope]:
            call = facts.calls[number]
            if guard is None or not _within(facts, call.block, guard):
                yield from self._called(at, number, call)
        for scope in index.classes[at.scope]:
            yield Definition(at.path, scope)

    def _imported(self, at: Definition) -> Iterator[Definition]:
        """Modules whose bodies an import runs."""
        for item in self._resolver.index(at.path).imported[at.scope]:
            found = self._resolver.modules.find(item.target, at.path)
            if found is not None and not self._foreign(at.path, found.path):
                yield Definition(found.path, 0)

    def _called(self, at: Definition, number: int, call: Call) -> Iterator[Step]:
        yield from self._handed_over(at, call)
        target = self._resolver.call(at.path, number)
        if isinstance(target, Definition):
            yield Site(
                at.path,
                number,
                call.callee if self._foreign(at.path, target.path) else "",
                local=True,
            )
            yield from self._run_by(at, target)
        else:
            yield Site(at.path, number, target.name if target else "")

    def _handed_over(self, at: Definition, call: Call) -> Iterator[Definition]:
        """Functions passed as arguments: who gets one may call it."""
        for value in (*call.args, *(value for _, value in call.keywords)):
            for part in value.items if isinstance(value, Collection) else (value,):
                if isinstance(part, Local):
                    target = self._resolver.value(at.path, part, at.scope)
                    if isinstance(target, Definition) and target.scope:
                        yield from self._run_by(at, target)

    def _run_by(self, at: Definition, target: Definition) -> Iterator[Definition]:
        if self._foreign(at.path, target.path):
            return
        index = self._resolver.index(target.path)
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
