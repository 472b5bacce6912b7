"""Metrics that a loop records without a step: all points lie at step 0."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.step_helpers import Row, is_constant, unstepped_callers
from mlaudit.analyses.step_loops import Loop, index_of, loop_beside, loop_of_caller
from mlaudit.facts.records import Span
from mlaudit.facts.syntax import (
    Call,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import api_rows
from mlaudit.project.linking.calls import python_of
from mlaudit.project.linking.resolution import PARTIAL
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.project.runs.extents import is_within
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule, Spot

PACKAGES = ("mlflow", "tensorboardX", "torch.utils.tensorboard")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each call that gives a constant name and no step, in a loop over steps."""
    for file in in_context(project, rule):
        if file.python is None or not _imports(file.python):
            continue
        for number, call in enumerate(file.python.calls):
            name = call.callee or _indirect(project, file.path, number, call)
            if name in _rows() and not _is_library(project, file.path):
                yield from _matches(project, rule, Site(file.path, number, name), file.python)


def _matches(project: Project, rule: Rule, site: Site, python: PythonFacts) -> Iterator[Match]:
    call = python.calls[site.number]
    if _lacks_step(python, site.name, call):
        loop = loop_beside(project, site) or loop_of_caller(project, site)
        if loop is not None:
            yield _match(project, rule, site, loop, _index(project, site, loop))
    (key, key_at), (step, step_at) = _rows()[site.name].items()
    if call.callee:
        for caller in unstepped_callers(project, site.path, call, Row(key, key_at, step, step_at)):
            loop = loop_beside(project, caller)
            if loop is not None:
                yield _match(project, rule, caller, loop, "")


def _imports(python: PythonFacts) -> bool:
    return any(item.target.startswith(PACKAGES) for item in python.imports)


def _is_library(project: Project, path: str) -> bool:
    from mlaudit.project.nature import Nature

    return project.nature(project.environment.root_of(path)) is Nature.LIBRARY


@cache
def _rows() -> dict[str, dict[str, int]]:
    return api_rows("tracking", "tracking.stepped")


def _indirect(project: Project, path: str, number: int, call: Call) -> str:
    """What a name stands for that functools.partial was bound to."""
    python = python_of(project, path)
    if not call.local or "." in call.local or _partial(python, call) is None:
        return ""
    return project.program.callee(path, number)


def _partial(python: PythonFacts, call: Call) -> Call | None:
    for binding in python.bindings:
        if binding.name == call.local and isinstance(binding.value, Result):
            made = python.calls[binding.value.call]
            if made.callee == PARTIAL:
                return made
    return None


def _lacks_step(python: PythonFacts, name: str, call: Call) -> bool:
    """Whether the name of the metric is constant and no step is given."""
    first = None if call.callee else _partial(python, call)
    args = (*first.args[1:], *call.args) if first else call.args
    keywords = dict((*first.keywords, *call.keywords) if first else call.keywords)
    if call.open or (first is not None and first.open):
        return False
    (what, at), (step, place) = _rows()[name].items()
    if step in keywords or len(args) > place:
        return False
    key = keywords.get(what, args[at] if len(args) > at else None)
    return key is not None and is_constant(key)


def _match(project: Project, rule: Rule, site: Site, loop: Loop, index: str) -> Match:
    """`index` is the name that a fix may give as the step; empty where there is none."""
    line = python_of(project, loop.path).blocks[loop.block].line
    related = Related(Spot(loop.path, Span(line, 0), code=True), "the loop")
    values = {"callee": site.name, "argument": list(_rows()[site.name])[1], "index": index}
    return Match(rule.id, spot_of(project, site), values, related=(related,))


def _index(project: Project, site: Site, loop: Loop) -> str:
    """What counts the passes, if it can be used where the call stands."""
    python = python_of(project, site.path)
    beside = loop.path == site.path and is_within(
        python, python.calls[site.number].block, loop.block
    )
    return index_of(python, loop.block) if beside else ""
