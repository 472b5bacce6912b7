"""What a practice is asked of: services, served models, deployments, programs that train."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from mlaudit.facts.records import Span
from mlaudit.rules.model import Spot

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_WORKLOADS = frozenset({"apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout"})


class Object(Struct, frozen=True):
    spot: Spot
    says: str
    """For a message."""
    framework: str = ""
    scope: int = -1
    """Of a handler."""


def objects(project: Project, of: str) -> Iterator[Object]:
    """All of one sort in use, those in notebooks left out: nobody runs them by themselves."""
    found = {
        "services": _services,
        "models": _models,
        "deployments": _deployments,
        "trainings": _trainings,
    }[of](project)
    return (one for one in found if not one.spot.path.endswith(".ipynb"))


def _services(project: Project) -> Iterator[Object]:
    for one in project.serving.of_models:
        name = one.route or project.program.resolver.index(one.path).facts.scopes[one.scope].name
        spot = Spot(one.path, Span(one.line, 0), code=True)
        yield Object(spot, name, one.framework, one.scope)


def _models(project: Project) -> Iterator[Object]:
    yield from _services(project)
    for unit in project.serving.units:
        yield Object(Spot(unit.path, Span(unit.line)), unit.says)


def _deployments(project: Project) -> Iterator[Object]:
    if not project.serving.served:
        return
    from mlaudit.project.deploying import deploy_commands

    for unit in project.serving.units:
        yield Object(Spot(unit.path, Span(unit.line)), unit.says)
    for thing in project.sights.objects:
        if thing.kind in _WORKLOADS:
            says = f"a Kubernetes object of kind {thing.name}"
            yield Object(Spot(thing.path, Span(thing.line)), says)
    for command in deploy_commands(project.sights):
        yield Object(Spot(command.path, Span(command.line)), command.says)


def _trainings(project: Project) -> Iterator[Object]:
    for entry in project.program.entry_points:
        if project.program.fits(entry):
            name = entry.path.rpartition("/")[2]
            yield Object(Spot(entry.path, Span(entry.line, 0), code=True), name)
