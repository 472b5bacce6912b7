"""Training entry points of which nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.tracking import TRACKERS, imports_tracker, is_tracker, names_tracker
from mlaudit.facts.records import Span
from mlaudit.knowledge import api_table
from mlaudit.project.entry_points import EntryPoint
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.project.reach import Reach, Site
from mlaudit.repo.model import Context
from mlaudit.rules.model import Match, Related, Rule, Severity, Spot


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each entry point that trains and leaves no record of it."""
    configured = any(
        names_tracker(file)
        for path, file in project.facts.items()
        if project.files[path].context not in (Context.VENDORED, Context.TESTS)
    )
    if configured:
        return
    for entry in project.program.entry_points:
        if _in_library(project, entry) or not project.program.fits(entry):
            continue
        if not _may_record(project, entry):
            yield _match(project, rule, entry)


def _in_library(project: Project, entry: EntryPoint) -> bool:
    return project.nature(project.environment.root_of(entry.path)) is Nature.LIBRARY


def _may_record(project: Project, entry: EntryPoint) -> bool:
    """Whether the run is recorded, or something that could not be followed may record it."""
    reached = project.program.reach(entry)
    if any(imports_tracker(project.facts[path]) for path, _ in reached.scopes):
        return True
    if any(_reports_by_itself(project, entry, site) for site in project.program.fits(entry)):
        return True
    if project.files[entry.path].kind == "notebook" and not _keeps_model(reached):
        return True
    return bool(reached.unresolved) and _tracker_near(project, entry)


def _reports_by_itself(project: Project, entry: EntryPoint, site: Site) -> bool:
    """Frameworks that log by default, or to any tracker that is installed."""
    if site.name not in api_table("tracking", "tracking.reporting-trainers"):
        return False
    if not site.name.startswith(("transformers.", "trl.", "sentence_transformers.", "setfit.")):
        return True
    return _tracker_declared(project, entry)


def _tracker_declared(project: Project, entry: EntryPoint) -> bool:
    environment = project.environment
    root = environment.root_of(entry.path)
    names = [*TRACKERS, "comet-ml", "tensorboard", "neptune-client"]
    return any(environment.declared(root, n) or environment.locked(root, n) for n in names)


def _keeps_model(reached: Reach) -> bool:
    """A notebook that keeps no model is a demonstration."""
    keepers = api_table("tracking", "tracking.keepers")
    return any(site.name in keepers for site in reached.sites)


def _tracker_near(project: Project, entry: EntryPoint) -> bool:
    """Whether any file of the same project imports a tracker."""
    root = project.environment.root_of(entry.path)
    return any(
        is_tracker(item)
        for path, file in project.facts.items()
        if file.python is not None and project.environment.root_of(path) == root
        for item in file.python.imports
    )


def _match(project: Project, rule: Rule, entry: EntryPoint) -> Match:
    fit = project.program.fits(entry)[0]
    files = api_table("tracking", "tracking.metric-files")
    written = any(site.name in files for site in project.program.reach(entry).sites)
    here = fit.path == entry.path
    return Match(
        rule=rule.id,
        spot=_spot_of(project, fit) if here else Spot(entry.path, Span(entry.line, 0), code=True),
        values={"entry": entry.path.rpartition("/")[2]},
        identity=f"{entry.path}:{entry.scope}",
        severity=Severity.NOTE if written else None,
        related=() if here else (Related(_spot_of(project, fit), "the model is trained here"),),
    )


def _spot_of(project: Project, site: Site) -> Spot:
    python = project.facts[site.path].python
    assert python is not None
    call = python.calls[site.number]
    span = Span(call.line, call.column, call.end_line, call.end_column)
    return Spot(site.path, span, code=True)
