"""Functions that answer requests: by decorators, registering calls, classes and agreed names."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Collection,
    Const,
    Global,
    Local,
    PythonFacts,
    Result,
    Scope,
)
from mlaudit.knowledge import api_table
from mlaudit.project.linking.resolution import Definition, External, Resolver
from mlaudit.project.serving.model import Handler
from mlaudit.project.serving.tables import Arguments, rows

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head"})
LAMBDA = frozenset({"lambda_handler", "handler"})
AGREED = frozenset({"model_fn", "init", *LAMBDA})
"""One of these is defined where a platform finds a handler by its name."""
SAGEMAKER = frozenset({"input_fn", "predict_fn", "output_fn", "transform_fn"})
WRAPPED = "fastapi.FastAPI.add_api_route"
_FARTHEST = 8
"""Bases that are climbed from one class."""


class Handlers:
    """Looks through single files for what answers requests."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def web(self, path: str, python: PythonFacts) -> Iterator[Handler]:
        """Handlers of a file, for servers whose names it resolves."""
        for number, scope in enumerate(python.scopes):
            if scope.kind == "function":
                yield from self._decorated(path, python, number, scope)
            elif scope.kind == "class":
                yield from self._of_class(path, python, number, scope)
        words = rows("serving.route-calls").words
        for number, call in enumerate(python.calls):
            if (call.callee or call.local or call.method).rpartition(".")[2] in words:
                yield from self._registered(path, python, number, call)

    # decorators

    def _decorated(
        self, path: str, python: PythonFacts, number: int, scope: Scope
    ) -> Iterator[Handler]:
        for decorator in scope.decorators:
            name = self._name(path, python, decorator, scope.parent)
            arguments = rows("serving.route-decorators").get(name) if name else None
            if arguments is not None:
                call = _call(python, decorator)
                route, methods = self._said(path, python, call, name, arguments)
                yield Handler(path, number, scope.line, _top(name), route, methods)
            elif name and name in api_table("serving", "serving.handler-decorators"):
                yield Handler(path, number, scope.line, _top(name))

    def _name(self, path: str, python: PythonFacts, decorator: AnyValue, scope: int) -> str:
        """The library function that a decorator is, or is made by."""
        if isinstance(decorator, Result):
            found = self._resolver.call(path, decorator.call)
        else:
            found = self._resolver.value(path, decorator, scope)
        name = found.name if isinstance(found, External) else ""
        return self._perhaps(path, python, decorator) or name

    def _perhaps(self, path: str, python: PythonFacts, decorator: AnyValue) -> str:
        """The service that a name bound in two branches may stand for."""
        call = _call(python, decorator)
        written = (call.local or call.callee) if call is not None else ""
        bound = self._resolver.index(path).bindings.get((0, written.rpartition(".")[2]), ())
        services = api_table("serving", "serving.handler-decorators")
        names = (one.value.name for one in bound if isinstance(one.value, Global))
        return next((name for name in names if name in services), "")

    # calls

    def _registered(
        self, path: str, python: PythonFacts, number: int, call: Call
    ) -> Iterator[Handler]:
        name = self._registers(path, number, call)
        arguments = rows("serving.route-calls").get(name)
        if arguments is None:
            return
        names = ("handler", "view", "endpoint", "route", "view_func", "resource")
        handler = next((n for n in names if n in arguments and n != _route_of(arguments)), "")
        value = _argument(call, handler, arguments)
        found = self._answering(path, value, python.blocks[call.block].scope)
        route, methods = self._said(path, python, call, name, arguments)
        for one in found:
            scope = self._resolver.index(one.path).facts.scopes[one.scope]
            verb = scope.name.removeprefix("on_")
            known = methods or ((verb.upper(),) if verb in VERBS else ())
            yield Handler(one.path, one.scope, scope.line, _top(name), route, known)

    def _registers(self, path: str, number: int, call: Call) -> str:
        """The library function that a call runs, be it through a method of the same name."""
        target = self._resolver.call(path, number)
        if isinstance(target, External):
            return target.name
        return WRAPPED if target is not None and call.local == "self.add_api_route" else ""

    def _answering(self, path: str, value: AnyValue | None, scope: int) -> Iterator[Definition]:
        """The function that a value names; of a class, its methods for requests."""
        if isinstance(value, Result):
            call = self._resolver.index(path).facts.calls[value.call]
            if call.local.endswith(".as_view") or call.callee.endswith(".as_view"):
                named = (call.local or call.callee).removesuffix(".as_view")
                value = Local(named) if call.local else Global(named)
        if value is None:
            return
        found = self._resolver.value(path, value, scope)
        if found is None:
            found = self._resolver.made_by(path, value, scope)
        if not isinstance(found, Definition) or not found.scope:
            return
        index = self._resolver.index(found.path)
        if index.facts.scopes[found.scope].kind != "class":
            yield found
            return
        for verb in sorted(VERBS):
            for name in (verb, f"on_{verb}"):
                method = index.definitions.get((found.scope, name))
                if method is not None:
                    yield Definition(found.path, method)

    # classes

    def _of_class(
        self, path: str, python: PythonFacts, number: int, scope: Scope
    ) -> Iterator[Handler]:
        for decorator in scope.decorators:
            name = self._name(path, python, decorator, scope.parent)
            if name and name in api_table("serving", "serving.handler-decorators"):
                method = self._resolver.index(path).definitions.get((number, "__call__"))
                at = number if method is None else method
                yield Handler(path, at, python.scopes[at].line, _top(name))
        bases = frozenset(self._bases(Definition(path, number), 0)) if scope.bases else ()
        table = api_table("serving", "serving.handler-methods")
        for base in bases:
            for method, one in enumerate(python.scopes):
                if one.parent == number and f"{base}.{one.name}" in table:
                    verb = (one.name.upper(),) if one.name in VERBS else ()
                    yield Handler(path, method, one.line, _top(base), None, verb)

    def _bases(self, owner: Definition, depth: int) -> Iterator[str]:
        for parent in self._resolver.parents(owner):
            if isinstance(parent, External):
                yield parent.name
            elif parent is not None and depth < _FARTHEST:
                yield from self._bases(parent, depth + 1)

    # what is said of a route

    def _said(
        self, path: str, python: PythonFacts, call: Call | None, name: str, arguments: Arguments
    ) -> tuple[str | None, tuple[str, ...]]:
        last = name.rpartition(".")[2].removeprefix("add_")
        methods: tuple[str, ...] = (last.upper(),) if last in VERBS else ()
        if call is None:
            return None, methods
        scope = python.blocks[call.block].scope
        route = _argument(call, _route_of(arguments), arguments)
        text = self._resolver.constant(path, route, scope) if route is not None else None
        for key in ("methods", "method", "http_method", "http_method_names"):
            given = _argument(call, key, arguments) if key in arguments else None
            methods = _texts(given) or methods
        return (text.value if text and isinstance(text.value, str) else None), methods


