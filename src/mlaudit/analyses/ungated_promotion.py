"""Programs that train a model and put it before users whatever its metrics are.

Spoken of are programs alone: who runs the cells of a notebook has seen the metrics. Any branch
around the promotion, and anything on the way that may stop the program, counts as a gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.spots import call_of, python_of, spot_of, written
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Const
from mlaudit.knowledge import api_table
from mlaudit.project.entry_points import EntryPoint, main_guard
from mlaudit.project.project import Project
from mlaudit.project.reach import Reach
from mlaudit.project.steps import Site, Trace
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule

_PRODUCTION = re.compile(r"(?i)(?:.*[-_])?(?:champion|prod|production|live|stable|release)")
_GATES = re.compile(
    r"(?i)valid|gate|approv|compar|quality|assert|verif|threshold|check|better|improv|accept|guard"
    r"|should|require|exit|abort|confirm|input$|blessing|ensure|decid|select_best|is_best"
)
"""In the name of something that is called: it may stop the program."""
_BRANCHES = frozenset({"if", "else", "case", "while", "except"})
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
    if _CALLED.isdisjoint(name.rpartition(".")[2] for name in project.callees.files):
        return
    seen: set[tuple[str, int]] = set()
    for entry in training_programs(project, rule):
        if project.files[entry.path].kind is Kind.NOTEBOOK or _is_approved(project, entry):
            continue
        for site, trained in _ungated(project, entry):
            if (site.path, site.number) not in seen:
                seen.add((site.path, site.number))
                values = {"callee": written(project, site)}
                related = (Related(spot_of(project, trained), "the model is trained here"),)
                yield Match(rule.id, spot_of(project, site), values, related=related)


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
    if any(_stops(project, path, scope) for path, scope in reached.scopes):
        return True
    path, ways = entry.path, []
    for run in trace:
        ways.append((path, run.call))
        path = run.path
    ways.append((site.path, site.number))
    return any(_in_branch(project, path, call) for path, call in ways)


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
    if call < 0:
        return False
    python = python_of(project, path)
    number, guard = python.calls[call].block, main_guard(python)
    while number >= 0:
        block = python.blocks[number]
        if block.kind in _BRANCHES and number != guard:
            return True
        number = block.parent
    return False


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
