"""Pipelines whose stages say themselves what comes before or after: steps, nodes and assets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlaudit.facts.syntax import AnyValue, Call, Collection, Const, Local, PythonFacts
from mlaudit.facts.syntax import Mapping as Display
from mlaudit.project.linking.resolution import Definition, Resolver
from mlaudit.project.pipelines.dialects import decorators
from mlaudit.project.pipelines.model import Pipeline, Stage

_FLOWS = ("metaflow.FlowSpec", "metaflow.flowspec.FlowSpec")
_NODES = ("kedro.pipeline.node", "kedro.pipeline.Node", "kedro.pipeline.node.node")
_ASSETS = ("dagster.asset", "dagster.graph_asset")
_MOST = 500


# Metaflow


def flows(path: str, python: PythonFacts) -> Iterator[Pipeline]:
    """Classes of Metaflow: `self.next(self.train)` names the step after."""
    for number, scope in enumerate(python.scopes):
        bases = {getattr(base, "name", "") for base in scope.bases}
        if scope.kind != "class" or bases.isdisjoint(_FLOWS):
            continue
        steps = {
            one.name: at
            for at, one in enumerate(python.scopes)
            if one.parent == number and "metaflow.step" in decorators(python, one)
        }
        after: dict[str, set[str]] = {name: set() for name in steps}
        branching: set[str] = set()
        for name, call in _nexts(python, steps):
            later = [w for w in map(_own, _followers(call)) if w in steps]
            branching.update(later if call.keyword("condition") is not None else ())
            for one in later:
                after[one].add(name)
        stages = tuple(
            Stage(
                name,
                path,
                python.scopes[at].line,
                tuple(sorted(after[name])),
                function=Definition(path, at),
                conditional=name in branching,
            )
            for name, at in steps.items()
        )
        if stages:
            yield Pipeline("metaflow", scope.name, path, scope.line, stages)


def _nexts(python: PythonFacts, steps: Mapping[str, int]) -> Iterator[tuple[str, Call]]:
    names = {at: name for name, at in steps.items()}
    for call in python.calls:
        scope = python.blocks[call.block].scope
        if call.local == "self.next" and scope in names:
            yield names[scope], call


def _followers(call: Call) -> Iterator[AnyValue]:
    for value in call.args:
        yield from value.values if isinstance(value, Display) else (value,)


def _own(value: AnyValue) -> str:
    return value.name.removeprefix("self.") if isinstance(value, Local) else ""


# Kedro


def nodes(
    resolver: Resolver, facts: Mapping[str, PythonFacts], paths: Iterable[str]
) -> Iterator[Pipeline]:
    """The nodes of Kedro in some files: one runs after those that write what it reads."""
    found = [stage for path in paths for stage in _nodes(resolver, facts, path)][:_MOST]
    if not found:
        return
    from msgspec.structs import replace

    makers: dict[str, set[str]] = {}
    for stage in found:
        for output in stage.outputs:
            makers.setdefault(output, set()).add(stage.name)
    stages = tuple(
        replace(
            stage,
            after=tuple(
                sorted({n for i in stage.inputs for n in makers.get(i, ())} - {stage.name})
            ),
            inputs=(),
            outputs=(),
        )
        for stage in found
    )
    settled = len({stage.name for stage in stages}) == len(stages)
    yield Pipeline("kedro", "nodes", found[0].path, found[0].line, stages, settled)


def _nodes(resolver: Resolver, facts: Mapping[str, PythonFacts], path: str) -> Iterator[Stage]:
    python = facts[path]
    for call in python.calls:
        if call.callee not in _NODES:
            continue
        function, inputs, outputs = (
            call.keyword(key) or (call.args[at] if len(call.args) > at else None)
            for at, key in enumerate(("func", "inputs", "outputs"))
        )
        scope = python.blocks[call.block].scope
        target = resolver.value(path, function, scope) if function is not None else None
        own = target if isinstance(target, Definition) else None
        name = call.keyword("name")
        title = str(name.value) if isinstance(name, Const) else ""
        if not title and own is not None:
            title = facts[own.path].scopes[own.scope].name
        yield Stage(
            title or "node",
            path,
            call.line,
            function=own,
            inputs=tuple(_names(inputs)),
            outputs=tuple(_names(outputs)),
            settled=own is not None,
        )


def _names(value: AnyValue | None) -> Iterator[str]:
    items: tuple[AnyValue, ...] = (value,) if value is not None else ()
    if isinstance(value, Collection):
        items = value.items
    elif isinstance(value, Display):
        items = value.values
    for item in items:
        if isinstance(item, Const) and isinstance(item.value, str):
            yield item.value


# Dagster


def assets(facts: Mapping[str, PythonFacts], paths: Iterable[str]) -> Iterator[Pipeline]:
    """The assets of Dagster in some files: a parameter is named after what it is."""
    found: dict[str, tuple[str, int]] = {}
    for path in paths:
        for number, scope in enumerate(facts[path].scopes):
            if len(found) < _MOST and set(decorators(facts[path], scope)) & set(_ASSETS):
                found.setdefault(scope.name, (path, number))
    stages = []
    for name, (path, number) in found.items():
        scope = facts[path].scopes[number]
        given = {parameter.name for parameter in scope.parameters} | set(_deps(facts[path], number))
        after = tuple(sorted((given & found.keys()) - {name}))
        function = Definition(path, number)
        stages.append(Stage(name, path, scope.line, after, function=function))
    if stages:
        first = stages[0]
        yield Pipeline("dagster", "assets", first.path, first.line, tuple(stages))


def _deps(python: PythonFacts, number: int) -> Iterator[str]:
    """`@asset(deps=[raw, "clean"])`."""
    for decorator in python.scopes[number].decorators:
        call = getattr(decorator, "call", None)
        deps = python.calls[call].keyword("deps") if call is not None else None
        for item in deps.items if isinstance(deps, Collection) else ():
            if isinstance(item, Local):
                yield item.name
            elif isinstance(item, Const):
                yield str(item.value)
