"""What answers requests with a model. A web application that never reaches one does not count."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.syntax import PythonFacts
from mlaudit.knowledge import api_table
from mlaudit.project.linking.steps import Half, Key, Site
from mlaudit.project.practices.tools import COUNTED
from mlaudit.project.serving.handlers import AGREED, Handlers, agreed
from mlaudit.project.serving.model import Handler, Unit
from mlaudit.project.serving.units import units

if TYPE_CHECKING:
    from mlaudit.project.project import Project

ASKING = frozenset({"predict", "predict_proba", "predict_model", "infer", "load_model"})
"""Names by which one knows a model, whatever made it."""


class Serving:
    """Handlers and units of the repository. Each part is looked for when first asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._asked: dict[str, bool] = {}

    @cached_property
    def served(self) -> bool:
        """Whether anything in use answers requests with a model."""
        return bool(self.of_models) or bool(self.units)

    @cached_property
    def handlers(self) -> tuple[Handler, ...]:
        """All that answer requests, with a model or without: one for each function and route."""
        found: dict[tuple[str, int], dict[str | None, Handler]] = {}
        looking = Handlers(self._project.program.resolver) if self._frameworks else None
        for path, python in self._in_use():
            if looking is not None and self._may_serve(path, python):
                for one in looking.web(path, python):
                    found.setdefault((one.path, one.scope), {}).setdefault(one.route, one)
            if _has_agreed(python):
                for one in agreed(path, python):
                    found.setdefault((one.path, one.scope), {}).setdefault(None, one)
        for routes in found.values():
            if len(routes) > 1:
                routes.pop(None, None)  # a method of a view, which is told its route elsewhere
        return tuple(
            routes[route]
            for _, routes in sorted(found.items())
            for route in sorted(routes, key=str)
        )

    @cached_property
    def of_models(self) -> tuple[Handler, ...]:
        """The handlers of modules that reach a model."""
        servers = api_table("serving", "serving.model-servers")
        return tuple(
            one for one in self.handlers if one.framework in servers or self._reaches(one.path)
        )

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Manifests, commands and calls by which a model answers, one for each place."""
        found = {(unit.path, unit.line): unit for unit in units(self._project)}
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def demos(self) -> tuple[str, ...]:
        """Files that show a model to people at a screen, in Gradio or Streamlit."""
        demos = api_table("serving", "serving.demos")
        return tuple(
            path
            for path, python in self._in_use()
            if any(item.target.partition(".")[0] in demos for item in python.imports)
        )

    def _in_use(self) -> Iterator[tuple[str, PythonFacts]]:
        for path, facts in self._project.facts.items():
            if facts.python is not None and self._project.files[path].context in COUNTED:
                yield path, facts.python

    @cached_property
    def _frameworks(self) -> frozenset[str]:
        """Files that import a web framework or a model server."""
        roots = api_table("serving", "serving.roots")
        modules = self._project.program.resolver.modules
        return frozenset(
            path
            for path, python in self._in_use()
            if any(
                item.target.partition(".")[0] in roots and modules.find(item.target, path) is None
                for item in python.imports
            )
        )

    def _may_serve(self, path: str, python: PythonFacts) -> bool:
        """Handlers stand where a framework is imported, or what another file made with it."""
        return path in self._frameworks or any(
            module is not None and module.path in self._frameworks
            for module in (
                self._project.program.resolver.modules.find(item.target, path)
                for item in python.imports
            )
        )

    # models

    def _reaches(self, path: str) -> bool:
        """Whether code of a module comes to a call that loads or asks a model."""
        known = self._asked.get(path)
        if known is None:
            known = self._asked[path] = self._look_from(path)
        return known

    def _look_from(self, path: str) -> bool:
        graph = self._project.program.graph
        scopes = self._project.program.resolver.index(path).facts.scopes
        waiting: list[Key] = [(path, number, None, Half.WHOLE) for number in range(len(scopes))]
        seen = set(waiting)
        while waiting:
            for step in graph.steps_of(waiting.pop(), False):
                if isinstance(step, Site):
                    if self._is_model(step):
                        return True
                    continue
                key = step.path, step.scope, step.owner, step.half
                if key not in seen:
                    seen.add(key)
                    waiting.append(key)
        return False

    def _is_model(self, site: Site) -> bool:
        if site.local:
            return False
        if site.name in api_table("serving", "serving.loads"):
            return True
        if site.name in api_table("serving", "serving.answers"):
            return True
        python = self._python(site.path)
        call = python.calls[site.number]
        return (call.local or call.callee or call.method).rpartition(".")[2] in ASKING

    def _python(self, path: str) -> PythonFacts:
        return self._project.program.resolver.index(path).facts


def _has_agreed(python: PythonFacts) -> bool:
    return any(scope.name in AGREED for scope in python.scopes)
