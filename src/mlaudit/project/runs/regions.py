"""One run of a tracker as a region of the program: where it is open, and what is done in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from mlaudit.facts.syntax import Call, Const, PythonFacts
from mlaudit.project.linking.reach import LONGEST_TRACE
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.linking.steps import Run, Site, Step, Trace
from mlaudit.project.runs.decorators import calls_of_parameters, decorated
from mlaudit.project.runs.events import HARMLESS_NAMES, Does, done, may_record, owner_of
from mlaudit.project.runs.extents import DEEPEST, MOST_CALLERS, Extent, Extents, Part, Stays

if TYPE_CHECKING:
    from mlaudit.project.linking.program import Program

MOST_CANDIDATES = 8
"""Methods of one name that an unresolved call is followed into."""
RESUMES = ("run_id", "id", "resume", "resume_from", "fork_from")
"""Arguments that go on with a run that is there already."""


class Visit(NamedTuple):
    """A call that is made while the run is open, and how the program came to it."""

    site: Site
    trace: Trace
    certain: bool
    """Not only one of several methods that an unresolved call may mean."""


class Region(Struct, frozen=True):
    """A run, and what is done while it is open."""

    owner: str
    """`mlflow` or `wandb`."""
    start: Site
    """The tracker's call that opens the run."""
    opening: Site
    """The call of the outermost function that opens it: often the same."""
    chain: tuple[tuple[str, int], ...]
    """All calls from `start` to `opening`."""
    extents: tuple[Extent, ...]
    visits: tuple[Visit, ...]
    doing: frozenset[Does]
    """All that is, or may be, done to the run."""
    opaque: tuple[Site, ...]
    """A call that may do anything to the run, where there is one."""
    resumed: bool
    nested: bool
    known: bool
    """Whether all places are known at which the run is open."""

    def does(self, *what: Does) -> bool:
        return not self.doing.isdisjoint(what)


class Opening(NamedTuple):
    """A run as far as it is followed out of the functions that open it."""

    start: tuple[str, int]
    chain: tuple[tuple[str, int], ...]
    extents: tuple[Extent, ...]


