"""Programs that train on random numbers that nobody seeds."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.randomness import Randomness, named
from mlaudit.analyses.seed_advice import advice
from mlaudit.analyses.seeding_order import Draw, Order, order_of
from mlaudit.analyses.spots import related_path, shown_in, spot_in, spot_of
from mlaudit.project.linking.calls import written
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.repo.model import Context
from mlaudit.rules.model import Confidence, Match, Persona, Related, Rule, Severity

CONTEXTS = frozenset({Context.EXAMPLES.value})
"""Where the rule applies beside its own: the funnel lowers the severity there."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each program that trains on unseeded numbers, or may do so."""
    randomness: Randomness | None = None
    for entry in training_programs(project, rule):
        randomness = randomness or Randomness(project)
        order = order_of(project, randomness, entry)
        if order.draws and not _is_left_to_user(project, entry, order):
            yield _match(project, rule, entry, order)


def training_programs(project: Project, rule: Rule) -> Iterator[EntryPoint]:
    """The entry points of applications that train, in the rule's contexts; a place once."""
    program = project.program
    covered: set[tuple[str, int]] = set()
    for entry in program.entry_points:
        context = project.files[entry.path].context.value
        if context not in CONTEXTS and context not in rule.contexts:
            continue
        if not project.repo.selected(entry.path) or (entry.path, entry.scope) in covered:
            continue
        if project.nature(project.environment.root_of(entry.path)) is Nature.LIBRARY:
            continue
        if program.fits(entry):
            covered |= {s for s in program.reach(entry).scopes if s[0] == entry.path}
            yield entry


def _is_left_to_user(project: Project, entry: EntryPoint, order: Order) -> bool:
    """An example that offers a seed as an option has done its part."""
    example = project.files[entry.path].context is Context.EXAMPLES
    return example and all(draw.option for draw in order.draws)


def _match(project: Project, rule: Rule, entry: EntryPoint, order: Order) -> Match:
    certain = [draw for draw in order.draws if draw.doubt is None]
    draws = sorted(certain or order.draws, key=_telling)
    first = draws[0]
    optional = all(draw.option for draw in draws)
    words = _fault(project, draws) if certain else _question(project, first)
    return Match(
        rule=rule.id,
        spot=spot_in(project, entry, first.event),
        values={"entry": entry.path.rpartition("/")[2], "fault": words},
        identity=f"{entry.path}:{entry.kind if entry.scope else ''}",
        severity=None if certain and not optional else Severity.NOTE,
        confidence=None if certain else Confidence.LOW,
        persona=None if certain else Persona.AUDITOR,
        related=tuple(_related(project, order, draws)),
        flow=related_path(project, entry, first.event),
        remedy=advice(project, entry, order, [draw for draw in order.draws if draw in draws]),
    )


def _telling(draw: Draw) -> bool:
    """What a framework draws goes into a model; what else is drawn may be a detail beside it."""
    return draw.generator in ("python", "numpy")


def _fault(project: Project, draws: list[Draw]) -> str:
    first, *others = draws
    drawn = f"'{written(project, first.event.site)}' draws from {named([first.generator])}"
    if others:
        drawn += f", and so does the program from {named(d.generator for d in others)}"
    if all(draw.option for draw in draws):
        return f"is repeatable only with '{first.option}' given: {drawn}"
    return f"trains on random numbers that nobody seeds before: {drawn}"


def _question(project: Project, draw: Draw) -> str:
    assert draw.doubt is not None
    return (
        f"may train on unseeded random numbers: '{written(project, draw.doubt.site)}' at "
        f"{shown_in(project, draw.doubt)} could not be followed, and "
        f"'{written(project, draw.event.site)}' draws from {named([draw.generator])}"
    )


def _related(project: Project, order: Order, draws: list[Draw]) -> Iterator[Related]:
    first = draws[0].event
    if first.trace:
        yield Related(spot_of(project, first.site), "the first unseeded draw")
    for draw in draws[1:]:
        yield Related(
            spot_of(project, draw.event.site), f"the first draw from {named([draw.generator])}"
        )
    for seed in order.seeds[:3]:
        yield Related(
            spot_of(project, seed.site), "what is seeded here is something else, or comes later"
        )
