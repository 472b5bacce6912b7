"""Models that are kept for others, and that nothing describes."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.syntax import Local, Result
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.linking.calls import call_of, python_of, written
from mlaudit.project.linking.steps import Site
from mlaudit.project.papers import card_lacks, is_named_card, readmes, text_of
from mlaudit.project.project import Project
from mlaudit.rules.model import Match, Rule, Spot

_MAKES_CARD = Gated(r"(?i)model_?card|push_to_hub|create_card|metadata_update|factsheet")
"""In a name: a card is made along with the model."""
_DESCRIBES = Gated(
    r"(?i)model card|intended use|out[- ]of[- ]scope|limitations?\b|\bbias(?:es)?\b|caveat"
    r"|not (?:be )?(?:used|intended|suitable) for"
)
_ANY_OBJECT = frozenset({"joblib", "pickle", "cloudpickle", "dill", "torch"})
_MODEL = Gated(r"(?i)model|clf|classif|regress|pipe|estimator|(?<![a-z])net|state_dict|booster")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each card that leaves something out; without one, on the first kept model."""
    cards = list(project.model_cards)
    for path in cards:
        lacking = card_lacks(text_of(project, path))
        if lacking:
            says = f"does not say {' or '.join(lacking)}"
            yield Match(rule.id, Spot(path), {"says": says}, identity="card")
    if not cards:
        yield from _missing(project, rule)


def _missing(project: Project, rule: Rule) -> Iterator[Match]:
    if any(map(is_named_card, project.files)):
        return  # something writes one
    if any(_MAKES_CARD.search(name) for name in project.callees.files):
        return
    kept = next(_kept(project, rule), None)
    if kept is not None and not _described(project):
        says = (
            f"is missing: '{written(project, kept)}' keeps a model, and nothing says what it is "
            "for, what it learned from and where it fails"
        )
        yield Match(rule.id, spot_of(project, kept), {"says": says}, identity="card")


def _kept(project: Project, rule: Rule) -> Iterator[Site]:
    tables = [api_table("tracking", f"tracking.{name}") for name in ("keepers", "registries")]
    for entry in training_programs(project, rule):
        if project.files[entry.path].context.value not in rule.contexts:
            continue
        fits = {(site.path, site.number) for site in project.program.fits(entry)}
        trained = False
        for site in project.program.reach(entry).sites:
            trained = trained or (site.path, site.number) in fits
            if trained and any(site.name in table for table in tables) and _is_model(project, site):
                yield site


def _is_model(project: Project, site: Site) -> bool:
    """Of what keeps any object: whether a name says that it is a model."""
    if "artifact" in site.name:
        return False
    if site.name.partition(".")[0] not in _ANY_OBJECT:
        return True
    call = call_of(project, site)
    python = python_of(project, site.path)
    for value in call.args[:1]:
        if isinstance(value, Result):
            kept = python.calls[value.call]
            return _MODEL.search(kept.local or kept.callee or kept.method) is not None
        return isinstance(value, Local) and _MODEL.search(value.name) is not None
    return False


def _described(project: Project) -> bool:
    """Whether a README says what the model is for, and what it is not."""
    return any(_DESCRIBES.search(text_of(project, path)) for path in readmes(project))
