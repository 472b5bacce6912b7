"""What a practice is asked of: services, served models, deployments, programs that train."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from mlaudit.facts.records import Span
from mlaudit.project.roots import within
from mlaudit.repo.kinds import is_compose_file
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Spot

if TYPE_CHECKING:
    from mlaudit.project.practices.kubernetes import Thing
    from mlaudit.project.project import Project
    from mlaudit.project.serving.model import Handler

_WORKLOADS = frozenset({"apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout"})
_RELEASED = frozenset({Kind.YAML, Kind.JSON, Kind.TOML, Kind.PYTHON, Kind.TEXT})
"""An image, a script or a Makefile says how to serve, and not where."""
_ANSWERS = re.compile(
    r"(?i)predict|infer|invocations|scor|classif|generat|embed|recommend|forecast|detect|complet"
)
_LOOKS = re.compile(r"(?i)health|ready|live|ping|status|metrics|version|home|root|index|^/$|docs")


class Object(Struct, frozen=True):
    spot: Spot
    name: str
    """Of the handler or file, for a message."""
    framework: str = ""
    scope: int = -1
    """Of a handler."""


def objects(project: Project, of: str, wanted: Callable[[str], bool]) -> Iterator[Object]:
    """All of one sort in files that are wanted; nobody runs what is in notebooks by itself."""

    def holds(path: str) -> bool:
        return not path.endswith(".ipynb") and wanted(path)

    if of == "trainings":
        yield from _trainings(project, holds)
        return
    found = {"services": _services, "models": _models, "deployments": _deployments}[of](project)
    yield from (one for one in found if holds(one.spot.path))


def _in_file(path: str, line: int) -> Object:
    return Object(Spot(path, Span(line)), path.rpartition("/")[2])


def _services(project: Project) -> Iterator[Object]:
    named = [(one, _name(project, one)) for one in project.serving.of_models]
    for one, name in sorted(named, key=lambda pair: _rank(*pair)):
        spot = Spot(one.path, Span(one.line, 0), code=True)
        yield Object(spot, one.route or name, one.framework, one.scope)


def _name(project: Project, handler: Handler) -> str:
    return project.program.resolver.index(handler.path).facts.scopes[handler.scope].name


def _rank(handler: Handler, name: str) -> int:
    """The handlers that most likely ask a model come first."""
    words = (name, handler.route or "")
    if any(map(_ANSWERS.search, words)):
        return 0
    if any(map(_LOOKS.search, words)):
        return 3
    return 1 if "POST" in handler.methods else 2


def _models(project: Project) -> Iterator[Object]:
    yield from _services(project)
    for unit in project.serving.units:
        yield _in_file(unit.path, unit.line)


def _deployments(project: Project) -> Iterator[Object]:
    if not project.serving.served:
        return
    from mlaudit.project.practices.deploying import deploy_commands

    for unit in project.serving.units:
        if project.files[unit.path].kind in _RELEASED and not is_compose_file(unit.path):
            yield _in_file(unit.path, unit.line)
    roots = {project.environment.root_of(one.path).path for one in project.serving.of_models}
    for thing in project.sights.objects:
        if thing.kind in _WORKLOADS and _runs_image(thing):
            home = project.environment.root_of(thing.path).path
            if any(within(home, root) or within(root, home) for root in roots):
                yield _in_file(thing.path, thing.line)
    for command in deploy_commands(project.sights):
        yield _in_file(command.path, command.line)


def _runs_image(thing: Thing) -> bool:
    """A patch of Kustomize names no image: it changes another object."""
    return any(entry.path[-1:] == ("image",) for entry in thing.entries)


def _trainings(project: Project, wanted: Callable[[str], bool]) -> Iterator[Object]:
    for entry in project.program.entry_points:
        if wanted(entry.path) and project.program.fits(entry):
            name = entry.path.rpartition("/")[2]
            yield Object(Spot(entry.path, Span(entry.line, 0), code=True), name)
