"""Runs that record no metric."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.recorded_runs import EVERYTHING, is_autologged, judged, match
from mlaudit.analyses.spots import spot_of
from mlaudit.project.project import Project
from mlaudit.project.run_events import Does
from mlaudit.project.run_regions import Region
from mlaudit.rules.model import Match, Related, Rule

RESULTS = (Does.METRIC, Does.DOCUMENT, *EVERYTHING)


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each run that trains, and does not say how well."""
    for region in judged(project, rule):
        if region.does(*RESULTS):
            continue
        fits = project.runs.fits(region)
        if not fits:
            continue  # it is there to upload or register something, or to show how
        if any(child.does(*RESULTS) or child.opaque for child in project.runs.children(region)):
            continue
        if not _sets_summary(project, region) and not is_autologged(project, region):
            related = [Related(spot_of(project, fit), "trained in it") for fit in fits[:1]]
            yield match(project, rule, region, related)


def _sets_summary(project: Project, region: Region) -> bool:
    """`run.summary["accuracy"] = ...`"""
    paths = {visit.site.path for visit in region.visits} | {region.start.path}
    return any(
        "summary" in binding.name.split(".")
        for path in paths
        for binding in project.runs.python[path].bindings
    )
