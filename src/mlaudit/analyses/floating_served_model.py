"""Services that load whatever version of a model is newest.

    uris: REGEX          # texts that ask for the newest, wherever they stand
    artifacts: REGEX     # the same, as an argument of one of `fetching`
    fetching: REGEX      # names of calls that fetch an artifact
    labels: REGEX        # names of calls that take `version="latest"` and the like
    calls: {CALLEE: ARGUMENT}  # calls that give the newest unless they are given this
    paths: REGEX         # the same, as an argument of a call that loads a model
    commands: REGEX      # commands that serve, with a group `uri`
    values:              # the same in documents: by the key and the value
      - {key: REGEX, value: REGEX}

Of code only what a handler's module comes to counts, and no default that the environment or a
caller may set anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlaudit.analyses.container_starts import ASIDE
from mlaudit.facts.records import Entry, Span
from mlaudit.facts.syntax import Global, PythonFacts, Text
from mlaudit.knowledge import Names, api_table
from mlaudit.project.linking.steps import Half, Key, Site
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Rule, Spot
from mlaudit.rules.parameters import regex
from mlaudit.rules.values import whole_texts

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_DEFAULTS = re.compile(
    r"(?:^|\.)(?:getenv|get|setdefault|pop|add_argument|[oO]ption|Argument|Field|env|config|getattr)$"
)
"""Calls that are given a value for the case that nobody sets another."""
_SETTINGS = re.compile(r"Settings$")
_WORD = "latest"
_VERSIONS = frozenset({"version", "label", "alias", "model_version"})
_IN_TEXT = re.compile(r"\bmodels:/[^/@\s\"']+/latest(?![\w.-])")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each place that names the newest model."""
    if not project.serving.served:
        return
    data: Mapping[str, Any] = rule.detect["analysis"]
    found = (
        *_in_code(project, data),
        *_by_calls(project, data),
        *_in_documents(project, data),
        *_in_commands(project, data),
        *_in_images(project),
    )
    for spot, text in found:
        context = project.files[spot.path].context.value
        if context in rule.contexts and project.repo.selected(spot.path):
            yield Match(rule.id, spot, {"text": text})


# code


def _in_code(project: Project, data: Mapping[str, Any]) -> Iterator[tuple[Spot, str]]:
    found = [
        (facts.path, text)
        for facts in project.sights.counted
        if facts.python is not None and any(_WORD in one.value for one in facts.python.texts)
        for text in whole_texts(facts.python)
        if _WORD in text.value and _asks(text, data)
    ]
    served = _served(project) if found else frozenset()
    for path, text in found:
        python = project.facts[path].python
        assert python is not None
        scope = python.scope_of(text.block)
        if (path, scope) in served and not _is_default(python, text, scope):
            span = Span(text.line, text.column, text.end_line, text.end_column)
            yield Spot(path, span, code=True), text.value


def _asks(text: Text, data: Mapping[str, Any]) -> bool:
    if regex(data["uris"]).search(text.value):
        return True
    if text.role not in ("argument", "format"):
        return False
    if text.value == _WORD:
        labelled = text.name in _VERSIONS and text.role == "argument"
        return labelled and regex(data["labels"]).search(text.callee) is not None
    if regex(data["fetching"]).search(text.callee):
        return regex(data["artifacts"]).search(text.value) is not None
    if text.callee in api_table("serving", "serving.loads"):
        return regex(data["paths"]).search(text.value) is not None
    return False


def _by_calls(project: Project, data: Mapping[str, Any]) -> Iterator[tuple[Spot, str]]:
    wanted: dict[str, str] = data["calls"]
    found = [
        (facts.path, call)
        for facts, call in project.sights.calls(Names(wanted))
        if call.keyword(wanted[call.callee]) is None and len(call.args) < _ALL and not call.open
    ]
    served = _served(project) if found else frozenset()
    for path, call in found:
        python = project.facts[path].python
        if python is not None and (path, python.scope_of(call.block)) in served:
            span = Span(call.line, call.column, call.end_line, call.end_column)
            yield Spot(path, span, code=True), call.callee.rpartition(".")[2]


_ALL = 2
"""Arguments by position with which the one that matters is among them."""


def _is_default(python: PythonFacts, text: Text, scope: int) -> bool:
    if text.role == "default":
        return True
    if _DEFAULTS.search(text.callee) and text.name not in _VERSIONS:
        return True
    bases = python.scopes[scope].bases
    return any(isinstance(one, Global) and _SETTINGS.search(one.name) for one in bases)


def _served(project: Project) -> frozenset[tuple[str, int]]:
    """Code that modules with a handler come to, their own functions among it."""
    graph = project.program.graph
    waiting: list[Key] = [
        (path, number, None, Half.WHOLE)
        for path in {one.path for one in project.serving.of_models}
        for number in range(len(project.program.resolver.index(path).facts.scopes))
    ]
    seen = set(waiting)
    while waiting:
        for step in graph.steps_of(waiting.pop(), False):
            if isinstance(step, Site):
                continue
            key = step.path, step.scope, step.owner, step.half
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return frozenset((path, scope) for path, scope, _, _ in seen)


# configuration


def _in_documents(project: Project, data: Mapping[str, Any]) -> Iterator[tuple[Spot, str]]:
    uris = regex(data["uris"])
    values = [(regex(one["key"]), regex(one["value"])) for one in data["values"]]
    for facts in project.sights.counted:
        document = facts.document
        if document is None or document.template or ASIDE.search(facts.path):
            continue
        before: Entry | None = None
        for entry in document.entries:
            key = _key(entry, before)
            before = entry
            text = entry.value
            if not isinstance(text, str) or _WORD not in text:
                continue
            named = any(name.search(key) and value.search(text) for name, value in values)
            if named or uris.search(text):
                yield Spot(facts.path, Span(entry.value_line, entry.value_column)), text


def _key(entry: Entry, before: Entry | None) -> str:
    """The name that a value is given under; in Kubernetes it stands above it."""
    key = str(entry.path[-1]) if entry.path else ""
    if key == "value" and before is not None and before.path == (*entry.path[:-1], "name"):
        return str(before.value)
    return key


def _in_images(project: Project) -> Iterator[tuple[Spot, str]]:
    """Variables that an image sets."""
    for facts in project.of_kind(Kind.DOCKERFILE):
        steps = facts.dockerfile.instructions if facts.dockerfile is not None else ()
        for step in steps if not ASIDE.search(facts.path) else ():
            found = _IN_TEXT.search(step.value) if step.keyword == "ENV" else None
            if found:
                yield Spot(facts.path, Span(step.span.line)), found[0]


def _in_commands(project: Project, data: Mapping[str, Any]) -> Iterator[tuple[Spot, str]]:
    serves = regex(data["commands"])
    for line in project.sights.commands:
        found = serves.search(line.text) if _WORD in line.text else None
        if found and not ASIDE.search(line.path) and not line.path.endswith(".ipynb"):
            yield Spot(line.path, Span(line.line)), found["uri"]
