"""Models that are read from disk, or fetched, anew for each request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.request_flow import Way, handlers, name_of, reached
from mlaudit.analyses.seeding_order import Event
from mlaudit.analyses.spots import related_path, spot_of
from mlaudit.facts.syntax import AnyValue, Const, Operation, PythonFacts, Result
from mlaudit.knowledge import api_table
from mlaudit.project.linking.calls import call_of, python_of
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.steps import Site, Trace
from mlaudit.project.project import Project
from mlaudit.project.serving.model import Handler
from mlaudit.project.values.flow import within
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Rule

_RELOADS = re.compile(
    r"(?i)(?<!up)(?<!down)load|refresh|update|switch|swap|warm|admin|deploy|promot|train"
    r"|(?<![a-z])(?:fit|init|setup|start)"
)
"""Routes and functions that are there to bring another model."""
_STORING = frozenset({"setdefault", "set", "put", "store", "append", "add", "register"})
_BRANCHES = frozenset({"if", "else", "case", "except"})
_COMPARES = frozenset({"==", "!="})


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each call, however many handlers come to it."""
    loads = api_table("serving", "serving.loads")
    paths = {facts.path for facts in in_context(project, rule)}
    told: set[tuple[str, int]] = set()
    for handler in handlers(project, rule):
        if _RELOADS.search(f"{handler.route or ''} {name_of(project, handler)}"):
            continue
        for site, trace in reached(project, handler):
            place = site.path, site.number
            if site.name not in loads or site.path not in paths or place in told:
                continue
            if _is_per_request(project, handler, site, trace):
                told.add(place)
                yield _match(project, rule, handler, site, trace)


def _match(project: Project, rule: Rule, handler: Handler, site: Site, trace: Trace) -> Match:
    entry = EntryPoint(handler.path, handler.scope, "handler", handler.line)
    values = {"callee": site.name, "handler": name_of(project, handler)}
    way = (
        related_path(project, entry, Event(site, trace)) if all(r.call >= 0 for r in trace) else ()
    )
    return Match(rule.id, spot_of(project, site), values, flow=way)


def _is_per_request(project: Project, handler: Handler, site: Site, trace: Trace) -> bool:
    way = Way(project, handler, site, trace)
    for depth, ((path, scope), number) in enumerate(zip(way.frames, way.calls, strict=True)):
        if number >= 0 and _may_be_kept(python_of(project, path), scope, number, depth > 0):
            return False
    call = call_of(project, site)
    given = (*call.args, *(value for _, value in call.keywords))
    return not any(way.is_of_request(value, len(way.calls) - 1) for value in given)


def _may_be_kept(python: PythonFacts, scope: int, number: int, helper: bool) -> bool:
    """Whether a call may run on the first request only, or its result outlive the request."""
    if _is_conditional(python, number) or _is_stored(python, scope, number):
        return True
    return helper and any(
        one.kind == "return" and one.after <= number and _branches(python, one.block)
        for one in python.statements
        if python.scope_of(one.block) == scope
    )


def _branches(python: PythonFacts, block: int) -> bool:
    while block >= 0:
        if python.blocks[block].kind in (*_BRANCHES, "try"):
            return True
        block = python.blocks[block].parent
    return False


def _is_conditional(python: PythonFacts, number: int) -> bool:
    """Under any test but a comparison with a text, which asks what the request is like."""
    block = python.calls[number].block
    while block >= 0:
        one = python.blocks[block]
        if one.kind in _BRANCHES and not _compares_text(one.value):
            return True
        block = one.parent
    return False


def _compares_text(test: AnyValue | None) -> bool:
    if not isinstance(test, Operation):
        return False
    if test.kind in ("and", "or"):
        return all(map(_compares_text, test.operands))
    texts = (isinstance(one, Const) and isinstance(one.value, str) for one in test.operands)
    return test.kind in _COMPARES and any(texts)


def _is_stored(python: PythonFacts, scope: int, number: int) -> bool:
    """Bound to what outlives the function, chosen only if nothing is there, or put into a store."""
    result = Result(number)
    shared = {b.name for b in python.bindings if b.kind == "global"}
    for binding in python.bindings:
        if binding.after < number or result not in within(binding.value):
            continue
        outside = binding.name in shared or binding.kind == "item" or "." in binding.name
        own = binding.name.startswith("self.") and python.scopes[scope].name == "__init__"
        if (outside and not own) or _is_chosen(binding.value, result):
            return True
    values = (one.value for one in python.statements if one.kind == "return")
    if any(_is_chosen(value, result) for value in values):
        return True
    return any(
        result in call.args
        and (call.method or call.local or call.callee).rpartition(".")[2] in _STORING
        for call in python.calls
    )


def _is_chosen(value: AnyValue, result: Result) -> bool:
    """`known or load()`, `known if known else load()`."""
    return any(
        isinstance(one, Operation) and one.kind in ("or", "if") and result in within(one)
        for one in within(value)
    )
