"""What a program may run: the call graph, followed from an entry point."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping

from msgspec import Struct

from mlaudit.facts.syntax import AnyValue, Call, Collection, Global, Local, PythonFacts, Result
from mlaudit.facts.syntax import Function as Lambda
from mlaudit.project.linking.bodies import Bodies
from mlaudit.project.linking.dispatch import Dispatch
from mlaudit.project.linking.entry_points import EntryPoint, main_guard
from mlaudit.project.linking.managers import Managers, withs
from mlaudit.project.linking.resolution import Definition, External, Resolver, Target
from mlaudit.project.linking.steps import Half, Key, Run, Site, Step, Trace

ELSEWHERE = frozenset({"worker_init_fn"})
"""Arguments whose functions run in another process: what they seed is seeded there only."""

RUNNABLE = frozenset({Local, Global, Lambda, Result})
"""Values that may be functions, or objects with methods."""

HARMLESS = ("builtins.", "logging.", "typing.", "dataclasses.", "warnings.")
"""Libraries that call nothing they are handed, builtins such as `map` apart."""
CALLING_BUILTINS = frozenset(f"builtins.{n}" for n in ("map", "filter", "sorted", "min", "max"))


MOST_REPEATS = 1000
"""Runs that a walk follows once more."""
LONGEST_TRACE = 100
"""Runs inside one another that are kept: nobody reads more, and hostile code nests thousands."""


class Reach(Struct, frozen=True):
    """What an entry point reaches."""

    entry: EntryPoint
    scopes: frozenset[tuple[str, int]]
    """Functions, and bodies of modules and classes, by file and scope."""
    sites: tuple[Site, ...]
    """Calls in the order of a walk that follows each call where it stands."""
    unresolved: tuple[Site, ...]
    """Calls that may run anything."""
    traces: tuple[Trace, ...] = ()
    """How the program came to each of the sites."""


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
        self._steps: dict[tuple[Key, bool], tuple[Step, ...]] = {}
        self._bodies = Bodies(resolver)
        self._dispatch = Dispatch(resolver, facts)
        self._withs: dict[str, dict[int, list[int]]] = {}

    def reach(self, entry: EntryPoint) -> Reach:
        """Follow all calls from an entry point, depth first, each scope once."""
        scopes = {(entry.path, entry.scope), (entry.path, 0)}
        sites: list[Site] = []
        traces: list[Trace] = []
        for step, trace in self.walk(entry):
            if isinstance(step, Site):
                sites.append(step)
                traces.append(trace)
            else:
                scopes.add((step.path, step.scope))
        unresolved = tuple(site for site in sites if not site.name and not site.local)
        return Reach(entry, frozenset(scopes), tuple(sites), unresolved, tuple(traces))

    def walk(
        self, entry: EntryPoint, again: Container[tuple[str, int]] = ()
    ) -> Iterator[tuple[Step, Trace]]:
        """The calls of a program in the order in which it makes them, each scope once.

        With each comes what ran the scope that it stands in: nothing, for the entry point's own.
        Both ways of a branch are taken, one after the other, and loops are run once. The scopes
        `again` are followed each time that they run.
        """
        seen: set[Key] = {(entry.path, entry.scope, None, Half.WHOLE)}
        repeats = 0
        here: Trace = ()
        stack = [(iter(self.steps(entry.path, entry.scope, as_program=True)), here)]
        if entry.scope:
            seen.add((entry.path, 0, None, Half.WHOLE))
            stack.append((iter(self.steps(entry.path, 0, as_program=False)), here))
        while stack:
            steps, here = stack[-1]
            for step in steps:
                if isinstance(step, Site):
                    yield step, here
                    continue
                key = step.path, step.scope, step.owner, step.half
                if key in seen:
                    if key[:2] not in again or repeats == MOST_REPEATS or _is_running(key, here):
                        continue
                    repeats += 1
                seen.add(key)
                yield step, here
                inner = here if len(here) == LONGEST_TRACE else (*here, step)
                stack.append((iter(self.steps_of(key, False)), inner))
                break
            else:
                stack.pop()

    def steps(self, path: str, scope: int, *, as_program: bool) -> tuple[Step, ...]:
        """The calls of a scope and the code that they run, in order.

        Run as a program, a module does what stands under its main guard, too.
        """
        return self.steps_of((path, scope, None, Half.WHOLE), as_program)

    def steps_of(self, key: Key, as_program: bool) -> tuple[Step, ...]:
        """The same for what a walk tells apart: a part of a function, a method of another class."""
        known = self._steps.get((key, as_program))
        if known is None:
            path, scope, owner, half = key
            guard = None if as_program or scope else main_guard(self._facts[path])
            found = self._find(Definition(path, scope), guard, owner, half)
            known = self._steps[key, as_program] = tuple(found)
        return known

    def _find(
        self, at: Definition, guard: int | None, owner: Definition | None, half: Half
    ) -> Iterator[Step]:
        facts = self._facts[at.path]
        index = self._resolver.index(at.path)
        bodies = self._bodies_at(at)
        managers = self._managers(at)
        for number in self._of_half(at, index.calls[at.scope], half):
            call = facts.calls[number]
            if guard is not None and within_block(facts, call.block, guard):
                continue
            while bodies and bodies[-1].line <= call.line:
                yield bodies.pop()
            if managers:
                yield from managers.before(call)
            yield from self._called(at, number, call, owner)
        if managers:
            yield from managers.end()
        yield from reversed(bodies)

    def _managers(self, at: Definition) -> Managers | None:
        """The blocks of a scope that context managers of the repository stand around."""
        known = self._withs.get(at.path)
        if known is None:
            known = self._withs[at.path] = withs(self._facts[at.path])
        found: dict[int, tuple[list[Run], list[Run]]] = {}
        for number in known.get(at.scope, ()):
            block = self._facts[at.path].blocks[number]
            values = block.value.items if isinstance(block.value, Collection) else [block.value]
            around = [self._around(at, value, block.line) for value in values if value is not None]
            if any(enter or leave for enter, leave in around):
                enters = [run for enter, _ in around for run in enter]
                found[number] = enters, [run for _, leave in reversed(around) for run in leave]
        return Managers(self._facts[at.path], found) if found else None

    def _around(self, at: Definition, value: AnyValue, line: int) -> tuple[list[Run], list[Run]]:
        """What runs before and after the block of a `with`."""
        target, call = self._dispatch.manager(at, value)
        if not isinstance(target, Definition) or self._foreign(at.path, target.path):
            return [], []
        if self._dispatch.is_manager(target):
            # Its first half runs where it is called.
            return [], [Run(target.path, target.scope, line, call, half=Half.AFTER)]
        methods = [self._resolver.method(target, name) for name in ("__enter__", "__exit__")]
        enter, leave = (
            [Run(m.path, m.scope, line, call, owner=self._dispatch.other(m, target))]
            if isinstance(m, Definition)
            else []
            for m in methods
        )
        return enter, leave

    def _of_half(self, at: Definition, calls: list[int], half: Half) -> list[int]:
        if half is Half.WHOLE:
            return calls
        cut = self._dispatch.cut(at)
        before = half is Half.BEFORE
        return [number for number in calls if (number < cut) is before]

    def _bodies_at(self, at: Definition) -> list[Run]:
        """Bodies of classes and imported modules that run here, the last one first."""
        index = self._resolver.index(at.path)
        found = []
        for item in index.imported[at.scope]:
            module = self._resolver.modules.find(item.target, at.path)
            if module is not None and not self._foreign(at.path, module.path):
                found.append(Run(module.path, 0, item.line))
        scopes = index.facts.scopes
        found += [Run(at.path, scope, scopes[scope].line) for scope in index.classes[at.scope]]
        found.sort(key=lambda run: run.line)
        found.reverse()
        return found

    def _called(
        self, at: Definition, number: int, call: Call, owner: Definition | None
    ) -> Iterator[Step]:
        target = self._dispatch.call(at, number, call, owner)
        if isinstance(target, Definition):
            if self._foreign(at.path, target.path):
                yield Site(at.path, number, call.callee, local=True)
                target = External(call.callee)
            else:
                yield Site(at.path, number, "", local=True)
                yield from self._run_by(target, at, number, call, owner)
        elif target is None:
            yield from self._picked(at, number, call)
        else:
            yield Site(at.path, number, target.name)
        if call.local:
            for scope in self._registered(at.path, call.local):
                yield Run(at.path, scope, call.line, number)
        yield from self._handed_over(at, number, call, target)

    def _picked(self, at: Definition, number: int, call: Call) -> Iterator[Step]:
        """What a call runs whose function is picked when the program runs."""
        picked = [] if call.method else list(self._dispatch.choices(at, call))
        own = [one for one in picked if isinstance(one, Definition)]
        named = [one.name for one in picked if isinstance(one, External)]
        if own or not named:
            yield Site(at.path, number, "", local=bool(own))
        yield from (Site(at.path, number, name) for name in named)
        for target in own:
            for found in self._bodies.of(target):
                yield Run(found.path, found.scope, call.line, number)

    def _registered(self, path: str, name: str) -> list[int]:
        """Functions that running an application object runs: `app()`, `app.run()`."""
        commands = self._resolver.index(path).commands
        root, _, rest = name.partition(".")
        return commands.get(root, []) if commands and rest in ("", "run", "main", "cli") else []

    def _handed_over(
        self, at: Definition, number: int, call: Call, target: Target
    ) -> Iterator[Run]:
        """Functions passed as arguments, and methods of objects: who gets one may call it."""
        library = isinstance(target, External)
        if target is not None and library and _is_harmless(target.name):  # type: ignore[union-attr]
            return
        values = [*call.args, *(v for name, v in call.keywords if name not in ELSEWHERE)]
        for value in values:
            for part in value.items if type(value) is Collection else (value,):
                if type(part) not in RUNNABLE:
                    continue
                for found, owner in self._runnable(at, part, library):
                    owner = self._dispatch.other(found, owner)
                    yield Run(found.path, found.scope, call.line, number, held=True, owner=owner)

    def _runnable(
        self, at: Definition, value: AnyValue, library: bool
    ) -> Iterator[tuple[Definition, Definition | None]]:
        """Functions, and methods with the class of their object."""
        named = self._resolver.value(at.path, value, at.scope)
        if isinstance(named, Definition):
            if named.scope and not self._foreign(at.path, named.path):
                yield from ((found, named) for found in self._bodies.of(named))
        elif named is None and library and isinstance(value, Local | Result):
            made_by = self._resolver.made_by(at.path, value, at.scope)
            if isinstance(made_by, Definition) and not self._foreign(at.path, made_by.path):
                yield from ((found, made_by) for found in self._bodies.hooks_of(made_by))

    def _run_by(
        self,
        target: Definition,
        at: Definition,
        number: int,
        call: Call,
        owner: Definition | None,
    ) -> Iterator[Step]:
        held_by = self._dispatch.owner(at, call, target, owner)
        halves = self._dispatch.is_manager(target)
        for found in self._bodies.of(target):
            other = self._dispatch.other(found, held_by)
            half = Half.BEFORE if halves and found == target else Half.WHOLE
            yield Run(found.path, found.scope, call.line, number, owner=other, half=half)
        library = self._bodies.made_in_library(target)
        if library:
            yield Site(at.path, number, library)


def _is_harmless(name: str) -> bool:
    return name.startswith(HARMLESS) and name not in CALLING_BUILTINS


def _is_running(key: Key, trace: Trace) -> bool:
    return any((run.path, run.scope) == key[:2] for run in trace)


def within_block(facts: PythonFacts, block: int, outer: int) -> bool:
    """Whether a block lies in another one, or is it."""
    while block >= 0:
        if block == outer:
            return True
        block = facts.blocks[block].parent
    return False
