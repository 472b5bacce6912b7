"""From evidence to capabilities, dimensions and levels, for each project root by itself.

The method: signs give the highest level that holds with all below it; findings cap it; what does
not apply or cannot be told is left out of every sum. The level of a repository is that of its
lowest root that trains or serves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from msgspec import structs

from mlaudit.maturity.catalogue import DIMENSIONS, capabilities
from mlaudit.maturity.checklist import checklist
from mlaudit.maturity.circumstances import Circumstances, circumstances
from mlaudit.maturity.declared import Declared
from mlaudit.maturity.judging import HIGHEST, Known, holding_down, judge
from mlaudit.maturity.ladder import climb
from mlaudit.maturity.model import Accepted, Capability, Dimension, Maturity, RootLevel
from mlaudit.maturity.parts import parts
from mlaudit.maturity.patterns import patterns
from mlaudit.maturity.roadmap import roadmap, with_fitting_steps
from mlaudit.maturity.signing import seen
from mlaudit.maturity.view import View
from mlaudit.maturity.views import artefacts, lifecycle, principles
from mlaudit.project.practices.looks import Sight
from mlaudit.project.practices.tools import strongest
from mlaudit.project.project import Project
from mlaudit.rules.model import Match

THRESHOLDS = (Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5))
"""Shares from which the levels 1 to 4 of a dimension begin."""


class Judged(NamedTuple):
    """One project root."""

    maturity: Maturity
    what: Circumstances


def assess(
    project: Project,
    matches: Sequence[Match],
    accepted: Sequence[tuple[Match, str]] = (),
    declared: Declared | None = None,
) -> Maturity:
    """The maturity of a whole repository.

    `matches` are all, those `accepted` with a reason among them: these hold nothing down.
    """
    let_pass = {id(match): reason for match, reason in accepted if reason}
    standing = [match for match in matches if id(match) not in let_pass]
    pardons = [(match, let_pass[id(match)]) for match in matches if id(match) in let_pass]
    declared = declared or Declared()
    looked: dict[int, tuple[Sight, ...]] = {}
    views = [View(project, standing, part, looked) for part in parts(project)]
    judged = [_judged(view, pardons, declared) for view in views]
    head = _headline(judged).maturity
    if len(judged) < 2:
        return head
    warnings = {warning for one in judged for warning in one.maturity.warnings}
    rows = tuple(_row(one) for one in judged)
    return structs.replace(head, roots=rows, warnings=tuple(sorted(warnings)))


def _headline(judged: Sequence[Judged]) -> Judged:
    """The lowest that trains or serves; of equals the one with the lower score, then the first."""
    working = [one for one in judged if one.what.trains or one.what.serves]
    return min(working or judged[:1], key=lambda one: (one.maturity.ladder.level, _score(one)))


def _score(one: Judged) -> float:
    return 1.0 if one.maturity.score is None else one.maturity.score


def _row(one: Judged) -> RootLevel:
    found, ladder = one.maturity, one.maturity.ladder
    return RootLevel(
        found.root,
        found.profile,
        one.what.trains,
        one.what.serves,
        ladder.level,
        ladder.possible,
        ladder.declared,
        ladder.reachable,
        found.score,
    )


def _judged(view: View, pardons: Sequence[tuple[Match, str]], declared: Declared) -> Judged:
    what = circumstances(view)
    known = Known(
        view,
        what.holding,
        Counter(match.rule for match in view.matches if view.counts(match.spot.path)),
        {
            match.rule: Accepted(match.rule, reason, match.spot.path)
            for match, reason in reversed(pardons)
            if view.holds(match.spot.path) and view.counts(match.spot.path)
        },
        declared.known,
    )
    warnings = (*declared.warnings, *_contradicted(known, declared))
    return Judged(_maturity(known, what, warnings), what)


def _maturity(known: Known, what: Circumstances, warnings: Sequence[str]) -> Maturity:
    view, given = known.view, known.given
    judged = [judge(known, model) for model in capabilities()]
    dimensions = tuple(
        _dimension(key, name, tuple(one for one in judged if one.dimension == key))
        for key, name in DIMENSIONS.items()
    )
    by_id = {one.id: one for one in judged}
    scores = [Fraction(one.score) for one in dimensions if one.score is not None]
    ladder = climb(known, by_id)
    steps = roadmap(view, judged, ladder)
    phases = tuple(lifecycle(view, given))
    lines = checklist(view, partial(seen, view))
    return Maturity(
        profile=what.profile,
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
        root=view.root.path,
        warnings=tuple(warnings),
    )


def _contradicted(known: Known, declared: Declared) -> Iterator[str]:
    """Declarations that something which was found speaks against."""
    for model in capabilities():
        said = declared.known.get(model.id)
        against = [name for name, _ in holding_down(known, model, said.level)] if said else []
        if against:
            where = declared.places[model.id]
            yield f"{where}, level: {', '.join(against)} speaks against it; it is ignored"


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
        level=level_of(share),
        thin=len(scores) < 2,
    )


def level_of(share: Fraction) -> int:
    """The level of a dimension, 0 to 4, by the share that it has of what it could reach."""
    return sum(share >= threshold for threshold in THRESHOLDS)
