"""Programs that train a model and register it, with no evaluation before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.staged import is_known, place_of, place_of_training, ways
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.syntax import Const
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.linking.calls import call_of, written
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.steps import Site
from mlaudit.project.pipelines.model import Act, Phase, Pipeline, Proof, Stage
from mlaudit.project.project import Project
from mlaudit.rules.model import Match, Related, Rule

_REGISTERS = frozenset(
    {"register_model", "create_model_version", "log_model", "link_model", "register", "upload"}
)
_PROMOTES = frozenset({"set_registered_model_alias", "transition_model_version_stage"})
_PHASES = frozenset({Phase.REGISTRATION})
_PUTS = Gated(r"az ml model|model-package|models upload|gto register")
"""Commands that put a model into a registry, and do not only upload something."""
_MAY_EVALUATE = Gated(
    r"(?i)eval|score|metric|accura|auc|f1|recall|precision|error|mse|mae|rmse|r2|loss|valid|test"
    r"|predict|compar|report|check|gate|perplex|bleu|rouge|confusion|autolog|benchmark|assess"
    r"|promot|alias|stage|Trainer|cross_val|GridSearch|RandomizedSearch"
)
"""In a name: it may say how good the model is, or a gate stands elsewhere."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each registration of a model that nothing has looked at."""
    if any(name.rpartition(".")[2] in _PROMOTES for name in project.callees.files):
        return  # the registry is an archive, and the gate stands before the promotion
    yield from _in_programs(project, rule)
    yield from _in_pipelines(project, rule)


def _in_programs(project: Project, rule: Rule) -> Iterator[Match]:
    if _REGISTERS.isdisjoint(name.rpartition(".")[2] for name in project.callees.files):
        return
    seen: set[tuple[str, int]] = set()
    for entry in training_programs(project, rule):
        found = _registered(project, entry)
        if found is None or _evaluates(project, entry):
            continue
        site, trained = found
        if (site.path, site.number) not in seen:
            seen.add((site.path, site.number))
            related = (Related(spot_of(project, trained), "the model is trained here"),)
            values = {"callee": f"'{written(project, site)}'"}
            yield Match(rule.id, spot_of(project, site), values, related=related)


def _in_pipelines(project: Project, rule: Rule) -> Iterator[Match]:
    """Stages that register after one that trains, with none between that may evaluate."""
    contexts = (*rule.contexts, "examples")
    tables = (api_table("promotion", "promotion.registrations"),)
    for way in ways(project, contexts, _PHASES, tables, partial(_is_registration, project)):
        if any(_looks(project, way.pipeline, stage) for stage in way.stages):
            continue
        if all(is_known(project, one, partial(_is_blind, project)) for one in way.stages):
            values = {"callee": f"The stage '{way.target.name}'"}
            trained = Related(place_of_training(project, way), "the model is trained here")
            yield Match(rule.id, place_of(project, way), values, related=(trained,))


def _is_registration(project: Project, stage: Stage, act: Act) -> bool:
    """Whether a stage brings a model to a registry, and does not only upload something."""
    if act.phase is not Phase.REGISTRATION or act.proof is Proof.NAME:
        return False
    if act.proof is not Proof.CALLS:
        return _PUTS.search(act.says) is not None
    registers = api_table("promotion", "promotion.registrations")
    phases = project.pipelines.phases_of_code
    return any(
        site.name in registers for entry in phases.entries(stage) for site in phases.sites(entry)
    )


def _looks(project: Project, pipeline: Pipeline, stage: Stage) -> bool:
    acts = project.pipelines.phases(pipeline, stage)
    return _MAY_EVALUATE.search(stage.name) is not None or any(
        act.phase is Phase.EVALUATION for act in acts
    )


def _is_blind(project: Project, entry: EntryPoint) -> bool:
    return not _evaluates(project, entry)


def _registered(project: Project, entry: EntryPoint) -> tuple[Site, Site] | None:
    """The first registration after a fit, and the fit."""
    fits = {(site.path, site.number) for site in project.program.fits(entry)}
    trained: Site | None = None
    for site in project.program.reach(entry).sites:
        if (site.path, site.number) in fits:
            trained = trained or site
        elif trained is not None and _registers(project, site):
            return site, trained
    return None


def _registers(project: Project, site: Site) -> bool:
    if site.name in api_table("promotion", "promotion.registrations"):
        return True
    if not site.name.startswith("mlflow.") or site.name.rpartition(".")[2] not in _REGISTERS:
        return False
    if not site.name.endswith(".log_model"):
        return True
    name = call_of(project, site).keyword("registered_model_name")
    return name is not None and name != Const(None)


def _evaluates(project: Project, entry: EntryPoint) -> bool:
    """Whether any call of the program, known or not, may say how good the model is."""
    reached = project.program.reach(entry)
    return any(
        _MAY_EVALUATE.search(written(project, site))
        for site in (*reached.sites, *reached.unresolved)
    )
