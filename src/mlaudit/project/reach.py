"""What a program may run: the call graph, followed from an entry point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from mlaudit.facts.syntax import AnyValue, Call, Collection, Global, Local, PythonFacts, Result
from mlaudit.facts.syntax import Function as Lambda
from mlaudit.project.entry_points import EntryPoint, main_guard
from mlaudit.project.resolution import Definition, External, Resolver, Target

CONSTRUCTORS = ("__new__", "__init__", "__post_init__")
HOOKS = frozenset(
    {
        "__call__", "__getitem__", "__iter__", "__len__", "build", "call", "configure_model",
        "configure_optimizers", "compute_loss", "fit", "forward", "loss", "prepare_data", "run",
        "setup", "train_dataloader", "train_step", "training_step", "transform", "val_dataloader",
        "validation_step",
    }
)  # fmt: skip
"""Methods that a library calls on an object it is handed: those of models, data and callbacks."""

ELSEWHERE = frozenset({"worker_init_fn"})
"""Arguments whose functions run in another process: what they seed is seeded there only."""

HARMLESS = ("builtins.", "logging.", "typing.", "dataclasses.", "warnings.")
"""Libraries that call nothing they are handed, builtins such as `map` apart."""
CALLING_BUILTINS = frozenset(f"builtins.{n}" for n in ("map", "filter", "sorted", "min", "max"))


class Site(Struct, frozen=True):
    """One call of the repository, and the library function it resolves to, if it does."""

    path: str
    number: int
    name: str
    """Empty when unresolved, or when it runs code of the repository."""
    local: bool = False
    """Runs code of the repository."""


class Run(Struct, frozen=True):
    """Code of the repository that is run: a function, or the body of a module or class."""

    path: str
    scope: int
    line: int
    """Where it is run from, in the file of whatever runs it."""
    call: int = -1
    """The call that runs it, of the same file; -1 for an import and a class body."""
    held: bool = False
    """Handed to a library, which runs it when it likes."""


Step: TypeAlias = Site | Run
Trace: TypeAlias = "tuple[Run, ...]"
"""How the program came to a place: what it ran, from the outside in."""


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
        self._hooks: dict[Definition, tuple[Definition, ...]] = {}

    def reach(self, entry: EntryPoint) -> Reach:
        """Follow all calls from an entry point, depth first, each scope once."""
        scopes = {(entry.path, entry.scope), (entry.path, 0)}
        sites: list[Site] = []
        for step, _ in self.walk(entry):
            if isinstance(step, Site):
                sites.append(step)
            else:
                scopes.add((step.path, step.scope))
        unresolved = tuple(site for site in sites if not site.name and not site.local)
        return Reach(entry, frozenset(scopes), tuple(sites), unresolved)

    def walk(self, entry: EntryPoint) -> Iterator[tuple[Step, Trace]]:
        """The calls of a program in the order in which it makes them, each scope once.

        With each comes what ran the scope that it stands in: nothing, for the entry point's own.
        Both ways of a branch are taken, one after the other, and loops are run once.
        """
        start = entry.path, entry.scope
        seen = {start}
        here: Trace = ()
        stack = [(iter(self.steps(*start, as_program=True)), here)]
        if entry.scope:
            seen.add((entry.path, 0))
            stack.append((iter(self.steps(entry.path, 0, as_program=False)), here))
        while stack:
            steps, here = stack[-1]
            for step in steps:
                if isinstance(step, Site):
                    yield step, here
                elif (key := (step.path, step.scope)) not in seen:
                    seen.add(key)
                    yield step, here
                    inner = here if len(here) == LONGEST_TRACE else (*here, step)
                    stack.append((iter(self.steps(*key, as_program=False)), inner))
                    break
            else:
                stack.pop()

    def steps(self, path: str, scope: int, *, as_program: bool) -> tuple[Step, ...]:
        """The calls of a scope and the code that they run, in order.

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
        index = self._resolver.index(at.path)
        bodies = self._bodies(at)
        for number in index.calls[at.scope]:
            call = facts.calls[number]
            if guard is not None and _within(facts, call.block, guard):
                continue
            while bodies and bodies[-1].line <= call.line:
                yield bodies.pop()
            yield from self._called(at, number, call)
        yield from reversed(bodies)

    def _bodies(self, at: Definition) -> list[Run]:
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

    def _called(self, at: Definition, number: int, call: Call) -> Iterator[Step]:
        target = self._resolver.call(at.path, number)
        if isinstance(target, Definition):
            if self._foreign(at.path, target.path):
                yield Site(at.path, number, call.callee, local=True)
                target = External(call.callee)
            else:
                yield Site(at.path, number, "", local=True)
                yield from self._run_by(target, at, number, call.line)
        else:
            yield Site(at.path, number, target.name if target else "")
            if target is None and not call.method:
                yield from self._picked(at, number, call)
        if call.local:
            for scope in self._registered(at.path, call.local):
                yield Run(at.path, scope, call.line, number)
        yield from self._handed_over(at, number, call, target)

    def _picked(self, at: Definition, number: int, call: Call) -> Iterator[Run]:
        for target in self._resolver.choices(at.path, call, at.scope):
            if isinstance(target, Definition):
                for found in self._bodies_of(target):
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
            for part in value.items if isinstance(value, Collection) else (value,):
                for found in self._runnable(at, part, library):
                    yield Run(found.path, found.scope, call.line, number, held=True)

    def _runnable(self, at: Definition, value: AnyValue, library: bool) -> Iterator[Definition]:
        kind = type(value)
        if kind not in (Local, Global, Lambda, Result):
            return
        named = self._resolver.value(at.path, value, at.scope)
        if isinstance(named, Definition):
            if named.scope and not self._foreign(at.path, named.path):
                yield from self._bodies_of(named)
        elif named is None and library and kind in (Local, Result):
            made_by = self._resolver.made_by(at.path, value, at.scope)
            if isinstance(made_by, Definition) and not self._foreign(at.path, made_by.path):
                yield from self._hooks_of(made_by)

    def _hooks_of(self, owner: Definition) -> tuple[Definition, ...]:
        known = self._hooks.get(owner)
        if known is None:
            index = self._resolver.index(owner.path)
            found = [
                Definition(owner.path, number)
                for (parent, name), number in index.definitions.items()
                if parent == owner.scope and (name in HOOKS or name.startswith("on_"))
            ]
            self._hooks[owner] = ()
            for parent in self._resolver.parents(owner):
                if isinstance(parent, Definition):
                    found += self._hooks_of(parent)
            known = self._hooks[owner] = tuple(found)
        return known

    def _run_by(self, target: Definition, at: Definition, number: int, line: int) -> Iterator[Step]:
        for found in self._bodies_of(target):
            yield Run(found.path, found.scope, line, number)
        library = self._made_in_library(target)
        if library:
            yield Site(at.path, number, library)

    def _bodies_of(self, target: Definition) -> Iterator[Definition]:
        """The functions that run when a function or class is called."""
        index = self._resolver.index(target.path)
        scope = index.facts.scopes[target.scope]
        if scope.kind != "class":
            for decorator in scope.decorators:
                yield from self._wrappers(target.path, decorator, scope.parent)
            yield target
            return
        for name in CONSTRUCTORS:
            method = self._resolver.method(target, name)
            if isinstance(method, Definition):
                yield method

    def _made_in_library(self, target: Definition) -> str:
        """The library's class whose constructor a class of the repository inherits."""
        if self._resolver.index(target.path).facts.scopes[target.scope].kind != "class":
            return ""
        method = self._resolver.method(target, "__init__")
        return method.name.removesuffix(".__init__") if isinstance(method, External) else ""

    def _wrappers(self, path: str, decorator: AnyValue, scope: int) -> Iterator[Definition]:
        """The functions that a decorator of the repository puts around another."""
        if type(decorator) is Result:
            target = self._resolver.call(path, decorator.call)
        else:
            target = self._resolver.value(path, decorator, scope)
        if not isinstance(target, Definition):
            return
        scopes = self._resolver.index(target.path).facts.scopes
        for number in range(target.scope + 1, len(scopes)):
            outer = number
            while outer > target.scope:
                outer = scopes[outer].parent
            if outer == target.scope and target.scope and scopes[number].kind == "function":
                yield Definition(target.path, number)


def _is_harmless(name: str) -> bool:
    return name.startswith(HARMLESS) and name not in CALLING_BUILTINS


def _within(facts: PythonFacts, block: int, outer: int) -> bool:
    while block >= 0:
        if block == outer:
            return True
        block = facts.blocks[block].parent
    return False
