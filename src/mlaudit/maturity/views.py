"""Other ways to look at the same evidence: lifecycle, principles, artefacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from mlaudit.maturity.catalogue import views_model
from mlaudit.maturity.model import Artefact, Capability, Outcome, Phase, Principle
from mlaudit.maturity.signing import sign
from mlaudit.maturity.view import View

HIGHEST = 3


def lifecycle(view: View, given: frozenset[str]) -> Iterator[Phase]:
    """The nine phases of a model's life, each with the first place that shows it."""
    for model in views_model().lifecycle:
        if given.intersection(model.not_applicable):
            yield Phase(model.id, model.name, Outcome.NOT_APPLICABLE)
            continue
        seen = next((one for name in model.any for one in sign(name)(view)), None)
        outcome = Outcome.FALSE if seen is None else Outcome.TRUE
        yield Phase(model.id, model.name, outcome, () if seen is None else (seen,))


def principles(capabilities: Mapping[str, Capability]) -> Iterator[Principle]:
    """The mean of what is settled of each principle's capabilities."""
    for model in views_model().principles:
        scores = [capabilities[name].score for name in model.capabilities]
        settled = [score for score in scores if score is not None]
        share = Fraction(sum(settled), HIGHEST * len(settled)) if settled else None
        score = None if share is None else float(share)
        yield Principle(model.name, model.capabilities, model.families, score)


def artefacts(capabilities: Mapping[str, Capability]) -> Iterator[Artefact]:
    """Whether each of the seven artefacts is tracked."""
    for model in views_model().artefacts:
        asked = {name: capabilities[name] for name in model.tracked_by}
        settled = {name: one.score for name, one in asked.items() if one.score is not None}
        if not settled:
            yield Artefact(model.name, Outcome.NOT_APPLICABLE)
            continue
        short = [
            f"{asked[name].name} is at {score}, and {model.tracked_by[name]} is needed"
            for name, score in settled.items()
            if score < model.tracked_by[name]
        ]
        yield Artefact(model.name, Outcome.FALSE if short else Outcome.TRUE, "; ".join(short))
