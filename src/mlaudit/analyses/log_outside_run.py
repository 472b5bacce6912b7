"""Calls that write to a run after it was closed: MLflow opens a stray one, W&B fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.analyses.spots import spot_of
from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import api_table
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.linking.steps import Run, Site
from mlaudit.project.project import Project
from mlaudit.project.runs.extents import Extent, Stays, is_within
from mlaudit.project.runs.regions import Region
from mlaudit.rules.model import Match, Related, Rule

CERTAIN = frozenset({"body", "with", "try", "finally"})
"""Blocks that are run when what stands around them is; with loops, which may be run once."""
LOOPS = frozenset({"for", "while"})
BY_ID = {"mlflow": "run_id"}


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each run after which something is logged to no run."""
    seen: set[Site] = set()
    for region in project.runs.regions:
        file = project.files[region.opening.path]
        if file.context.value not in rule.contexts or not project.repo.selected(file.path):
            continue
        extent = region.extents[-1]
        if extent.stays is not Stays.NOT or region.nested or _is_called_in_run(project, region):
            continue
        for end in _ends(project, region, extent):
            found = next(_strays(project, region, end), None)
            if found is not None and found[0] not in seen:
                seen.add(found[0])
                yield _match(project, rule, region, *found)


def _match(project: Project, rule: Rule, region: Region, call: Site, log: Site) -> Match:
    related = [Related(spot_of(project, region.start), "this run is closed by then")]
    if log != call:
        related.append(Related(spot_of(project, log), "it is logged here"))
    what = "opens a stray run" if region.owner == "mlflow" else "fails"
    values = {"callee": log.name, "what": what}
    return Match(rule.id, spot_of(project, call), values, related=tuple(related))


def _is_called_in_run(project: Project, region: Region) -> bool:
    """Whether whoever calls the function around holds a run."""
    part = region.extents[-1].part
    holding = project.runs.holding(part.path, part.scope)
    return any(one.start != region.start and one.owner == region.owner for one in holding)


def _scope(project: Project, site: Site) -> int:
    python = project.runs.python[site.path]
    return python.blocks[python.calls[site.number].block].scope


class End(NamedTuple):
    """Where a run is closed: after a call of some code, which a block stands around."""

    path: str
    scope: int
    after: int
    around: int


def _ends(project: Project, region: Region, extent: Extent) -> Iterator[End]:
    """In the function that closes the run, and where that one is called."""
    part = extent.part
    around = _around(project, region, extent)
    if around is None:
        return
    yield End(part.path, part.scope, max((*part.calls, region.chain[-1][1])), around)
    python = project.runs.python
    if not part.scope or python[part.path].blocks[around].kind not in CERTAIN:
        return
    for path, number in project.program.callers(Definition(part.path, part.scope)):
        if path not in python or number in project.runs.covered(path):
            continue
        block = python[path].calls[number].block
        scope = python[path].blocks[block].scope
        if not project.runs.holding(path, scope):
            yield End(path, scope, number, block)


def _strays(project: Project, region: Region, end: End) -> Iterator[tuple[Site, Site]]:
    """Calls after the run in the same function, each with the call that logs."""
    calls = project.runs.python[end.path].calls
    covered = project.runs.covered(end.path)
    for step in project.program.graph.steps(end.path, end.scope, as_program=True):
        number = step.number if isinstance(step, Site) else step.call
        if number <= end.after or number in covered:
            continue
        if not _is_reached(project, end.path, number, end.around):
            continue
        here = Site(end.path, number, calls[number].callee)
        if isinstance(step, Site):
            if _logs(project, region, step):
                yield step, step
        elif not step.held:
            yield from ((here, log) for log in _logs_inside(project, region, step))


def _around(project: Project, region: Region, extent: Extent) -> int | None:
    """The block in which the run is open and closed, whatever happens; None where it may not be."""
    path, number = region.chain[-1]
    python = project.runs.python[path]
    if extent.block >= 0:
        return python.blocks[extent.block].parent
    block = python.calls[number].block
    while block >= 0 and not is_within(python, python.calls[extent.end].block, block):
        block = python.blocks[block].parent
    inner = python.calls[extent.end].block
    while inner != block:
        if python.blocks[inner].kind not in CERTAIN:
            return None
        inner = python.blocks[inner].parent
    return block


def _is_reached(project: Project, path: str, number: int, around: int) -> bool:
    """Whether who comes to the call has come through the run: it stands beside, or after a loop."""
    python = project.runs.python[path]
    block = python.calls[number].block
    if is_within(python, block, around):
        return True
    while around >= 0 and python.blocks[around].kind in (CERTAIN | LOOPS):
        around = python.blocks[around].parent
        if around >= 0 and is_within(python, block, around):
            return not _excepts(project, path, block, around)
    return False


def _excepts(project: Project, path: str, block: int, outer: int) -> bool:
    """Under an `except` that the run's own block may have led to."""
    blocks = project.runs.python[path].blocks
    while block != outer:
        if blocks[block].kind == "except":
            return True
        block = blocks[block].parent
    return False


def _logs(project: Project, region: Region, site: Site) -> bool:
    if site.name not in api_table("tracking", "tracking.fluent"):
        return False
    call = project.runs.call(site)
    by_id = call.keyword("run_id") not in (None, Const(None))
    mine = site.name.startswith(f"{region.owner}.")
    return mine and not by_id and not call.open and not _asks_for_run(project, site)


def _asks_for_run(project: Project, site: Site) -> bool:
    """Whether the function around asks which run is active: it knows what it does."""
    python = project.runs.python[site.path]
    scope = _scope(project, site)
    return any(
        _asks(call) and python.blocks[call.block].scope == scope for call in python.calls
    ) or any(binding.name.startswith("wandb.run") for binding in python.bindings)


def _asks(call: Call) -> bool:
    last = (call.callee or call.local).rpartition(".")[2]
    return last in ("active_run", "last_active_run", "get_run", "search_runs")


def _logs_inside(project: Project, region: Region, run: Run) -> Iterator[Site]:
    """Calls in a helper that log to no run: the helper opens none itself."""
    runs = project.runs
    steps = project.program.graph.steps(run.path, run.scope, as_program=False)
    for site, trace in runs.follow(steps, {(run.path, run.scope)}):
        if not _logs(project, region, site):
            continue
        if site.number in runs.covered(site.path) and _opens_inside(project, run, site, trace):
            continue
        if not any(one.call in runs.covered(at) for at, one in _callers(run, trace)):
            yield site


def _opens_inside(project: Project, run: Run, site: Site, trace: tuple[Run, ...]) -> bool:
    """Whether the helper, or what it calls, holds the run that covers the site."""
    inner = {(run.path, run.scope), *((one.path, one.scope) for one in trace)}
    return any(
        (extent.part.path, extent.part.scope) in inner and site.number in extent.part.calls
        for other in project.runs.regions
        for extent in other.extents
        if extent.part.path == site.path
    )


def _callers(run: Run, trace: tuple[Run, ...]) -> Iterator[tuple[str, Run]]:
    path = run.path
    for one in trace:
        yield path, one
        path = one.path
