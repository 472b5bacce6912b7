"""Which draws a training program reaches, and which of them no seed comes before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from msgspec import Struct

from mlaudit.analyses.randomness import KEEPS, NOTHING, TAKES_ENTROPY, Effect, Randomness
from mlaudit.analyses.seeding_state import State
from mlaudit.analyses.worker_seeds import drawn_by_workers
from mlaudit.facts.syntax import Call, Const, Local, Result
from mlaudit.project.linking.entry_points import EntryPoint, main_guard
from mlaudit.project.linking.frames import Frame, frame_of
from mlaudit.project.linking.reach import within_block
from mlaudit.project.linking.resolution import Target
from mlaudit.project.linking.steps import Site, Trace
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Held
from mlaudit.project.values.known import Known, Truth

NONE = Const(None)
LOADERS = ("torch.utils.data.DataLoader", "torch.utils.data.dataloader.DataLoader")
NONE = Const(None)
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
    """Follows an entry point up to the end of its training.

    What was passed over may count when the same code runs again: then it is followed each time.
    """
    walk = _followed(project, randomness, entry, frozenset())
    if walk.draws and walk.passed_over:
        walk = _followed(project, randomness, entry, walk.passed_over)
    draws = [draw for draw in walk.draws.values() if not walk.drawn_again(draw)]
    return Order(tuple(draws), tuple(walk.seeds), frozenset(walk.kept))


def _followed(
    project: Project, randomness: Randomness, entry: EntryPoint, again: Collection[tuple[str, int]]
) -> _Walk:
    walk = _Walk(project, randomness, entry)
    for event, trained in training_events(project, entry, again):
        walk.take(event, trained)
    return walk


def training_events(
    project: Project, entry: EntryPoint, again: Collection[tuple[str, int]] = ()
) -> Iterator[tuple[Event, bool]]:
    """Calls up to the last one that trains, and what the loops around it do after it.

    What a program draws when it has trained (to show a sample) changes no model. With each call
    comes whether it trains. The code `again` is followed each time that it runs.
    """
    program = project.program
    if again:
        walk = program.graph.walk(entry, again)
        events = [Event(step, trace) for step, trace in walk if isinstance(step, Site)]
    else:
        reach = program.reach(entry)
        events = list(map(Event, reach.sites, reach.traces))
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
        self._state = State(project)
        self._calls: list[Site] = []
        self.kept: set[str] = set()
        self.draws: dict[str, Draw] = {}
        self.seeds: list[Event] = []
        self.passed_over: set[tuple[str, int]] = set()
        """Code with a seed that is not set, or not for long, on the first way to it."""

    def take(self, event: Event, trains: bool) -> None:
        effect = self._randomness.effect(event.site, lambda: frame_of(self._entry, event.trace))
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
        if self._state.comes_to(_ways(self._entry, event)):
            self._pass_over(event)
        if effect.keeps:
            self._state.keep(event.site.path, event.site.number)
        if effect.seeds:
            self._seed(event, effect.seeds)
        if effect.may_seed and self._doubt is None and self._runs(event).holds is not False:
            self._doubt = event
        if effect.draws:
            self._wait_or_draw(event, effect)

    def _runs(self, event: Event) -> Truth:
        frame = frame_of(self._entry, event.trace)
        return self._project.program.branches.runs(frame, event.site.number)

    def _pass_over(self, event: Event) -> None:
        self.passed_over |= {(run.path, run.scope) for run in event.trace}

    def _seed(self, event: Event, generators: frozenset[str]) -> None:
        runs = self._runs(event)
        if runs.holds is False and not runs.option:
            self._pass_over(event)
            return
        frame, option = frame_of(self._entry, event.trace), runs.option
        given = seed_given(self._project, self._randomness.call(event.site), event.site, frame)
        if given is not None and given.value == NONE and event.site.name in TAKES_ENTROPY:
            if not given.option:
                self._pass_over(event)
                return
            option = option or given.option
        self.seeds.append(event)
        if option:
            self._pass_over(event)
            self._state.options.update(dict.fromkeys(generators, option))
            return
        kept = kept_by(self._project, self._randomness.call(event.site), event.site)
        if kept >= 0:
            self._state.restore(generators, event.site.path, kept)
        else:
            self._state.seeded |= generators
            if self._is_imported(event):
                self._state.at_import |= generators

    def _is_imported(self, event: Event) -> bool:
        """Whether a process that imports the program, and does not run it, comes to a call."""
        if event.trace and event.trace[0].call < 0:
            return True
        path, number, _ = next(_ways(self._entry, event))
        python = self._project.facts[path].python
        if python is None or self._entry.scope or python.scope_of(python.calls[number].block):
            return False
        guard = main_guard(python)
        return guard is None or not within_block(python, python.calls[number].block, guard)

    def _wait_or_draw(self, event: Event, effect: Effect) -> None:
        generator, later = self._drawn(event, effect)
        if later:
            self._waiting.append((generator, event))
        elif generator:
            self._draw(generator, event)

    def _drawn(self, event: Event, effect: Effect) -> tuple[str, bool]:
        """The generator, and whether it is drawn from only when training uses the object.

        A dataset draws while its loader is iterated over, in worker processes if it has some.
        """
        loader = self._loader(event)
        if loader is None or event.site == loader:
            return effect.draws, effect.later
        workers = self._randomness.call(loader).keyword("num_workers")
        if workers in (None, Const(0)):
            return effect.draws, True
        found = drawn_by_workers(self._project, self._randomness, loader, effect.draws)
        return found, bool(found)

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
        if generator in self._state.seeded:
            if generator not in self.draws:
                self.kept.add(generator)
        elif generator not in self.draws and self._may_run(event):
            option = self._state.options.get(generator, "")
            self.draws[generator] = Draw(generator, event, self._doubt, option)

    def _may_run(self, event: Event) -> bool:
        runs = self._runs(event)
        return runs.holds is not False or bool(runs.option)


def seed_given(project: Project, call: Call, site: Site, frame: Frame) -> Known | None:
    """The argument that a seed is set from, where it is known."""
    value = call.args[0] if call.args else call.keyword("seed")
    return None if value is None else project.program.values.given(frame, site.number, value)


def kept_by(project: Project, call: Call, site: Site) -> int:
    """The call that kept the state which another one brings back; -1 where there is none."""
    if not call.args:
        return -1
    flow = project.program.values.flow(site.path)
    place = flow.at_call(site.number)
    bound = flow.bound(Held(call.args[0], place)) or []
    given = call.args[0]
    if isinstance(given, Local) and given.name.startswith("self."):
        bound = [flow.taken(number) for number in flow.attribute(given.name, place)]
    value = bound[0].value if len(bound) == 1 else given
    if isinstance(value, Result) and flow.python.calls[value.call].callee in KEEPS:
        return value.call
    return -1


def _ways(entry: EntryPoint, event: Event) -> Iterator[tuple[str, int, bool]]:
    path = entry.path
    for run in event.trace:
        if run.call >= 0:
            yield path, run.call, run.held
        path = run.path
    yield event.site.path, event.site.number, False


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
