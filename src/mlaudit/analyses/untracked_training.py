"""Programs that train and leave no record of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mlaudit.analyses.tracking import TRACKERS, imports_tracker, is_tracker, names_tracker
from mlaudit.facts.records import Span
from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import api_table
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.reach import Reach
from mlaudit.project.linking.steps import Site
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.repo.model import Context, Kind
from mlaudit.rules.model import Match, Related, Rule, Severity, Spot

ASIDE = (Context.VENDORED, Context.TESTS)
HUGGING_FACE = ("transformers.", "trl.", "sentence_transformers.", "setfit.")
LOGGER_ARGUMENTS = ("log_with", "report_to", "logger", "loggers", "tracker")
NAMED = 10
"""Programs that are named in one finding."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each project in which programs train and nothing is recorded."""
    configured = _configured(project)
    untracked: dict[str, list[EntryPoint]] = defaultdict(list)
    for entry in project.program.entry_points:
        root = project.environment.root_of(entry.path)
        if root.path in configured or project.nature(root) is Nature.LIBRARY:
            continue
        if not project.program.fits(entry):
            continue
        if not _may_record(project, entry):
            untracked[root.path].append(entry)
    for root_path, entries in untracked.items():
        yield _match(project, rule, root_path, _in_order(project, entries))


def _configured(project: Project) -> set[str]:
    """The project roots in which a configuration names a tracker."""
    return {
        project.environment.root_of(path).path
        for path, file in project.facts.items()
        if project.files[path].context not in ASIDE and names_tracker(file)
    }


def _may_record(project: Project, entry: EntryPoint) -> bool:
    """Whether the run is recorded, or something that could not be followed may record it."""
    reached = project.program.reach(entry)
    if any(imports_tracker(project.facts[path]) for path, _ in reached.scopes):
        return True
    if any(_records(project, site) for site in reached.sites):
        return True
    if any(_reports_by_itself(project, entry, site) for site in project.program.fits(entry)):
        return True
    if project.files[entry.path].kind is Kind.NOTEBOOK and not _keeps_model(reached):
        return True
    return bool(reached.unresolved) and _tracker_near(project, entry)


def _records(project: Project, site: Site) -> bool:
    """A tracker's call, or one that is handed a logger."""
    if site.name in api_table("tracking", "tracking.records"):
        return True
    call = _call_of(project, site)
    return any(
        name in LOGGER_ARGUMENTS and value not in (Const(None), Const(False), Const("none"))
        for name, value in call.keywords
    )


def _reports_by_itself(project: Project, entry: EntryPoint, site: Site) -> bool:
    """Frameworks that log by default, or to any tracker that is installed."""
    if site.name not in api_table("tracking", "tracking.reporting-trainers"):
        return False
    return not site.name.startswith(HUGGING_FACE) or _tracker_declared(project, entry)


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


def _in_order(project: Project, entries: list[EntryPoint]) -> list[EntryPoint]:
    """Examples last, and what at least writes a file after what writes none."""
    return sorted(
        entries,
        key=lambda entry: (
            project.files[entry.path].context is Context.EXAMPLES,
            _writes_metrics(project, entry),
            entry.path,
        ),
    )


def _writes_metrics(project: Project, entry: EntryPoint) -> bool:
    files = api_table("tracking", "tracking.metric-files")
    return any(site.name in files for site in project.program.reach(entry).sites)


def _match(project: Project, rule: Rule, root_path: str, entries: list[EntryPoint]) -> Match:
    first, *others = entries
    fit = project.program.fits(first)[0]
    here = fit.path == first.path
    related = [] if here else [Related(_spot_of(project, fit), "the model is trained here")]
    related += [Related(_spot_of_entry(other), "as does this") for other in others[:NAMED]]
    more = f" and {len(others)} more train models" if others else " trains a model"
    return Match(
        rule=rule.id,
        spot=_spot_of(project, fit) if here else _spot_of_entry(first),
        values={"what": f"'{first.path.rpartition('/')[2]}'{more}"},
        identity=root_path or ".",
        severity=Severity.NOTE if _writes_metrics(project, first) else None,
        related=tuple(related),
    )


def _spot_of_entry(entry: EntryPoint) -> Spot:
    return Spot(entry.path, Span(entry.line, 0), code=True)


def _spot_of(project: Project, site: Site) -> Spot:
    call = _call_of(project, site)
    span = Span(call.line, call.column, call.end_line, call.end_column)
    return Spot(site.path, span, code=True)


def _call_of(project: Project, site: Site) -> Call:
    python = project.facts[site.path].python
    assert python is not None
    return python.calls[site.number]
