"""The ladder: which level holds, and what is missing for the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mlaudit.maturity.advice import advised
from mlaudit.maturity.catalogue import Advice, RequirementModel, ladder_model
from mlaudit.maturity.model import Capability, Evidence, Ladder, Outcome, Requirement, Rung, Step
from mlaudit.maturity.signing import sign
from mlaudit.maturity.view import View

EFFORTS = ("small", "medium", "large")
PHASES = ("foundation", "automation", "production", "optimization")


class Asked(NamedTuple):
    """What the requirements are tried on."""

    view: View
    given: frozenset[str]
    capabilities: Mapping[str, Capability]
    found: Counter[str]
    """Findings of each rule."""


def climb(asked: Asked) -> Ladder:
    """The level that holds with all below it, as far as this repository can reach.

    A level without any core requirement that applies is passed over, and only where a higher one
    has a core that is met: an application around a model from elsewhere has nothing to train.
    """
    rungs = tuple(
        Rung(number, level.name, level.alias, tuple(_ask(asked, one) for one in level.requirements))
        for number, level in enumerate(ladder_model().levels)
    )
    reachable = max((rung.level for rung in rungs if _has_core(rung)), default=0)
    level = 0
    for rung in rungs[1 : reachable + 1]:
        if not _holds(rung):
            break
        level = rung.level if _is_met(rung) else level
    following = next((r for r in rungs[level + 1 : reachable + 1] if not _holds(r)), None)
    return Ladder(
        level=level,
        reachable=reachable,
        rungs=rungs,
        steps=_steps(following, asked) if following is not None else (),
        banked=tuple(_banked(rungs[level + 1 : reachable + 1])),
    )


def _ask(asked: Asked, model: RequirementModel) -> Requirement:
    blank = Requirement(model.id, model.says, model.core)
    if asked.given.intersection(model.not_applicable):
        return Requirement(model.id, model.says, model.core, Outcome.NOT_APPLICABLE)
    if model.capability:
        return _ask_capability(blank, asked.capabilities[model.capability], model.at_least)
    if model.silent:
        loud = tuple(rule for rule in model.silent if asked.found[rule])
        reason = f"{', '.join(loud)} found something" if loud else ""
        return _settled(blank, not loud, reason=reason)
    seen = tuple(sign(model.sign)(asked.view))
    more = tuple(sign(model.also)(asked.view)) if model.also and seen else ()
    return _settled(blank, bool(seen and (more or not model.also)), (*seen, *more))


def _ask_capability(blank: Requirement, found: Capability, least: int) -> Requirement:
    if found.outcome in (Outcome.NOT_APPLICABLE, Outcome.NOT_AVAILABLE):
        return Requirement(
            blank.id, blank.says, blank.core, found.outcome, found.id, reason=found.reason
        )
    score = found.score or 0
    capped = f", capped by {', '.join(found.capped_by)}" if found.capped_by else ""
    reason = "" if score >= least else f"it is at {score}{capped}"
    met = Requirement(blank.id, blank.says, blank.core, capability=found.id)
    return _settled(met, score >= least, found.evidence if score >= least else (), reason)


def _settled(
    blank: Requirement, holds: bool, seen: Sequence[Evidence] = (), reason: str = ""
) -> Requirement:
    outcome = Outcome.TRUE if holds else Outcome.FALSE
    return Requirement(
        blank.id, blank.says, blank.core, outcome, blank.capability, reason, tuple(seen)
    )


def _has_core(rung: Rung) -> bool:
    return any(one.core and one.outcome is not Outcome.NOT_APPLICABLE for one in rung.requirements)


def _is_met(rung: Rung) -> bool:
    return any(one.core and one.outcome is Outcome.TRUE for one in rung.requirements)


def _holds(rung: Rung) -> bool:
    good = (Outcome.TRUE, Outcome.NOT_APPLICABLE)
    return all(one.outcome in good for one in rung.requirements)


def _banked(rungs: Sequence[Rung]) -> Iterator[str]:
    for rung in rungs:
        for one in rung.requirements:
            if one.outcome is Outcome.TRUE:
                yield one.id


def _steps(rung: Rung, asked: Asked) -> tuple[Step, ...]:
    """What the level lacks, the smallest effort first."""
    own = {one.id: one.step for one in ladder_model().levels[rung.level].requirements}
    found = [
        step
        for one in rung.requirements
        if one.outcome is Outcome.FALSE and (step := _step(one, own[one.id], asked))
    ]
    unique = tuple(dict.fromkeys(found))
    return tuple(sorted(unique, key=lambda s: (EFFORTS.index(s.effort), PHASES.index(s.phase))))


def _step(requirement: Requirement, own: Advice | None, asked: Asked) -> Step | None:
    if own is not None:
        return advised(own, asked.view, "foundation")
    found = asked.capabilities.get(requirement.capability)
    return found.next_step if found is not None else None
