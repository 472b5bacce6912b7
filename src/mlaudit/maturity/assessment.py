"""From evidence to capabilities, dimensions and their levels.

The method: signs give the highest level that holds with all below it; findings cap it; what does
not apply or cannot be told yet is left out of every sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from msgspec import structs

from mlaudit.maturity.advice import next_step
from mlaudit.maturity.catalogue import (
    DIMENSIONS,
    CapabilityModel,
    Level,
    capabilities,
    is_rule,
)
from mlaudit.maturity.checklist import checklist
from mlaudit.maturity.circumstances import circumstances, profile
from mlaudit.maturity.ladder import Asked, climb
from mlaudit.maturity.model import Capability, Dimension, Evidence, Maturity, Outcome
from mlaudit.maturity.patterns import patterns
from mlaudit.maturity.roadmap import roadmap, with_fitting_steps
from mlaudit.maturity.signing import seen, sign
from mlaudit.maturity.view import View
from mlaudit.maturity.views import artefacts, lifecycle, principles
from mlaudit.project.project import Project
from mlaudit.project.tools import strongest
from mlaudit.rules.model import Match

HIGHEST = 3
THRESHOLDS = (Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5))
"""Shares from which the levels 1 to 4 of a dimension begin."""


def assess(project: Project, matches: Sequence[Match]) -> Maturity:
    """The maturity of a whole repository. `matches` are all, suppressed ones left out."""
    view = View(project, matches)
    given = circumstances(view)
    found = Counter(match.rule for match in matches)
    judged = [_judge(view, model, given, found) for model in capabilities()]
    dimensions = tuple(
        _dimension(key, name, tuple(one for one in judged if one.dimension == key))
        for key, name in DIMENSIONS.items()
    )
    by_id = {one.id: one for one in judged}
    scores = [Fraction(one.score) for one in dimensions if one.score is not None]
    ladder = climb(Asked(view, given, by_id, found))
    steps = roadmap(view, judged, ladder)
    phases = tuple(lifecycle(view, given))
    lines = checklist(view, partial(seen, view))
    return Maturity(
        profile=profile(given),
        dimensions=tuple(with_fitting_steps(one, steps) for one in dimensions),
        ladder=ladder,
        score=float(sum(scores) / len(scores)) if scores else None,
        tools=strongest(view.tools),
        lifecycle=phases,
        patterns=tuple(patterns(view, given, {one.id: one for one in phases})),
        principles=tuple(principles(by_id, view)),
        artefacts=tuple(artefacts(by_id, lines, view, given)),
        checklist=lines,
        roadmap=steps,
    )


def _judge(
    view: View, model: CapabilityModel, given: frozenset[str], found: Counter[str]
) -> Capability:
    blank = Capability(model.id, model.name, model.dimension, model.question)
    for circumstance, reason in model.not_applicable.items():
        if circumstance in given:
            return structs.replace(blank, outcome=Outcome.NOT_APPLICABLE, reason=reason)
    if not model.levels:
        return blank
    waived = {sign for sign, when in model.waived.items() if given.intersection(when)}
    by_signs, evidence = _climb(view, model.levels, waived)
    caps, against = _lower(view, model, by_signs, found)
    score = min([by_signs, *caps.values()])
    return structs.replace(
        blank,
        outcome=Outcome.TRUE,
        score=score,
        next_step=next_step(model, score, view, tuple(caps)),
        by_signs=by_signs,
        at_least=score == len(model.levels) < HIGHEST,
        capped_by=tuple(caps),
        evidence=(*evidence, *against),
    )


def _lower(
    view: View, model: CapabilityModel, by_signs: int, found: Counter[str]
) -> tuple[dict[str, int], tuple[Evidence, ...]]:
    """What holds the capability below its signs: rules with findings, and facts that were seen."""
    caps: dict[str, int] = {}
    against: list[Evidence] = []
    for name, cap in model.caps.items():
        if cap >= by_signs:
            continue
        seen = () if is_rule(name) else tuple(sign(name)(view))
        if seen or found[name]:
            caps[name] = cap
            against += (structs.replace(one, supports=False) for one in seen)
    return caps, tuple(against)


def _climb(
    view: View, levels: Sequence[Level], waived: set[str]
) -> tuple[int, tuple[Evidence, ...]]:
    """The highest level that holds with all below it, and all that was seen on the way."""
    seen: list[Evidence] = []
    for reached, level in enumerate(levels):
        needed = [_look(view, name, reached) for name in level.all if name not in waived]
        choice = [_look(view, name, reached) for name in level.any if name not in waived]
        for evidence in (*needed, *choice):
            seen += evidence
        if not all(needed) or (choice and not any(choice)):
            return reached, tuple(dict.fromkeys(seen))
    return len(levels), tuple(dict.fromkeys(seen))


def _look(view: View, name: str, reached: int) -> tuple[Evidence, ...]:
    """What a sign shows. The highest level never rests on a notebook: nobody runs it by itself."""
    return tuple(
        evidence
        for evidence in sign(name)(view)
        if reached + 1 < HIGHEST or not evidence.path.endswith(".ipynb")
    )


def _dimension(key: str, name: str, judged: tuple[Capability, ...]) -> Dimension:
    scores = [one.score for one in judged if one.score is not None]
    if not scores:
        return Dimension(key, name, judged)
    share = Fraction(sum(scores), HIGHEST * len(scores))
    return Dimension(
        key,
        name,
        judged,
        score=float(share),
        level=sum(share >= threshold for threshold in THRESHOLDS),
        thin=len(scores) < 2,
    )
