"""Programs that train a model and put it before users whatever its metrics are.

Spoken of are programs alone: who runs the cells of a notebook has seen the metrics. Any branch
around the promotion, and anything on the way that may stop the program, counts as a gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.staged import is_known, place_of, place_of_training, ways
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Const
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.linking.calls import call_of, python_of, written
from mlaudit.project.linking.entry_points import EntryPoint, in_branch
from mlaudit.project.linking.reach import Reach
from mlaudit.project.linking.steps import Site, Trace
from mlaudit.project.pipelines.model import Act, Phase, Proof, Stage
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule

_PRODUCTION = Gated(r"(?i)(?:.*[-_])?(?:champion|prod|production|live|stable|release)")
_GATES = Gated(
    r"(?i)valid|gate|approv|compar|quality|assert|verif|threshold|check|better|improv|accept|guard"
    r"|should|require|exit|abort|confirm|input$|blessing|ensure|decid|select_best|is_best"
)
"""In the name of something that is called: it may stop the program."""
_LIMIT = Gated(
    r"(?i)threshold|(?:min|max)_?(?:acc|auc|f1|score|metric|loss|rmse|mae|r2|error|perf)"
)
_TRIED = Gated(
    r"(?i)(?<![a-z])(?:stag(?:e|ing)|dev|test\w*|preview|sandbox|candidate|shadow|canary|dry-run"
    r"|docs?|documentation|pages|mkdocs|challenger|qa|uat|ephemeral|minikube|kind)(?![a-z])"
)
_CHOSEN = Gated(r"(?i)--?(?:model[-_])?(?:version|run[-_]?id)\b|\binputs\.")
"""A command that is told which version to take."""
_PHASES = frozenset({Phase.REGISTRATION, Phase.DEPLOYMENT})
_TABLES = ("aliases", "stages", "deployments")
_INFRASTRUCTURE = Gated(r"terraform|cdk|cloudformation|models serve")
_CALLED = frozenset(
    {
        "set_registered_model_alias", "transition_model_version_stage", "create_endpoint",
        "update_endpoint", "deploy", "create_deployment", "update_deployment",
    }
)  # fmt: skip
"""Last parts of the names of all that promotes."""
_GIVEN = {"alias": 1, "stage": 2}
"""Where the name that users know is passed by position."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each promotion that no metric can prevent."""
    yield from _in_programs(project, rule)
    yield from _in_pipelines(project, rule)


def _in_programs(project: Project, rule: Rule) -> Iterator[Match]:
    if _CALLED.isdisjoint(name.rpartition(".")[2] for name in project.callees.files):
        return
    seen: set[tuple[str, int]] = set()
    for entry in training_programs(project, rule):
        if project.files[entry.path].kind is Kind.NOTEBOOK or _is_approved(project, entry):
            continue
        for site, trained in _ungated(project, entry):
            if (site.path, site.number) not in seen:
                seen.add((site.path, site.number))
                values = {"callee": f"'{written(project, site)}'"}
                related = (Related(spot_of(project, trained), "the model is trained here"),)
                yield Match(rule.id, spot_of(project, site), values, related=related)


def _in_pipelines(project: Project, rule: Rule) -> Iterator[Match]:
    """Stages that promote or deploy after one that trains, with nothing between to stop them."""
    contexts = (*rule.contexts, "examples")
    tables = tuple(api_table("promotion", f"promotion.{name}") for name in _TABLES)
    for way in ways(project, contexts, _PHASES, tables, partial(_releases, project)):
        if all(is_known(project, stage, partial(_lets_pass, project)) for stage in way.stages):
            values = {"callee": f"The stage '{way.target.name}'"}
            trained = Related(place_of_training(project, way), "the model is trained here")
            yield Match(rule.id, place_of(project, way), values, related=(trained,))


def _releases(project: Project, stage: Stage, act: Act) -> bool:
    """Whether a stage puts a model before users, and not before those who test it."""
    words = " ".join((stage.name, *(command.text for command in stage.commands)))
    if act.proof is Proof.NAME or _TRIED.search(words):
        return False
    if act.phase is Phase.DEPLOYMENT:
        return act.proof is Proof.CALLS or not _INFRASTRUCTURE.search(act.says)
    if act.phase is not Phase.REGISTRATION or _CHOSEN.search(words):
        return False
    phases = project.pipelines.phases_of_code
    return any(
        _promotes(project, site) for entry in phases.entries(stage) for site in phases.sites(entry)
    )


