"""Runs of experiment trackers as regions of the program: what is done while one is open.

A region begins where a run is opened, follows it out of the function that opens it (returned,
yielded, left open, held by an object), and into all that is called on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from mlaudit.facts.syntax import Call, Const, PythonFacts, Result
from mlaudit.project.nature import Nature
from mlaudit.project.reach import LONGEST_TRACE
from mlaudit.project.resolution import Definition
from mlaudit.project.run_events import (
    FITS,
    HARMLESS_NAMES,
    OWNERS,
    Does,
    done,
    done_by,
    may_record,
    owner_of,
)
from mlaudit.project.run_extents import DEEPEST, MOST_CALLERS, Extent, Extents, Part, Stays
from mlaudit.project.steps import Run, Site, Step, Trace
from mlaudit.repo.model import Context

if TYPE_CHECKING:
    from mlaudit.project.project import Project

ASIDE = (Context.TESTS, Context.DOCS, Context.VENDORED, Context.GENERATED)
MOST_OPENINGS = 100
"""Places that one call is known to open a run for; what more there are is left out."""
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


class _Opening(NamedTuple):
    start: tuple[str, int]
    chain: tuple[tuple[str, int], ...]
    extents: tuple[Extent, ...]


class Runs:
    """All runs that the programs of a repository open, libraries apart."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._program = project.program
        self.python: dict[str, PythonFacts] = {
            path: facts.python
            for path, facts in project.facts.items()
            if facts.python is not None and project.files[path].context not in ASIDE
        }
        self.extents = Extents(self._program, self.python)

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """In the order of the files."""
        found: list[Region] = []
        for path, number in self.starts:
            openings = self._openings(_Opening((path, number), ((path, number),), ()))
            for opening in islice(openings, MOST_OPENINGS):
                found.extend(self._regions_of(opening))
        return tuple(found)

    @cached_property
    def starts(self) -> tuple[tuple[str, int], ...]:
        """The tracker's own calls that open a run, in code that is no library's."""
        return tuple(
            (path, number)
            for path, python in self.python.items()
            if imports_any(python, OWNERS) and self._is_application(path)
            for number, call in enumerate(python.calls)
            if Does.OPENS in done_by(call.callee)
        )

    def parents(self, region: Region) -> list[Region]:
        """The runs that are open where this one is opened."""
        return self._others(region, (self._visiting.get(call, ()) for call in region.chain))

    def children(self, region: Region) -> list[Region]:
        """The runs that are opened while this one is open."""
        calls = ((visit.site.path, visit.site.number) for visit in region.visits)
        return self._others(region, (self._opened.get(call, ()) for call in calls))

    def holding(self, path: str, scope: int) -> list[Region]:
        """The runs in which a function is called."""
        return self._within.get((path, scope), [])

    def covered(self, path: str) -> frozenset[int]:
        """The calls of a file that stand where a run is open, by number."""
        return self._covered.get(path, frozenset())

    def _others(self, region: Region, several: Iterable[Iterable[Region]]) -> list[Region]:
        """Those of the same tracker that another call opens; each once."""
        found: list[Region] = []
        for regions in several:
            for one in regions:
                same = one.start == region.start or one.owner != region.owner
                if not same and not any(one is other for other in found):
                    found.append(one)
        return found

    @cached_property
    def _visiting(self) -> dict[tuple[str, int], list[Region]]:
        """The runs in which each call is made."""
        found: dict[tuple[str, int], list[Region]] = {}
        for region in self.regions:
            for path, number in {(v.site.path, v.site.number) for v in region.visits}:
                found.setdefault((path, number), []).append(region)
        return found

    @cached_property
    def _opened(self) -> dict[tuple[str, int], list[Region]]:
        found: dict[tuple[str, int], list[Region]] = {}
        for region in self.regions:
            for call in region.chain:
                found.setdefault(call, []).append(region)
        return found

    @cached_property
    def _within(self) -> dict[tuple[str, int], list[Region]]:
        found: dict[tuple[str, int], list[Region]] = {}
        for region in self.regions:
            inner = {visit.trace[-1] for visit in region.visits if visit.trace}
            for place in {(run.path, run.scope) for run in inner}:
                found.setdefault(place, []).append(region)
        return found

    @cached_property
    def _covered(self) -> dict[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        for region in self.regions:
            for extent in region.extents:
                path = extent.part.path
                found[path] = found.get(path, frozenset()) | extent.part.calls
        return found

    def fits(self, region: Region) -> tuple[Site, ...]:
        """The calls that train a model while the run is open."""
        sites = [visit.site for visit in region.visits if visit.certain]
        return self._program.fits_among(sites) or tuple(filter(self._may_fit, sites))

    def _may_fit(self, site: Site) -> bool:
        """A model from outside is given features and labels, as no scaler or encoder is."""
        call = self.call(site)
        written = (call.local or call.method).rpartition(".")
        return not site.name and written[2] in FITS and len(call.args) > 1

    def call(self, site: Site) -> Call:
        return self.python[site.path].calls[site.number]

    def _is_application(self, path: str) -> bool:
        root = self._project.environment.root_of(path)
        return self._project.nature(root) is not Nature.LIBRARY

    # where it is open

    def _openings(self, opening: _Opening) -> Iterator[_Opening]:
        """The places that a run is followed out to, one for each outermost call."""
        extent = self.extents.of(*opening.chain[-1])
        here = opening._replace(extents=(*opening.extents, extent))
        enters = self._scope_name(extent.part) in ("__enter__", "__aenter__")
        leaves = extent.stays is not Stays.NOT and extent.part.scope
        if not leaves and not enters:
            yield here
            return
        callers = [] if len(opening.chain) > DEEPEST else list(self.extents.callers(extent))
        callers = [one for one in callers if one not in opening.chain]
        if not callers or len(callers) > MOST_CALLERS:
            yield here
        for caller in callers[:MOST_CALLERS]:
            yield from self._openings(here._replace(chain=(*here.chain, caller)))

    def _scope_name(self, part: Part) -> str:
        return self.python[part.path].scopes[part.scope].name

    def _regions_of(self, opening: _Opening) -> Iterator[Region]:
        decorated = list(self._decorated(opening))
        for extra in decorated:
            yield self._region(opening, extra)
        if not decorated:
            yield self._region(opening, None)

    def _region(self, opening: _Opening, extra: Definition | None) -> Region:
        last = opening.extents[-1]
        known = last.stays is Stays.NOT or not last.part.scope
        visits = list(self._inside([extent.part for extent in opening.extents], extra))
        opaque = [] if extra is None else self._decorator_calls(opening)
        may, unclear = self._candidates(visits, ignored=set(opaque))
        visits += may
        path, number = opening.start
        call = self.python[path].calls[number]
        doing = set(done(call.callee, call))
        for visit in visits:
            doing |= self._done_to(owner_of(call.callee), visit)
        return Region(
            owner=owner_of(call.callee),
            start=Site(path, number, call.callee),
            opening=Site(*opening.chain[-1], "") if extra is None else _place_of(self, extra),
            chain=opening.chain,
            extents=opening.extents,
            visits=tuple(visits),
            doing=frozenset(doing),
            opaque=tuple(unclear),
            resumed=call.open or any(_is_set(call, name) for name in RESUMES) or bool(call.args[:1])
            if call.callee.startswith("mlflow.")
            else call.open or any(_is_set(call, name) for name in RESUMES),
            nested=_is_set(call, "nested"),
            known=known,
        )

    def _done_to(self, owner: str, visit: Visit) -> frozenset[Does]:
        """What a call does to a run of this tracker."""
        found = done(visit.site.name, self.call(visit.site))
        other = owner_of(visit.site.name)
        if other and other != owner:
            return found & {Does.HANDED_OVER}
        return found

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
        stack: list[tuple[Iterator[Step], Trace]] = [(iter(steps), ())]
        while stack:
            current, here = stack[-1]
            for step in current:
                if isinstance(step, Site):
                    if step.path in self.python:
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
            call = self.call(site)
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
        for path, python in self.python.items():
            for number, scope in enumerate(python.scopes):
                if scope.kind == "function" and python.scopes[scope.parent].kind == "class":
                    found.setdefault(scope.name, []).append((path, number))
        return found

    # decorators

    def _decorated(self, opening: _Opening) -> Iterator[Definition]:
        """The functions that run inside, where a decorator opens the run."""
        for extent in opening.extents:
            part = extent.part
            outer = self.python[part.path].scopes[part.scope].parent
            if outer > 0 and self._calls_parameter(part, outer):
                yield from self._wearing(Definition(part.path, outer))

    def _calls_parameter(self, part: Part, outer: int) -> list[tuple[str, int]]:
        python = self.python[part.path]
        parameters = {parameter.name for parameter in python.scopes[outer].parameters}
        return [(part.path, n) for n in sorted(part.calls) if python.calls[n].local in parameters]

    def _decorator_calls(self, opening: _Opening) -> list[tuple[str, int]]:
        found = []
        for extent in opening.extents:
            part = extent.part
            outer = self.python[part.path].scopes[part.scope].parent
            if outer > 0:
                found += self._calls_parameter(part, outer)
        return found

    def _wearing(self, decorator: Definition) -> Iterator[Definition]:
        """The functions that a decorator is put on; one that takes arguments is called first."""
        scopes = self.python[decorator.path].scopes
        outer = scopes[decorator.scope].parent
        names = {decorator, Definition(decorator.path, outer)} if outer > 0 else {decorator}
        resolver = self._program.resolver
        for path, python in self.python.items():
            for number, scope in enumerate(python.scopes):
                for value in scope.decorators:
                    if isinstance(value, Result):
                        target = resolver.call(path, value.call)
                    else:
                        target = resolver.value(path, value, scope.parent)
                    if target in names:
                        yield Definition(path, number)


def _place_of(runs: Runs, function: Definition) -> Site:
    """The first call in a function: a place to show."""
    calls = runs._program.resolver.index(function.path).calls[function.scope]
    return Site(function.path, calls[0] if calls else 0, "")


def _is_set(call: Call, name: str) -> bool:
    return call.keyword(name) not in (None, Const(None), Const(False), Const("never"))


def imports_any(python: PythonFacts, packages: Iterable[str]) -> bool:
    """Whether a file imports one of these packages."""
    roots = tuple(packages)
    return any(item.target.partition(".")[0] in roots for item in python.imports)
