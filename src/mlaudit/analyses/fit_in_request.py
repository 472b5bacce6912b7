"""Preprocessing that is fitted anew on the data of each request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.request_flow import Way, handlers, name_of, reached
from mlaudit.analyses.spots import spot_of
from mlaudit.facts.syntax import Call, PythonFacts
from mlaudit.knowledge import api_table
from mlaudit.project.linking.calls import call_of
from mlaudit.project.linking.steps import Site, Trace
from mlaudit.project.project import Project
from mlaudit.project.serving.model import Handler
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Rule

_TRAINS = re.compile(
    r"(?i)train|fit|learn|updat|calibrat|tun|cluster|segment|explain|analy|compar|similar|feedback|project|reduc"
)
"""Routes and functions that are there to fit something, or for what has no past to learn from."""
_ASKS = frozenset({"predict", "predict_proba", "decision_function"})


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each call that fits what another object then predicts with."""
    fits = api_table("serving", "serving.fits")
    paths = {facts.path for facts in in_context(project, rule)}
    told: set[tuple[str, int]] = set()
    for handler in handlers(project, rule):
        if _TRAINS.search(f"{handler.route or ''} {name_of(project, handler)}"):
            continue
        for site, trace in _outside_training(project, handler):
            place = site.path, site.number
            if site.name not in fits or site.path not in paths or place in told:
                continue
            if _is_of_request(project, handler, site, trace) and _is_asked(
                project, handler, site, trace
            ):
                told.add(place)
                values = {"callee": site.name, "handler": name_of(project, handler)}
                yield Match(rule.id, spot_of(project, site), values)


def _outside_training(project: Project, handler: Handler) -> list[tuple[Site, Trace]]:
    """The calls that a handler makes; none where it trains the model that it asks."""
    learns = api_table("training", "training.fits")
    prepares = api_table("training", "training.transforms")
    found = list(reached(project, handler))
    trains = any(site.name in learns and site.name not in prepares for site, _ in found)
    return [] if trains else found


def _is_of_request(project: Project, handler: Handler, site: Site, trace: Trace) -> bool:
    """Whether what is fitted on comes with the request."""
    call = call_of(project, site)
    way = Way(project, handler, site, trace)
    return bool(call.args) and way.is_of_request(call.args[0], len(way.calls) - 1)


def _is_asked(project: Project, handler: Handler, site: Site, trace: Trace) -> bool:
    """Whether something else, which was fitted before, predicts in one of the functions around."""
    fitted = _receiver(call_of(project, site))
    scopes = {(handler.path, handler.scope), *((run.path, run.scope) for run in trace)}
    return any(
        _last(call) in _ASKS and _receiver(call) != fitted
        for path, scope in scopes
        for call in _calls(project.program.values.python(path), scope)
    )


def _calls(python: PythonFacts, scope: int) -> Iterator[Call]:
    return (call for call in python.calls if python.scope_of(call.block) == scope)


def _last(call: Call) -> str:
    return call.method or (call.local or call.callee).rpartition(".")[2]


def _receiver(call: Call) -> str:
    return call.local.rpartition(".")[0]
