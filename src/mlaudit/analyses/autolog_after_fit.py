"""Autologging that is switched on when all is fitted."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.spots import spot_of
from mlaudit.facts.syntax import Const, PythonFacts
from mlaudit.knowledge import api_table
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.project.runs.extents import is_within
from mlaudit.project.runs.runs import imports_any
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule

STRAIGHT = frozenset({"body", "with", "try"})
FRAMEWORKS = {
    "sklearn": ("sklearn", "imblearn"),
    "pytorch": ("lightning", "pytorch_lightning"),
    "tensorflow": ("tensorflow", "keras"),
    "keras": ("tensorflow", "keras"),
    "xgboost": ("xgboost",),
    "lightgbm": ("lightgbm",),
    "statsmodels": ("statsmodels",),
    "transformers": ("transformers",),
}
"""Packages whose fits the autologging of a flavour sees. Of `mlflow.autolog`: all of them."""
TRAINS = frozenset({"fit", "train", "partial_fit", "fit_transform", "fit_predict", "run", "main"})
"""Names of unresolved calls that may train."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each call of autologging after which nothing is fitted, but before it."""
    for file in in_context(project, rule):
        if file.python is None or not imports_any(file.python, ("mlflow",)):
            continue
        for number, call in enumerate(file.python.calls):
            site = Site(file.path, number, call.callee)
            enabled = call.keyword("disable") in (None, Const(False)) and not call.open
            if enabled and call.callee in api_table("tracking", "tracking.autolog"):
                fit = _last_fit_before(project, file.python, site)
                if fit is not None and not _trains_later(project, site):
                    related = Related(spot_of(project, fit), "the model is fitted here")
                    values = {"callee": call.callee}
                    yield Match(rule.id, spot_of(project, site), values, related=(related,))


def _last_fit_before(project: Project, python: PythonFacts, site: Site) -> Site | None:
    """The last fit on the straight way to the call, in the same function or what it calls."""
    block = python.calls[site.number].block
    if not _is_straight(python, block):
        return None
    scope = python.blocks[block].scope
    steps = [
        step
        for step in project.program.graph.steps(site.path, scope, as_program=True)
        if 0 <= (number := step.number if isinstance(step, Site) else step.call) < site.number
        and is_within(python, block, python.calls[number].block)
    ]
    sites = [found for found, _ in project.runs.follow(steps, {(site.path, scope)})]
    fits = [fit for fit in project.program.fits_among(sites) if _is_seen(site.name, fit.name)]
    return fits[-1] if fits else None


def _is_straight(python: PythonFacts, block: int) -> bool:
    while block >= 0:
        if python.blocks[block].kind not in STRAIGHT and not _is_guard(python, block):
            return False
        block = python.blocks[block].parent
    return True


def _is_guard(python: PythonFacts, block: int) -> bool:
    from mlaudit.project.linking.entry_points import main_guard

    return main_guard(python) == block


def _is_seen(autolog: str, fit: str) -> bool:
    flavour = autolog.removeprefix("mlflow.").partition(".")[0]
    packages = FRAMEWORKS.get(flavour, ())
    if flavour == "autolog":
        packages = tuple(name for several in FRAMEWORKS.values() for name in several)
    return fit.partition(".")[0] in packages


def _trains_later(project: Project, site: Site) -> bool:
    """Whether something is fitted after the call, or may be, in any program that comes to it."""
    python = project.runs.python.get(site.path)
    if python is None:
        return True
    scope = python.blocks[python.calls[site.number].block].scope
    ways = [
        project.program.reach(entry).sites
        for entry in project.program.entry_points
        if (site.path, scope) in project.program.reach(entry).scopes
    ]
    steps = project.program.graph.steps(site.path, scope, as_program=True)
    ways.append(tuple(found for found, _ in project.runs.follow(steps, {(site.path, scope)})))
    if scope and len(ways) == 1:
        return True  # nobody knows who calls the function, and what comes after
    return any(_fits_after(project, site, way) for way in ways)


def _fits_after(project: Project, site: Site, way: tuple[Site, ...]) -> bool:
    places = [(one.path, one.number) for one in way]
    if (site.path, site.number) not in places:
        return True
    later = way[places.index((site.path, site.number)) + 1 :]
    if project.program.fits_among(later):
        return True
    return any(_may_train(project, one) for one in later if not one.name and not one.local)


def _may_train(project: Project, site: Site) -> bool:
    python = project.facts[site.path].python
    assert python is not None
    call = python.calls[site.number]
    return (call.local or call.method).rpartition(".")[2] in TRAINS
