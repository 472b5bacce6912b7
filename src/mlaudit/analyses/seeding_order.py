"""Which draws a training program reaches, and which of them no seed comes before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from mlaudit.analyses.options import option_behind
from mlaudit.analyses.randomness import NOTHING, Effect, Randomness
from mlaudit.facts.syntax import Const, PythonFacts
from mlaudit.project.entry_points import EntryPoint
from mlaudit.project.project import Project
from mlaudit.project.reach import Site, Trace
from mlaudit.project.resolution import Target

LOADERS = ("torch.utils.data.DataLoader", "torch.utils.data.dataloader.DataLoader")
LOOPS = frozenset({"for", "while", "comprehension"})


class Event(NamedTuple):
    """A call of a program, and how the program came to it."""

    site: Site
    trace: Trace


class Draw(NamedTuple):
    """The first draw from a generator that nobody is sure to have seeded."""

    generator: str
    event: Event
    doubt: Event | None
    """What may have seeded before; None when nothing may."""
    option: str
    """The option without a default that decides whether it is seeded: `--seed`."""


class Order(Struct, frozen=True):
    """What one training program draws and seeds."""

    draws: tuple[Draw, ...]
    """Those without a seed before them, one a generator, in the order of the program."""
    seeds: tuple[Event, ...]
    """All that seeds, whenever it does."""
    seeded: frozenset[str]
    """Generators whose first draw has a seed before it."""


def order_of(project: Project, randomness: Randomness, entry: EntryPoint) -> Order:
    """Follows an entry point up to the end of its training."""
    walk = _Walk(project, randomness, entry)
    for event, trained in training_events(project, entry):
        walk.take(event, trained)
    draws = [draw for draw in walk.draws.values() if not walk.drawn_again(draw)]
    return Order(tuple(draws), tuple(walk.seeds), frozenset(walk.kept))


def training_events(project: Project, entry: EntryPoint) -> Iterator[tuple[Event, bool]]:
    """Calls up to the last one that trains, and what the loops around it do after it.

    What a program draws when it has trained (to show a sample) changes no model. With each call
    comes whether it trains.
    """
    program = project.program
    events = [Event(s, t) for s, t in program.graph.walk(entry) if isinstance(s, Site)]
    fits = frozenset(program.fits(entry))
    trains = {number for number, event in enumerate(events) if event.site in fits}
    last = max(trains)
    loops = set(_loops(project, entry, events[last]))
    for number, event in enumerate(events):
        if number <= last or not loops.isdisjoint(_loops(project, entry, event)):
            yield event, number in trains


class _Walk:
    """What is known as the program goes on."""

    def __init__(self, project: Project, randomness: Randomness, entry: EntryPoint) -> None:
        self._project = project
        self._randomness = randomness
        self._entry = entry
        self._waiting: list[tuple[str, Event]] = []
        self._doubt: Event | None = None
        self._seeded: set[str] = set()
        self._options: dict[str, str] = {}
        self._calls: list[Site] = []
        self.kept: set[str] = set()
        self.draws: dict[str, Draw] = {}
        self.seeds: list[Event] = []

    def take(self, event: Event, trains: bool) -> None:
        effect = self._randomness.effect(event.site)
        self._calls.append(event.site)
        if effect is not NOTHING:
            self._act(event, effect)
        if trains:
            waiting, self._waiting = self._waiting, []
            for generator, drawn in waiting:
                self._draw(generator, drawn)

    def drawn_again(self, draw: Draw) -> bool:
        """Whether what draws first is done once more behind a seed: the first was no part of it.

        Notebooks do so: a cell shows a model, another one seeds and makes it anew.
        """
        at = self._calls.index(draw.event.site)
        seeds = {s.site for s in self.seeds if draw.generator in self._seeded_by(s)}
        late = next((n for n in range(at + 1, len(self._calls)) if self._calls[n] in seeds), None)
        if late is None:
            return False
        after = self._calls[late + 1 :]
        made = {self._target(site) for site in self._makers(draw.event)} - {None}
        return any(self._target(site) in made for site in after)

    def _seeded_by(self, event: Event) -> frozenset[str]:
        return self._randomness.effect(event.site).seeds

    def _makers(self, event: Event) -> list[Site]:
        """The calls of the repository's own code that lead to a draw, or the draw itself."""
        frames = [Site(path, number, "") for path, number in frames_of(self._entry, event)]
        return frames[:-1] or [event.site]

    def _target(self, site: Site) -> Target:
        return self._project.program.resolver.call(site.path, site.number)

    def _act(self, event: Event, effect: Effect) -> None:
        if effect.seeds:
            self._seed(event, effect.seeds)
        if effect.may_seed and self._doubt is None:
            self._doubt = event
        if effect.draws:
            generator, later = self._drawn(event, effect)
            if later:
                self._waiting.append((generator, event))
            elif generator:
                self._draw(generator, event)

    def _seed(self, event: Event, generators: frozenset[str]) -> None:
        self.seeds.append(event)
        option = self._option_of(event)
        if option:
            self._options.update(dict.fromkeys(generators, option))
        else:
            self._seeded |= generators

    def _option_of(self, event: Event) -> str:
        """The option that must be given for the seed to be set, if it has no default."""
        for path, number in frames_of(self._entry, event):
            option = option_behind(self._python(path), number)
            if option:
                return option
        return ""

    def _drawn(self, event: Event, effect: Effect) -> tuple[str, bool]:
        """The generator, and whether it is drawn from only when training uses the object.

        A dataset draws while its loader is iterated over; in worker processes, torch seeds all
        generators from its own.
        """
        loader = self._loader(event)
        if loader is None or event.site == loader:
            return effect.draws, effect.later
        workers = self._randomness.call(loader).keyword("num_workers")
        if workers in (None, Const(0)):
            return effect.draws, True
        known = isinstance(workers, Const)
        return ("torch", True) if known or effect.draws == "torch" else ("", False)

    def _loader(self, event: Event) -> Site | None:
        """The DataLoader that was handed what draws here."""
        path = self._entry.path
        for run in event.trace:
            if run.held:
                target = self._project.program.callee(path, run.call)
                if target in LOADERS:
                    return Site(path, run.call, target)
            path = run.path
        return None

    def _draw(self, generator: str, event: Event) -> None:
        if generator in self._seeded:
            if generator not in self.draws:
                self.kept.add(generator)
        elif generator not in self.draws:
            option = self._options.get(generator, "")
            self.draws[generator] = Draw(generator, event, self._doubt, option)

    def _python(self, path: str) -> PythonFacts:
        python = self._project.facts[path].python
        assert python is not None
        return python


def frames_of(entry: EntryPoint, event: Event) -> Iterator[tuple[str, int]]:
    """The calls that lead to a call, and itself, by file and number; imports are left out."""
    path = entry.path
    for run in event.trace:
        if run.call >= 0:
            yield path, run.call
        path = run.path
    yield event.site.path, event.site.number


def _loops(project: Project, entry: EntryPoint, event: Event) -> Iterator[tuple[str, int]]:
    """The outermost loop around each call that leads to a call, and around itself."""
    for path, number in frames_of(entry, event):
        python = project.facts[path].python
        assert python is not None
        outermost, block = -1, python.calls[number].block
        while block >= 0:
            if python.blocks[block].kind in LOOPS:
                outermost = block
            block = python.blocks[block].parent
        if outermost >= 0:
            yield path, outermost