def agreed(path: str, python: PythonFacts) -> Iterator[Handler]:
    """Functions that a platform finds by their names."""
    own = {
        scope.name: number
        for number, scope in enumerate(python.scopes)
        if scope.kind == "function" and scope.parent == 0
    }
    for name, number in own.items():
        scope = python.scopes[number]
        if name in SAGEMAKER and "model_fn" in own:
            yield Handler(path, number, scope.line, "sagemaker")
        elif name in LAMBDA and len(names := [one.name for one in scope.parameters]) == 2:
            if names[0] == "event":
                yield Handler(path, number, scope.line, "lambda")
        elif name == "run" and len(scope.parameters) == 1 and _shares(python, own.get("init")):
            yield Handler(path, number, scope.line, "azureml")


def _shares(python: PythonFacts, init: int | None) -> bool:
    """Whether a function sets global names, as that does which Azure runs first."""
    return init is not None and any(
        one.kind == "global" and python.scope_of(one.block) == init for one in python.bindings
    )


def _route_of(arguments: Arguments) -> str:
    names = ("path", "rule", "uri", "uri_template", "endpoint", "urls", "url_path", "route")
    return next((name for name in names if name in arguments), "")


def _argument(call: Call, name: str, arguments: Arguments) -> AnyValue | None:
    given = call.keyword(name) if name else None
    position = arguments.get(name)
    if given is None and position is not None and position < len(call.args):
        return call.args[position]
    return given


def _texts(value: AnyValue | None) -> tuple[str, ...]:
    items = value.items if isinstance(value, Collection) else (value,)
    words = (item.value for item in items if isinstance(item, Const))
    return tuple(word.upper() for word in words if isinstance(word, str))


def _call(python: PythonFacts, decorator: AnyValue) -> Call | None:
    return python.calls[decorator.call] if isinstance(decorator, Result) else None


def _top(name: str) -> str:
    return name.partition(".")[0]
