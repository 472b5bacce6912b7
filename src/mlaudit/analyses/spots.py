"""Places of calls, and the ways that lead to them, as findings show them."""

from __future__ import annotations

from mlaudit.analyses.seeding_order import Event
from mlaudit.facts.records import Span
from mlaudit.project.linking.calls import call_of, python_of, written
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.steps import Run, Site
from mlaudit.project.project import Project
from mlaudit.rules.model import Related, Spot


def spot_of(project: Project, site: Site) -> Spot:
    call = call_of(project, site)
    span = Span(call.line, call.column, call.end_line, call.end_column)
    return Spot(site.path, span, code=True)


def line_text(project: Project, path: str, line: int) -> str:
    """`train.py:41`; for a notebook its cell and the line in it."""
    notebook = project.facts[path].notebook
    for cell in notebook.cells if notebook is not None else ():
        if cell.first_line <= line < cell.first_line + cell.lines:
            return f"{path}:cell {cell.index}:{line - cell.first_line + 1}"
    return f"{path}:{line}"


def shown_in(project: Project, event: Event) -> str:
    return line_text(project, event.site.path, call_of(project, event.site).line)


def spot_in(project: Project, entry: EntryPoint, event: Event) -> Spot:
    """The place in the entry point's own file that leads to a call, as near to it as can be."""
    path, spot = entry.path, Spot(entry.path, Span(entry.line, 0), code=True)
    for run in event.trace:
        if path != entry.path:
            return spot
        spot = _spot_of_run(project, path, run)
        path = run.path
    return spot_of(project, event.site) if path == entry.path else spot


def related_path(project: Project, entry: EntryPoint, event: Event) -> tuple[Related, ...]:
    """The way from the entry point to a call, step by step; empty when it is not far."""
    if not event.trace:
        return ()
    path = entry.path
    steps = []
    for run in event.trace:
        steps.append(Related(_spot_of_run(project, path, run), _words(project, run)))
        path = run.path
    what = f"'{written(project, event.site)}' is called"
    return (*steps, Related(spot_of(project, event.site), what))


def _words(project: Project, run: Run) -> str:
    scope = python_of(project, run.path).scopes[run.scope]
    if run.scope == 0:
        return f"imports {run.path}"
    if scope.kind == "class":
        return f"defines '{scope.qualname}'"
    how = "hands over" if run.held else "runs"
    return f"{how} '{scope.qualname}'"


def _spot_of_run(project: Project, path: str, run: Run) -> Spot:
    if run.call >= 0:
        return spot_of(project, Site(path, run.call, ""))
    return Spot(path, Span(run.line, 0), code=True)
