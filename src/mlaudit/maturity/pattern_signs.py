"""Signs that only the patterns of training, serving and monitoring ask for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View


def route_of_a_model(view: View) -> Iterator[Evidence]:
    routes = (one for one in view.project.serving.of_models if one.path in view.files)
    for one in islice(routes, MOST):
        line = view.project.facts[one.path].raw_line(one.line)
        yield Evidence(True, f"{one.framework} answers with a model", one.path, line)
