"""Runs that record no parameter."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.recorded_runs import EVERYTHING, reads_config, silent
from mlaudit.project.project import Project
from mlaudit.project.runs.events import Does
from mlaudit.project.runs.regions import Region
from mlaudit.rules.model import Match, Rule

SETTINGS = (Does.PARAM, Does.DOCUMENT, *EVERYTHING)


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each run that trains and does not say with which settings."""
    return silent(project, rule, SETTINGS, _has_settings)


def _has_settings(project: Project, region: Region) -> bool:
    return _parent_may_know(project, region) or _is_configured(project, region)


def _parent_may_know(project: Project, region: Region) -> bool:
    """Nested in a run that records parameters, or in one that is not in sight."""
    parents = project.runs.parents(region)
    if region.nested and not parents:
        return True
    family = [*parents, *project.runs.children(region)]
    return any(other.does(*SETTINGS) or other.opaque for other in family)


def _is_configured(project: Project, region: Region) -> bool:
    """An MLproject file or a sweep gives the run its parameters."""
    paths = {path for path, _ in region.chain} | {visit.site.path for visit in region.visits}
    if region.owner == "wandb":
        return any(reads_config(project.runs.python[path]) for path in paths)
    folder = region.opening.path.rpartition("/")[0]
    while True:
        if (f"{folder}/MLproject" if folder else "MLproject") in project.files:
            return True
        if not folder:
            return False
        folder = folder.rpartition("/")[0]
