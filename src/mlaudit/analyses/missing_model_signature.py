"""Models that are logged without saying what they take and give."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.spots import spot_of
from mlaudit.facts.syntax import Call, Const, PythonFacts
from mlaudit.knowledge import api_table
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.linking.steps import Site
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.project.runs.runs import imports_any
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Rule

SAYING = ("signature", "input_example")
MOST_POSITIONAL = 3
"""More positional arguments than these may hold a signature."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each such call."""
    table = api_table("tracking", "tracking.signed-models")
    for file in in_context(project, rule):
        if file.python is None or not imports_any(file.python, ("mlflow",)):
            continue
        for number, call in enumerate(file.python.calls):
            if call.callee not in table or _says(call):
                continue
            site = Site(file.path, number, call.callee)
            if not _is_told_elsewhere(project, file.python, site) and not _is_library(
                project, file.path
            ):
                yield Match(rule.id, spot_of(project, site), {"callee": call.callee})


def _says(call: Call) -> bool:
    if call.open or len(call.args) > MOST_POSITIONAL:
        return True
    return any(call.keyword(name) not in (None, Const(None)) for name in SAYING)


def _is_library(project: Project, path: str) -> bool:
    return project.nature(project.environment.root_of(path)) is Nature.LIBRARY


def _is_told_elsewhere(project: Project, python: PythonFacts, site: Site) -> bool:
    call = python.calls[site.number]
    if site.name == "mlflow.pyfunc.log_model" and _may_be_typed(project, site.path, call):
        return True
    scope = python.blocks[call.block].scope
    paths = {site.path}
    for entry in project.program.entry_points:
        reached = project.program.reach(entry)
        if (site.path, scope) in reached.scopes:
            paths |= {path for path, _ in reached.scopes}
    setters = api_table("tracking", "tracking.sets-signature")
    autologs = api_table("tracking", "tracking.autolog")
    return any(
        other.callee in setters or (other.callee in autologs and path == site.path)
        for path in paths
        if (code := project.facts[path].python) is not None
        for other in code.calls
    )


def _may_be_typed(project: Project, path: str, call: Call) -> bool:
    """Whether `predict` has type hints, which MLflow makes a signature of, or is not in sight."""
    model = call.keyword("python_model")
    if model is None:
        return True
    python = project.facts[path].python
    assert python is not None
    scope = python.blocks[call.block].scope
    resolver = project.program.resolver
    made_by = resolver.made_by(path, model, scope)
    target = made_by if made_by is not None else resolver.value(path, model, scope)
    if not isinstance(target, Definition):
        return True
    kind = resolver.index(target.path).facts.scopes[target.scope].kind
    predict = resolver.method(target, "predict") if kind == "class" else target
    if not isinstance(predict, Definition):
        return True
    code = resolver.index(predict.path).facts
    return any(
        parameter.annotation is not None for parameter in code.scopes[predict.scope].parameters
    )
