"""What runs for each request: from a handler through the code of the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.syntax import AnyValue, Global, Local, PythonFacts, Result
from mlaudit.project.linking.calls import python_of
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.linking.steps import Half, Key, Run, Site, Trace
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.project.serving.model import Handler
from mlaudit.project.values.flow import Held, parts
from mlaudit.project.values.given import argument
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Rule

_INJECTS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends"})
_REQUEST = ("flask.request", "quart.request", "bottle.request")
_KEEPS = re.compile(r"(?i)cache|memo|singleton|once")
_METHODS = ("self", "cls")


def handlers(project: Project, rule: Rule) -> Iterator[Handler]:
    """The functions that answer requests in modules that reach a model, where the rule applies.

    What a library serves is for whoever runs it to look after.
    """
    answering = project.serving.of_models
    paths = {facts.path for facts in in_context(project, rule)} if answering else ()
    for handler in answering:
        if handler.path not in paths or scope_kind(project, handler) != "function":
            continue
        if project.nature(project.environment.root_of(handler.path)) is not Nature.LIBRARY:
            yield handler


def scope_kind(project: Project, handler: Handler) -> str:
    return python_of(project, handler.path).scopes[handler.scope].kind


def name_of(project: Project, handler: Handler) -> str:
    return python_of(project, handler.path).scopes[handler.scope].qualname


def reached(project: Project, handler: Handler) -> Iterator[tuple[Site, Trace]]:
    """The calls that answering one request makes, each scope once, with the way to them.

    Bodies of modules run once for all requests, and so does a function whose results are cached.
    """
    graph = project.program.graph
    start: Key = (handler.path, handler.scope, None, Half.WHOLE)
    seen = {start}
    here: Trace = ()
    stack = [(iter([*_injected(project, handler), *graph.steps_of(start, False)]), here)]
    while stack:
        steps, here = stack[-1]
        for step in steps:
            if isinstance(step, Site):
                yield step, here
                continue
            key = step.path, step.scope, step.owner, step.half
            if key in seen or not _runs_each_time(project, step):
                continue
            seen.add(key)
            stack.append((iter(graph.steps_of(key, False)), (*here, step)))
            break
        else:
            stack.pop()


def _injected(project: Project, handler: Handler) -> Iterator[Run]:
    """Functions whose results FastAPI passes to a handler: it runs them for each request."""
    python = python_of(project, handler.path)
    scope = python.scopes[handler.scope]
    for parameter in scope.parameters:
        if isinstance(parameter.default, Result):
            call = python.calls[parameter.default.call]
            if call.callee in _INJECTS and call.args:
                resolver = project.program.resolver
                found = resolver.value(handler.path, call.args[0], scope.parent)
                if isinstance(found, Definition) and found.scope:
                    yield Run(found.path, found.scope, call.line, held=True)


def _runs_each_time(project: Project, run: Run) -> bool:
    python = python_of(project, run.path)
    scope = python.scopes[run.scope]
    if run.scope == 0 or scope.kind == "class":
        return False
    owner = python.scopes[scope.parent]
    decorators = (*scope.decorators, *(owner.decorators if owner.kind == "class" else ()))
    return not any(_KEEPS.search(written(python, one)) for one in decorators)


def written(python: PythonFacts, value: AnyValue) -> str:
    """The name of a decorator, a base or a callee, as the file has it."""
    if isinstance(value, Result):
        call = python.calls[value.call]
        return call.callee or call.local or call.method
    return value.name if isinstance(value, Local | Global) else ""


class Way:
    """The functions between a handler and a call, and what each passes to the next."""

    def __init__(self, project: Project, handler: Handler, site: Site, trace: Trace) -> None:
        self._project = project
        self.frames = [(handler.path, handler.scope)] + [(run.path, run.scope) for run in trace]
        self.calls = [run.call for run in trace] + [site.number]
        """In each of the frames: the call that leads on; -1 where the framework makes it."""

    def is_of_request(self, value: AnyValue, depth: int) -> bool:
        """Whether a value, an argument of the call of a frame, may stem from the request."""
        path, scope = self.frames[depth]
        flow = self._project.program.values.flow(path)
        calls = flow.python.calls

        def before(held: Held) -> list[Held] | None:
            if isinstance(held.value, Result):
                call = calls[held.value.call]
                given = [*call.args, *(one for _, one in call.keywords)]
                base = call.receiver or (
                    Local(call.local.rpartition(".")[0]) if call.local else None
                )
                more = [Global(call.callee), *([base] if base is not None else [])]
                place = flow.at_call(held.value.call)
                return [Held(one, place) for one in [*given, *more]]
            inner = parts(held.value)
            return [Held(one, held.place) for one in inner] if inner else None

        start = Held(value, flow.at_call(self.calls[depth]))
        return any(
            self._ends_in_request(end.value, scope, path, depth)
            for end in flow.trace(start, before)
        )

    def _ends_in_request(self, value: AnyValue, scope: int, path: str, depth: int) -> bool:
        if isinstance(value, Global):
            return value.name.startswith(_REQUEST)
        if not isinstance(value, Local):
            return False
        root = value.name.partition(".")[0]
        parameters = python_of(self._project, path).scopes[scope].parameters
        if root in _METHODS or not any(one.name == root for one in parameters):
            return False
        return depth == 0 or self._is_passed(root, scope, path, depth)

    def _is_passed(self, name: str, scope: int, path: str, depth: int) -> bool:
        number = self.calls[depth - 1]
        if number < 0:
            return False
        call = python_of(self._project, self.frames[depth - 1][0]).calls[number]
        one = python_of(self._project, path).scopes[scope]
        method = bool(one.parameters) and one.parameters[0].name in _METHODS
        given = argument(call, number, one, name, method)
        return given is None or (given.call >= 0 and self.is_of_request(given.value, depth - 1))
