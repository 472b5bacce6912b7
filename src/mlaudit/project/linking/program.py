"""All Python of the repository, linked: names, calls, entry points and what they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import AnyValue, Const, PythonFacts
from mlaudit.knowledge import api_table
from mlaudit.project.linking.branches import Branches
from mlaudit.project.linking.entry_points import EntryPoint, entry_points
from mlaudit.project.linking.frames import frame_of
from mlaudit.project.linking.importing import Importing
from mlaudit.project.linking.reach import CallGraph, Reach
from mlaudit.project.linking.resolution import Definition, External, Resolver
from mlaudit.project.linking.steps import Site
from mlaudit.project.linking.ways import Ways
from mlaudit.project.values.optimized import is_optimizer, shapes_input
from mlaudit.project.values.values import Values
from mlaudit.repo.model import File

SESSIONS = frozenset(
    {
        "tensorflow.InteractiveSession.run", "tensorflow.Session.run",
        "tensorflow.compat.v1.InteractiveSession.run", "tensorflow.compat.v1.Session.run",
    }
)  # fmt: skip


class Program:
    """Built from facts alone; what costs time is done when first asked for."""

    def __init__(
        self,
        facts: Mapping[str, FileFacts],
        files: Mapping[str, File],
        foreign: Callable[[str, str], bool],
        python: Mapping[str, PythonFacts] | None = None,
    ) -> None:
        """`foreign(importer, path)`: whether a file is a library's to the file that imports it.

        `python` is the code of the files, where it is not to be taken from all of `facts`.
        """
        self._facts = facts
        self._files = files
        if python is None:
            python = {path: file.python for path, file in facts.items() if file.python}
        self._python = python
        self._foreign = foreign
        self._fits: dict[EntryPoint, tuple[Site, ...]] = {}
        self._reaches: dict[EntryPoint, Reach] = {}
        self._programs: dict[tuple[str, int], tuple[EntryPoint, ...]] = {}

    @cached_property
    def resolver(self) -> Resolver:
        return Resolver(self._python)

    @cached_property
    def importing(self) -> Importing:
        return Importing(self.resolver.modules, self._python)

    @cached_property
    def graph(self) -> CallGraph:
        return CallGraph(self.resolver, self._python, self._foreign)

    @cached_property
    def values(self) -> Values:
        return Values(self.resolver, self._facts)

    @cached_property
    def branches(self) -> Branches:
        return Branches(self.values)

    @cached_property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        return entry_points(self._facts, self._files, self.resolver, self.importing)

    def reach(self, entry: EntryPoint) -> Reach:
        found = self._reaches.get(entry)
        if found is None:
            found = self._reaches[entry] = self.graph.reach(entry)
        return found

    def programs_at(self, path: str, scope: int) -> tuple[EntryPoint, ...]:
        """The entry points that reach a scope. Those that do not import its file cost nothing."""
        place = path, scope
        known = self._programs.get(place)
        if known is None:
            importing = self.importing.leading_to(path)
            entries = [entry for entry in self.entry_points if entry.path in importing]
            known = self._programs[place] = self._ways.leading_to(path, scope, entries)
        return known

    def fits(self, entry: EntryPoint) -> tuple[Site, ...]:
        """The calls that train a model, as far as an entry point reaches them."""
        known = self._fits.get(entry)
        if known is None:
            leads = self._ways.lead_to_wanted(entry)
            known = self._fits[entry] = self.fits_among(self.reach(entry).sites) if leads else ()
        return known

    @cached_property
    def _ways(self) -> Ways:
        return Ways(self.graph, self._may_fit)

    def fits_among(self, sites: Sequence[Site]) -> tuple[Site, ...]:
        """A backward pass alone may measure or explain: it trains where an optimizer steps."""
        fits = api_table("training", "training.fits")
        found = [site for site in sites if self._may_fit(site)]
        if any(site.name.endswith(".minimize") for site in found):
            # In a graph of TensorFlow 1 that only says how: running the session trains.
            found += (site for site in sites if site.name in SESSIONS)
        if any(site.name in fits for site in found):
            return tuple(found)
        return tuple(found) if found and self._moves_weights(sites) else ()

    def _may_fit(self, site: Site) -> bool:
        if site.name in api_table("training", "training.fits"):
            return site.name not in api_table("training", "training.transforms")
        return self._steps_back(site)

    def _moves_weights(self, sites: Sequence[Site]) -> bool:
        optimizers = [site for site in sites if is_optimizer(site)]
        if optimizers:
            return not all(
                shapes_input(self.resolver, self._python[site.path], site) for site in optimizers
            )
        return any(map(self._steps, sites))

    def _steps(self, site: Site) -> bool:
        call = self._python[site.path].calls[site.number]
        return (call.local or call.callee or call.method).rpartition(".")[2] == "step"

    def trains(self, path: str) -> bool:
        """Whether a training entry point lies in the file."""
        return any(entry.path == path and self.fits(entry) for entry in self.entry_points)

    def constant(self, path: str, value: AnyValue, block: int) -> Const | None:
        """The literal that `value` stands for: itself, or a name bound once in reach.

        `block` is where the value is used. None when it is not statically known.
        """
        if isinstance(value, Const):
            return value
        return self.resolver.constant(path, value, self._python[path].blocks[block].scope)

    def callee(self, path: str, call: int) -> str:
        """Name of the library function that a call runs, through the repository's own files.

        Empty when it runs code of the repository, or is unresolved.
        """
        target = self.resolver.call(path, call)
        return target.name if isinstance(target, External) else ""

    def callers(self, function: Definition) -> Iterator[tuple[str, int]]:
        """The calls of a function or method, by file and number."""
        name = self._python[function.path].scopes[function.scope].name
        for path, numbers in self._calls_by_word.get(name, {}).items():
            for number in numbers:
                if self.resolver.call(path, number) == function:
                    yield path, number

    @cached_property
    def _calls_by_word(self) -> dict[str, dict[str, list[int]]]:
        """The calls whose name ends in the name of a function of the repository, by file."""
        own = {scope.name for python in self._python.values() for scope in python.scopes}
        found: dict[str, dict[str, list[int]]] = {}
        for path, python in self._python.items():
            for number, call in enumerate(python.calls):
                written = call.callee or call.local or call.method
                word = written[written.rfind(".") + 1 :]
                if word in own:
                    found.setdefault(word, {}).setdefault(path, []).append(number)
        return found

    def gives_none(self, path: str, number: int, value: AnyValue) -> bool:
        """Whether some program comes to a call with None as the value of an argument."""
        for entry in self.programs_at(*self._scope(Site(path, number, ""))):
            reach = self.reach(entry)
            for site, trace in zip(reach.sites, reach.traces, strict=True):
                if site.number == number and site.path == path:
                    frame = frame_of(entry, trace)
                    known = self.values.given(frame, number, value)
                    none = known is not None and known.value == Const(None) and not known.option
                    if none and self.branches.runs(frame, number).holds:
                        return True
                    break
        return False

    def seeded_before(self, path: str, call: int, generator: str) -> bool:
        """Whether every program that comes to the call may have seeded `generator` before.

        `generator` is `python`, `numpy`, `torch` or `tensorflow`. A call that could not be
        resolved and has `seed` or `determin` in its name counts: who asks wants to stay silent.
        Of code that no program is known to reach, its own module and function are looked at.
        """
        at = Site(path, call, "")
        place = self._scope(at)
        programs = self.programs_at(*place)
        if programs:
            return all(self._seeds_on_the_way(entry, at, generator) for entry in programs)
        return any(
            self._may_seed(Site(path, number, ""), generator)
            for scope in {place[1], 0}
            for number in self.resolver.index(path).calls[scope]
            if scope != place[1] or number < call
        )

    def _seeds_on_the_way(self, entry: EntryPoint, at: Site, generator: str) -> bool:
        for site in self.reach(entry).sites:
            if (site.path, site.number) == (at.path, at.number):
                return False
            if self._may_seed(site, generator):
                return True
        return True  # a program that does not come to the call itself

    def _scope(self, site: Site) -> tuple[str, int]:
        facts = self._python[site.path]
        return site.path, facts.blocks[facts.calls[site.number].block].scope

    def _may_seed(self, site: Site, generator: str) -> bool:
        call = self._python[site.path].calls[site.number]
        written = (call.callee or call.local or call.method).rpartition(".")[2].lower()
        if "seed" not in written and "determin" not in written:
            return False
        name = self.callee(site.path, site.number)
        if not name:
            return self.resolver.call(site.path, site.number) is None
        if name in api_table("frameworks", "frameworks.seed"):
            return True
        return name in api_table("seeding", f"seeding.{generator}")

    def _steps_back(self, site: Site) -> bool:
        """A backward pass of torch: `loss.backward()` where torch is imported."""
        call = self._python[site.path].calls[site.number]
        written = call.local or call.callee or call.method
        if written.rpartition(".")[2] != "backward":
            return False
        return any(i.target.partition(".")[0] == "torch" for i in self._python[site.path].imports)
