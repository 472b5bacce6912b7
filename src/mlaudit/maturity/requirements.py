"""One requirement of a level: met, not met, not to be settled, or without an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mlaudit.maturity.catalogue import RequirementModel
from mlaudit.maturity.doubts import doubts
from mlaudit.maturity.judging import Known
from mlaudit.maturity.model import Capability, Declaration, Evidence, Outcome, Requirement
from mlaudit.maturity.signing import seen


class _Answer(NamedTuple):
    """To one of the things that a requirement asks."""

    outcome: Outcome
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    declared: Declaration | None = None


def ask(
    model: RequirementModel, known: Known, capabilities: Mapping[str, Capability]
) -> Requirement:
    """All that the requirement asks must hold, as far as it applies."""
    capability = next(iter(model.asks), "") if len(model.asks) == 1 else ""
    if known.given.intersection(model.not_applicable):
        outcome = Outcome.NOT_APPLICABLE
        return Requirement(model.id, model.says, model.core, outcome, capability)
    answers = [*_capabilities(model, capabilities), *_silence(model, known), *_signs(model, known)]
    outcome = _together(answers)
    open_ones = [one for one in answers if one.outcome is outcome]
    return Requirement(
        model.id,
        model.says,
        model.core,
        outcome,
        capability,
        "; ".join(dict.fromkeys(one.reason for one in open_ones if one.reason)),
        tuple(dict.fromkeys(piece for one in open_ones for piece in one.evidence)),
        _declaration(model, known, answers),
    )


def _together(answers: list[_Answer]) -> Outcome:
    outcomes = {one.outcome for one in answers}
    for outcome in (Outcome.FALSE, Outcome.NOT_AVAILABLE, Outcome.TRUE):
        if outcome in outcomes:
            return outcome
    return Outcome.NOT_APPLICABLE


def _declaration(
    model: RequirementModel, known: Known, answers: list[_Answer]
) -> Declaration | None:
    """Who says that it is met, though that was not seen. A finding against it wins."""
    lacking = [one for one in answers if one.outcome in (Outcome.FALSE, Outcome.NOT_AVAILABLE)]
    if not lacking or any(known.found[rule] for rule in model.silent):
        return None
    if model.id in known.declared:
        return known.declared[model.id]
    said = [one.declared for one in lacking]
    return said[0] if all(said) else None


def _capabilities(
    model: RequirementModel, capabilities: Mapping[str, Capability]
) -> Iterator[_Answer]:
    for name, least in model.asks.items():
        one = capabilities[name]
        what = "it" if len(model.asks) == 1 else one.name
        if one.score is None:
            yield _Answer(one.outcome, one.reason)
        elif one.score >= least:
            yield _Answer(Outcome.TRUE, "", one.evidence)
        else:
            declared = one.declared if one.declared and one.declared.level >= least else None
            yield _Answer(*_short(one, least, what), (), declared)


def _short(one: Capability, least: int, what: str) -> tuple[Outcome, str]:
    """Why a capability is not at the level that is needed."""
    if one.possible is not None and one.possible >= least:
        return Outcome.NOT_AVAILABLE, "; ".join(one.unsettled)
    capped = f", capped by {', '.join(one.capped_by)}" if one.capped_by else ""
    return Outcome.FALSE, f"{what} is at {one.score}{capped}"


def _silence(model: RequirementModel, known: Known) -> Iterator[_Answer]:
    if not model.silent:
        return
    loud = [rule for rule in model.silent if known.found[rule]]
    if loud:
        yield _Answer(Outcome.FALSE, f"{', '.join(loud)} found something")
        return
    accepted = [known.accepted[rule] for rule in model.silent if rule in known.accepted]
    reasons = [f"{one.rule} is accepted: {one.reason}" for one in accepted]
    yield _Answer(Outcome.TRUE, "; ".join(reasons))


def _signs(model: RequirementModel, known: Known) -> Iterator[_Answer]:
    for name in filter(None, (model.sign, model.also)):
        shown = seen(known.view, name)
        if shown:
            yield _Answer(Outcome.TRUE, "", shown)
        elif doubted := doubts(known.view, name):
            yield _Answer(Outcome.NOT_AVAILABLE, doubted[0])
        else:
            yield _Answer(Outcome.FALSE)