class Regions:
    """Makes regions of the calls that open runs."""

    def __init__(
        self, program: Program, python: Mapping[str, PythonFacts], extents: Extents
    ) -> None:
        self._program = program
        self._python = python
        self._extents = extents

    def of(self, path: str, number: int) -> Iterator[Region]:
        """The runs that a tracker's call opens: one for each place that it is opened for."""
        for opening in self._openings(Opening((path, number), ((path, number),), ())):
            parts = [extent.part for extent in opening.extents]
            extras = list(decorated(self._program, self._python, parts))
            for extra in extras:
                yield self._region(opening, extra)
            if not extras:
                yield self._region(opening, None)

    # where it is open

    def _openings(self, opening: Opening) -> Iterator[Opening]:
        """The places that a run is followed out to, one for each outermost call."""
        extent = self._extents.of(*opening.chain[-1])
        here = opening._replace(extents=(*opening.extents, extent))
        enters = self._scope_name(extent.part) in ("__enter__", "__aenter__")
        leaves = extent.stays is not Stays.NOT and extent.part.scope
        if not leaves and not enters:
            yield here
            return
        callers = [] if len(opening.chain) > DEEPEST else list(self._extents.callers(extent))
        callers = [one for one in callers if one not in opening.chain]
        if not callers or len(callers) > MOST_CALLERS:
            yield here
        for caller in callers[:MOST_CALLERS]:
            yield from self._openings(here._replace(chain=(*here.chain, caller)))

    def _scope_name(self, part: Part) -> str:
        return self._python[part.path].scopes[part.scope].name

    def _region(self, opening: Opening, extra: Definition | None) -> Region:
        path, number = opening.start
        call = self._python[path].calls[number]
        parts = [extent.part for extent in opening.extents]
        visits = list(self._inside(parts, extra))
        ignored = set() if extra is None else set(calls_of_parameters(self._python, parts))
        candidates, opaque = self._candidates(visits, ignored)
        visits += candidates
        doing = set(done(call.callee, call))
        for visit in visits:
            doing |= self._done_to(owner_of(call.callee), visit)
        last = opening.extents[-1]
        return Region(
            owner=owner_of(call.callee),
            start=Site(path, number, call.callee),
            opening=Site(*opening.chain[-1], "") if extra is None else self._first_call(extra),
            chain=opening.chain,
            extents=opening.extents,
            visits=tuple(visits),
            doing=frozenset(doing),
            opaque=tuple(opaque),
            resumed=_is_resumed(call),
            nested=_is_set(call, "nested"),
            known=last.stays is Stays.NOT or not last.part.scope,
        )

    def _first_call(self, function: Definition) -> Site:
        """A place to show of a function."""
        calls = self._program.resolver.index(function.path).calls[function.scope]
        return Site(function.path, calls[0] if calls else 0, "")

    def _done_to(self, owner: str, visit: Visit) -> frozenset[Does]:
        """What a call does to a run of this tracker."""
        found = done(visit.site.name, self._call(visit.site))
        other = owner_of(visit.site.name)
        if other and other != owner:
            return found & {Does.HANDED_OVER}
        return found

    def _call(self, site: Site) -> Call:
        return self._python[site.path].calls[site.number]

    # what is done in it

    def _inside(self, parts: Iterable[Part], extra: Definition | None) -> Iterator[Visit]:
        steps: list[Step] = []
        seen = set()
        for part in parts:
            seen.add((part.path, part.scope))
            for step in self._program.graph.steps(part.path, part.scope, as_program=True):
                number = step.number if isinstance(step, Site) else step.call
                if number in part.calls:
                    steps.append(step)
        if extra is not None:
            steps.append(Run(extra.path, extra.scope, 0))
        for site, trace in self.follow(steps, seen):
            yield Visit(site, trace, certain=True)

    def follow(
        self, steps: Iterable[Step], seen: set[tuple[str, int]]
    ) -> Iterator[tuple[Site, Trace]]:
        """The calls among the steps and in all that they run, but for the scopes in `seen`."""
        stack: list[tuple[Iterator[Step], Trace]] = [(iter(steps), ())]
        while stack:
            current, here = stack[-1]
            for step in current:
                if isinstance(step, Site):
                    if step.path in self._python:
                        yield step, here
                elif (key := (step.path, step.scope)) not in seen:
                    seen.add(key)
                    inner = here if len(here) == LONGEST_TRACE else (*here, step)
                    stack.append((iter(self._program.graph.steps(*key, as_program=False)), inner))
                    break
            else:
                stack.pop()

    def _candidates(
        self, visits: list[Visit], ignored: set[tuple[str, int]]
    ) -> tuple[list[Visit], list[Site]]:
        """Into methods of the same name as an unresolved call has; or a call that nothing tells."""
        more: list[Visit] = []
        seen = {(run.path, run.scope) for visit in visits for run in visit.trace}
        queue = list(visits)
        while queue:
            site = queue.pop().site
            if site.name or site.local or (site.path, site.number) in ignored:
                continue
            call = self._call(site)
            if call.local in HARMLESS_NAMES:
                continue
            name = (call.local or call.method).rpartition(".")[2]
            found = self._methods.get(name, []) if "." in call.local or call.method else None
            if found is None or len(found) > MOST_CANDIDATES or (not found and may_record(call)):
                return more, [site]
            runs = [Run(path, scope, call.line, site.number) for path, scope in found]
            inner = [Visit(s, t, certain=False) for s, t in self.follow(runs, seen)]
            more += inner
            queue += inner
        return more, []

    @cached_property
    def _methods(self) -> dict[str, list[tuple[str, int]]]:
        """The methods of all classes, by name."""
        found: dict[str, list[tuple[str, int]]] = {}
        for path, python in self._python.items():
            for number, scope in enumerate(python.scopes):
                if scope.kind == "function" and python.scopes[scope.parent].kind == "class":
                    found.setdefault(scope.name, []).append((path, number))
        return found


def _is_resumed(call: Call) -> bool:
    """Whether the run may be there already. MLflow takes its id first."""
    by_place = call.callee.startswith("mlflow.") and bool(call.args)
    return call.open or by_place or any(_is_set(call, name) for name in RESUMES)


def _is_set(call: Call, name: str) -> bool:
    return call.keyword(name) not in (None, Const(None), Const(False), Const("never"))
