"""Runs that record no metric."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.recorded_runs import EVERYTHING, silent
from mlaudit.project.project import Project
from mlaudit.project.runs.events import Does
from mlaudit.project.runs.regions import Region
from mlaudit.rules.model import Match, Rule

RESULTS = (Does.METRIC, Does.DOCUMENT, *EVERYTHING)


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each run that trains, and does not say how well."""
    return silent(project, rule, RESULTS, _has_results)


def _has_results(project: Project, region: Region) -> bool:
    children = project.runs.children(region)
    if any(child.does(*RESULTS) or child.opaque for child in children):
        return True
    return _sets_summary(project, region)


def _sets_summary(project: Project, region: Region) -> bool:
    """`run.summary["accuracy"] = ...`"""
    paths = {visit.site.path for visit in region.visits} | {region.start.path}
    return any(
        "summary" in binding.name.split(".")
        for path in paths
        for binding in project.runs.python[path].bindings
    )
