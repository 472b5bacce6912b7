"""One capability: the level that its signs give, and what holds it down.

A level holds when its signs are seen, and all levels below it hold. What is only declared is an
intent and gives nothing; what is only imported gives 1; a notebook, that nobody runs by itself,
gives 2 at most. A sign that could not be settled leaves the levels above open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import structs

from mlaudit.maturity.advice import next_step
from mlaudit.maturity.catalogue import CapabilityModel, Level, is_rule
from mlaudit.maturity.doubts import doubts
from mlaudit.maturity.model import Accepted, Capability, Declaration, Evidence, Outcome
from mlaudit.maturity.signing import seen
from mlaudit.maturity.view import View
from mlaudit.project.practices.catalogue import Strength, catalogue
from mlaudit.project.practices.tools import ToolSign

HIGHEST = 3
_LEAST = {1: Strength.IMPORTED.rank}
"""How strongly a sign must speak for a level; for the others it must be called."""


class Known(NamedTuple):
    """What capabilities and requirements are judged by."""

    view: View
    given: frozenset[str]
    """Circumstances that hold."""
    found: Counter[str]
    """Findings of each rule, but for those that were accepted with a reason."""
    accepted: Mapping[str, Accepted]
    """By rule."""
    declared: Mapping[str, Declaration]
    """By capability or requirement."""


class _Climb(NamedTuple):
    reached: int
    possible: int
    evidence: tuple[Evidence, ...]
    unsettled: tuple[str, ...]


def judge(known: Known, model: CapabilityModel) -> Capability:
    """Its score, by what was seen and what holds it down; or why the question does not arise."""
    blank = Capability(model.id, model.name, model.dimension, model.question)
    for circumstance, reason in model.not_applicable.items():
        if circumstance in known.given:
            return structs.replace(blank, outcome=Outcome.NOT_APPLICABLE, reason=reason)
    if not model.levels:
        return blank
    waived = {sign for sign, when in model.waived.items() if known.given.intersection(when)}
    climb = _climb(known.view, model.levels, waived)
    holding = dict(holding_down(known, model, climb.possible))
    lowest = min((model.caps[name] for name in holding), default=HIGHEST)
    score, possible = min(climb.reached, lowest), min(climb.possible, lowest)
    capped_by = tuple(name for name in holding if model.caps[name] < climb.reached)
    against = [structs.replace(one, supports=False) for each in holding.values() for one in each]
    return structs.replace(
        blank,
        outcome=Outcome.TRUE,
        score=score,
        next_step=next_step(model, score, known.view, capped_by),
        by_signs=climb.reached,
        at_least=possible > score or score == len(model.levels) < HIGHEST,
        possible=possible,
        unsettled=climb.unsettled if possible > score else (),
        capped_by=capped_by,
        accepted=tuple(_let_pass(known, model, climb.reached)),
        declared=_declared(known, model, score),
        evidence=(*climb.evidence, *against) or tuple(_intents(known.view, model.id)),
    )


def holding_down(
    known: Known, model: CapabilityModel, above: int
) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """Rules with findings, and facts that are seen, that do not allow a score `above` theirs."""
    for name, cap in model.caps.items():
        if cap >= above or any(seen(known.view, one) for one in model.lifted.get(name, ())):
            continue
        if is_rule(name):
            if known.found[name]:
                yield name, ()
        elif evidence := seen(known.view, name):
            yield name, evidence


def _let_pass(known: Known, model: CapabilityModel, reached: int) -> Iterator[Accepted]:
    for name, cap in model.caps.items():
        if cap < reached and name in known.accepted and not known.found[name]:
            yield known.accepted[name]


def _declared(known: Known, model: CapabilityModel, score: int) -> Declaration | None:
    """What people say beyond what was seen, unless something that was found contradicts."""
    said = known.declared.get(model.id)
    if said is None or said.level <= score or any(holding_down(known, model, said.level)):
        return None
    return said


def _climb(view: View, levels: Sequence[Level], waived: set[str]) -> _Climb:
    reached = possible = 0
    evidence: list[Evidence] = []
    unsettled: list[str] = []
    for number, level in enumerate(levels, 1):
        outcome, shown, doubted = _holds(view, level, number, waived)
        evidence += shown
        if outcome is Outcome.FALSE:
            break
        unsettled += doubted
        possible = number
        if not unsettled:
            reached = number
    return _Climb(reached, possible, tuple(dict.fromkeys(evidence)), tuple(unsettled))


def _holds(
    view: View, level: Level, number: int, waived: set[str]
) -> tuple[Outcome, list[Evidence], list[str]]:
    """Whether a level holds by itself, what shows it, and what could not be settled."""
    needed = [_look(view, name, number) for name in level.all if name not in waived]
    choice = {name: _look(view, name, number) for name in level.any if name not in waived}
    shown = [one for each in (*needed, *choice.values()) for one in each]
    missing = [name for name in level.all if name not in waived and not _look(view, name, number)]
    doubted = [doubts(view, name) for name in missing]
    if not all(doubted):
        return Outcome.FALSE, shown, []
    if choice and not any(choice.values()):
        open_ones = [one for name in choice for one in doubts(view, name)]
        if not open_ones:
            return Outcome.FALSE, shown, []
        doubted.append(tuple(open_ones))
    said = [one for each in doubted for one in each[:1]]
    return (Outcome.NOT_AVAILABLE if said else Outcome.TRUE), shown, said


def _look(view: View, name: str, number: int) -> tuple[Evidence, ...]:
    """What a sign shows for a level."""
    least = _LEAST.get(number, Strength.CALLED.rank)
    return tuple(
        evidence
        for evidence in seen(view, name)
        if evidence.strength.rank >= least
        and (number < HIGHEST or not evidence.path.endswith(".ipynb"))
    )


def _intents(view: View, capability: str) -> Iterator[Evidence]:
    """Libraries for it that are written down and no more."""
    used = {one.tool for one in view.tools if one.strength is not Strength.DECLARED}
    named: dict[str, ToolSign] = {}
    for one in view.tools:
        tool = catalogue()[one.tool]
        if one.tool not in used and tool.imports and next(iter(tool.gives), "") == capability:
            named.setdefault(one.tool, one)
    for one in named.values():
        says = f"{catalogue()[one.tool].name}: {one.says}, and nothing uses it"
        yield Evidence(True, says, one.path, one.line, Strength.DECLARED, one.tool)
