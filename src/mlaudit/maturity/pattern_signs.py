"""Signs that only the patterns of training, serving and monitoring ask for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View

BODIES = frozenset({"POST", "PUT", "PATCH"})
"""Methods of HTTP that bring a body."""


def route_of_a_model(view: View) -> Iterator[Evidence]:
    routes = (one for one in view.project.serving.of_models if one.path in view.files)
    for one in islice(routes, MOST):
        line = view.project.facts[one.path].raw_line(one.line)
        yield Evidence(True, f"{one.framework} answers with a model", one.path, line)


def body_for_a_model(view: View) -> Iterator[Evidence]:
    """A route that is sent a body; what stands in an address is declared by the route itself."""
    for one in view.project.serving.of_models:
        if one.path in view.files and not BODIES.isdisjoint(one.methods):
            line = view.project.facts[one.path].raw_line(one.line)
            yield Evidence(True, f"{one.framework} hands a body to a model", one.path, line)
            return
