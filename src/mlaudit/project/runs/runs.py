"""Runs of experiment trackers as regions of the program: what is done while one is open.

A region begins where a run is opened, follows it out of the function that opens it (returned,
yielded, left open, held by an object), and into all that is called on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from mlaudit.facts.syntax import Call, PythonFacts
from mlaudit.project.linking.steps import Site, Step, Trace
from mlaudit.project.nature import Nature
from mlaudit.project.runs.events import FITS, OWNERS, Does, done_by
from mlaudit.project.runs.extents import Extents
from mlaudit.project.runs.regions import Region, Regions
from mlaudit.repo.model import Context

if TYPE_CHECKING:
    from mlaudit.project.project import Project

ASIDE = (Context.TESTS, Context.DOCS, Context.VENDORED, Context.GENERATED)
MOST_REGIONS = 100
"""Runs that one call is known to open; what more there are is left out."""


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
        self._regions = Regions(self._program, self.python, self.extents)

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """In the order of the files."""
        return tuple(
            region
            for path, number in self.starts
            for region in islice(self._regions.of(path, number), MOST_REGIONS)
        )

    def follow(
        self, steps: Iterable[Step], seen: set[tuple[str, int]]
    ) -> Iterator[tuple[Site, Trace]]:
        """The calls among the steps and in all that they run, but for the scopes in `seen`."""
        return self._regions.follow(steps, seen)

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


def imports_any(python: PythonFacts, packages: Iterable[str]) -> bool:
    """Whether a file imports one of these packages."""
    roots = tuple(packages)
    return any(item.target.partition(".")[0] in roots for item in python.imports)
