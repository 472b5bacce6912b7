"""The ladder: which level holds, and what is missing for the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mlaudit.maturity.advice import advised
from mlaudit.maturity.catalogue import RequirementModel, ladder_model
from mlaudit.maturity.judging import Known
from mlaudit.maturity.model import Capability, Ladder, Outcome, Requirement, Rung, Step
from mlaudit.maturity.requirements import ask
from mlaudit.maturity.view import View

EFFORTS = ("small", "medium", "large")
PHASES = ("foundation", "automation", "production", "optimization")


def climb(known: Known, capabilities: Mapping[str, Capability]) -> Ladder:
    """The level that holds with all below it, as far as this repository can reach.

    A level without any core requirement that applies is passed over, and only where a higher one
    has a core that is met: an application around a model from elsewhere has nothing to train.
    """
    rungs = tuple(
        Rung(
            number,
            level.name,
            level.alias,
            tuple(ask(one, known, capabilities) for one in level.requirements),
        )
        for number, level in enumerate(ladder_model().levels)
    )
    reachable = max((rung.level for rung in rungs if _has_core(rung)), default=0)
    rising = rungs[1 : reachable + 1]
    level, possible = highest(rising, is_met), highest(rising, may_be_met)
    following = next((rung for rung in rungs[level + 1 : reachable + 1] if _lacks(rung)), None)
    return Ladder(
        level=level,
        reachable=reachable,
        possible=possible,
        unsettled=tuple(_unsettled(rungs[level + 1 : possible + 1])),
        declared=highest(rising, is_met_or_declared),
        rungs=rungs,
        steps=_steps(following, known.view, capabilities) if following is not None else (),
        banked=tuple(_banked(rungs[level + 1 : reachable + 1])),
    )


def highest(rungs: Sequence[Rung], met: Callable[[Requirement], bool]) -> int:
    """The level of the last of the rungs, from 1 upwards, that holds with all below it."""
    level = 0
    for rung in rungs:
        asked = [one for one in rung.requirements if one.outcome is not Outcome.NOT_APPLICABLE]
        if not all(met(one) for one in asked):
            break
        level = rung.level if any(one.core for one in asked) else level
    return level


def is_met(one: Requirement) -> bool:
    return one.outcome is Outcome.TRUE


def may_be_met(one: Requirement) -> bool:
    return one.outcome in (Outcome.TRUE, Outcome.NOT_AVAILABLE)


def is_met_or_declared(one: Requirement) -> bool:
    return one.outcome is Outcome.TRUE or one.declared is not None


def _unsettled(rungs: Sequence[Rung]) -> Iterator[str]:
    for rung in rungs:
        for one in rung.requirements:
            if one.outcome is Outcome.NOT_AVAILABLE:
                yield one.reason or one.says


def _has_core(rung: Rung) -> bool:
    return any(one.core and one.outcome is not Outcome.NOT_APPLICABLE for one in rung.requirements)


def _lacks(rung: Rung) -> bool:
    return any(one.outcome in (Outcome.FALSE, Outcome.NOT_AVAILABLE) for one in rung.requirements)


def _banked(rungs: Sequence[Rung]) -> Iterator[str]:
    for rung in rungs:
        for one in rung.requirements:
            if one.outcome is Outcome.TRUE:
                yield one.id


def _steps(rung: Rung, view: View, known: Mapping[str, Capability]) -> tuple[Step, ...]:
    """What the level lacks, the smallest effort first."""
    models = {one.id: one for one in ladder_model().levels[rung.level].requirements}
    found = [
        step
        for one in rung.requirements
        if one.outcome is Outcome.FALSE
        for step in _of(models[one.id], view, known)
    ]
    unique = tuple(dict.fromkeys(found))
    return tuple(sorted(unique, key=lambda s: (EFFORTS.index(s.effort), PHASES.index(s.phase))))


def _of(model: RequirementModel, view: View, known: Mapping[str, Capability]) -> Iterator[Step]:
    if model.step is not None:
        yield advised(model.step, view, "foundation")
        return
    for name, least in model.asks.items():
        score, step = known[name].score, known[name].next_step
        if score is not None and score < least and step is not None:
            yield step
