"""Runs that train a model and do not keep it."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.recorded_runs import (
    EVERYTHING,
    SEARCHES,
    is_autologged,
    is_trial,
    judged,
    match,
    uses_folder_of_run,
)
from mlaudit.analyses.spots import spot_of
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.project.runs.events import Does
from mlaudit.project.runs.regions import Region
from mlaudit.rules.model import Match, Related, Rule

KEPT = (Does.MODEL, Does.DOCUMENT, *EVERYTHING)


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each run that trains, where no program around it keeps a model in a run."""
    for region in judged(project, rule):
        fits = [fit for fit in project.runs.fits(region) if fit.name not in SEARCHES]
        if not fits or region.does(*KEPT) or is_trial(project, region):
            continue
        family = [*project.runs.parents(region), *project.runs.children(region)]
        if any(other.does(*KEPT) or other.nested or other.opaque for other in family):
            continue
        if not _kept_elsewhere(project, region) and not is_autologged(project, region):
            related = [Related(spot_of(project, fits[0]), "trained in it")]
            yield match(project, rule, region, related)


def _kept_elsewhere(project: Project, region: Region) -> bool:
    """By a program that comes to the run, or in a file that it goes through."""
    models = api_table("tracking", "tracking.models")
    paths = {region.start.path, region.opening.path, *(v.site.path for v in region.visits)}
    python = project.runs.python
    if any(call.callee in models for path in paths for call in python[path].calls):
        return True
    if any(uses_folder_of_run(python[path]) for path in paths):
        return True
    block = python[region.start.path].calls[region.start.number].block
    place = region.start.path, python[region.start.path].blocks[block].scope
    return any(
        site.name in models
        for entry in project.program.entry_points
        if place in project.program.reach(entry).scopes
        for site in project.program.reach(entry).sites
    )