def _lets_pass(project: Project, entry: EntryPoint) -> bool:
    """Whether a program of a stage neither stops nor asks before it promotes."""
    reached = project.program.reach(entry)
    if any(map(_may_stop, _names(project, reached))) or _has_limit(project, reached):
        return False
    if any(_stops(project, path, scope) for path, scope in reached.scopes):
        return False
    return not any(
        _promotes(project, site) and _in_branch(project, site.path, site.number)
        for site in reached.sites
    )


def _ungated(project: Project, entry: EntryPoint) -> Iterator[tuple[Site, Site]]:
    reached = project.program.reach(entry)
    fits = {(site.path, site.number) for site in project.program.fits(entry)}
    trained: Site | None = None
    for site, trace in zip(reached.sites, reached.traces, strict=True):
        if (site.path, site.number) in fits:
            trained = trained or site
        elif trained is None or not _promotes(project, site):
            continue
        elif not _is_gated(project, entry, reached, site, trace):
            yield site, trained


def _promotes(project: Project, site: Site) -> bool:
    if site.name in api_table("promotion", "promotion.deployments"):
        return True
    for table, argument in (("aliases", "alias"), ("stages", "stage")):
        if site.name in api_table("promotion", f"promotion.{table}"):
            call = call_of(project, site)
            value = call.keyword(argument)
            if value is None and len(call.args) > _GIVEN[argument]:
                value = call.args[_GIVEN[argument]]
            known = value and project.program.constant(site.path, value, call.block)
            return isinstance(known, Const) and bool(_PRODUCTION.fullmatch(str(known.value)))
    return False


def _is_gated(
    project: Project, entry: EntryPoint, reached: Reach, site: Site, trace: Trace
) -> bool:
    if any(run.held for run in trace) or any(map(_may_stop, _names(project, reached))):
        return True
    if _has_limit(project, reached) or any(_is_handed(project, one) for one in reached.unresolved):
        return True
    if any(_stops(project, path, scope) for path, scope in reached.scopes):
        return True
    path, ways = entry.path, []
    for run in trace:
        ways.append((path, run.call))
        path = run.path
    ways.append((site.path, site.number))
    return any(_in_branch(project, path, call) for path, call in ways)


def _has_limit(project: Project, reached: Reach) -> bool:
    """Whether anything is told a limit: `deploy(model, min_accuracy=0.9)`."""
    return any(
        _LIMIT.search(name) for site in reached.sites for name, _ in call_of(project, site).keywords
    )


def _is_handed(project: Project, site: Site) -> bool:
    """Whether a function is called that somebody else chose: it may do anything."""
    call = call_of(project, site)
    return bool(call.local) and "." not in call.local and not call.callee


def _names(project: Project, reached: Reach) -> Iterator[str]:
    for site in (*reached.sites, *reached.unresolved):
        yield written(project, site).rpartition(".")[2]


def _may_stop(name: str) -> bool:
    return _GATES.search(name) is not None


def _stops(project: Project, path: str, scope: int) -> bool:
    """Whether the code may end the program early, or leave a function before its end."""
    python = python_of(project, path)
    for one in python.statements:
        block = python.blocks[one.block]
        if block.scope == scope and (
            one.kind in ("assert", "raise") or (one.kind == "return" and block.kind != "body")
        ):
            return True
    return False


def _in_branch(project: Project, path: str, call: int) -> bool:
    return call >= 0 and in_branch(python_of(project, path), call)


def _is_approved(project: Project, entry: EntryPoint) -> bool:
    """Whether a workflow that runs the program waits for people."""
    name = entry.path.rpartition("/")[2]
    return any(
        _waits(facts)
        for path, facts in project.facts.items()
        if path.endswith((".yml", ".yaml"))
        and any(name in command.text for command in facts.commands)
    )


def _waits(facts: FileFacts) -> bool:
    entries = facts.document.entries if facts.document is not None else ()
    return any(
        entry.path[-1:] in (("environment",), ("workflow_dispatch",))
        or entry.value in ("workflow_dispatch", "manual")
        for entry in entries
    )
