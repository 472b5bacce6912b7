"""Other ways to look at the same evidence: lifecycle, principles, artefacts."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from fractions import Fraction

from mlaudit.maturity.catalogue_views import ArtefactModel, PhaseModel, views_model
from mlaudit.maturity.model import (
    Artefact,
    Capability,
    ChecklistLine,
    Evidence,
    Outcome,
    Phase,
    Principle,
)
from mlaudit.maturity.patterns import acts_seen
from mlaudit.maturity.places import place
from mlaudit.maturity.signing import seen
from mlaudit.maturity.view import View

HIGHEST = 3


def lifecycle(view: View, given: Container[str]) -> Iterator[Phase]:
    """The nine phases of a model's life, each with the first place that shows it.

    What is there is shown, even where nobody would ask for it.
    """
    acts: dict[str, tuple[Evidence, bool]] = {}
    for phase, evidence, by_name in acts_seen(view):
        if phase not in acts or (acts[phase][1] and not by_name):
            acts[phase] = evidence, by_name
    for model in views_model().lifecycle:
        yield _phase(model, view, given, acts.get(model.id))


def _phase(
    model: PhaseModel, view: View, given: Container[str], act: tuple[Evidence, bool] | None
) -> Phase:
    shown = next((one for name in model.any for one in seen(view, name)), None)
    if shown is None and act is not None:
        return Phase(model.id, model.name, Outcome.TRUE, (act[0],), by_name=act[1])
    if shown is not None:
        return Phase(model.id, model.name, Outcome.TRUE, (shown,))
    asked = not any(one in given for one in model.not_applicable)
    return Phase(model.id, model.name, Outcome.FALSE if asked else Outcome.NOT_APPLICABLE)


def principles(capabilities: Mapping[str, Capability], view: View) -> Iterator[Principle]:
    """The mean of what is settled of each principle's capabilities, and the findings beside it."""
    found = {(one.rule, one.spot.path, one.spot.span.line) for one in view.matches
             if view.counts(one.spot.path)}  # fmt: skip
    for model in views_model().principles:
        scores = [capabilities[name].score for name in model.capabilities]
        settled = [score for score in scores if score is not None]
        share = Fraction(sum(settled), HIGHEST * len(settled)) if settled else None
        score = None if share is None else float(share)
        count = sum(rule in model.rules or rule[:3] in model.rules for rule, _, _ in found)
        yield Principle(model.name, model.capabilities, model.rules, score, count)


def artefacts(
    capabilities: Mapping[str, Capability],
    lines: Sequence[ChecklistLine],
    view: View,
    given: Container[str],
) -> Iterator[Artefact]:
    """Whether each of the seven artefacts is tracked."""
    checklist = {line.id: line for line in lines}
    for model in views_model().artefacts:
        if any(one in given for one in model.not_applicable):
            yield Artefact(model.name, Outcome.NOT_APPLICABLE)
            continue
        parts = [*_by_capability(model, capabilities), *_by_lines(model, checklist)]
        parts += [*_by_signs(model, view), *_by_rules(model, view)]
        yield _together(model.name, parts)


_Part = tuple[Outcome, str, tuple[Evidence, ...]]


def _by_capability(model: ArtefactModel, known: Mapping[str, Capability]) -> Iterator[_Part]:
    for name, least in model.tracked_by.items():
        one = known[name]
        if one.score is None:
            yield one.outcome, one.reason, ()
        elif one.score < least:
            says = f"{one.name} is at {one.score}, and {least} is needed"
            yield Outcome.FALSE, says, ()
        else:
            yield Outcome.TRUE, "", one.evidence[:1]


def _by_lines(model: ArtefactModel, known: Mapping[str, ChecklistLine]) -> Iterator[_Part]:
    for name in model.lines:
        line = known[name]
        says = line.evidence[0].says if line.evidence else line.reason
        yield line.outcome, says, line.evidence[:1]


def _by_signs(model: ArtefactModel, view: View) -> Iterator[_Part]:
    for name in model.all:
        shown = seen(view, name)[:1]
        yield (Outcome.TRUE, "", shown) if shown else (Outcome.FALSE, model.lacks, ())


def _by_rules(model: ArtefactModel, view: View) -> Iterator[_Part]:
    told: set[str] = set()
    for one in view.matches:
        says, path = model.silent.get(one.rule), one.spot.path
        if says is not None and one.rule not in told and view.counts(path):
            told.add(one.rule)
            seen_at = Evidence(False, says, *place(view, one), rule=one.rule)
            yield Outcome.FALSE, says, (seen_at,)


def _together(name: str, parts: Sequence[_Part]) -> Artefact:
    """All parts that apply must hold; what could not be told leaves the whole open."""
    for outcome in (Outcome.FALSE, Outcome.NOT_AVAILABLE, Outcome.TRUE):
        of = [part for part in parts if part[0] is outcome]
        if of:
            reasons = dict.fromkeys(reason for _, reason, _ in of if outcome is not Outcome.TRUE)
            evidence = dict.fromkeys(one for _, _, pieces in of for one in pieces)
            return Artefact(name, outcome, "; ".join(filter(None, reasons)), tuple(evidence))
    return Artefact(name, Outcome.NOT_APPLICABLE, parts[0][1] if parts else "")
