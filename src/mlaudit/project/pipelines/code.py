"""Pipelines that Python puts together: calls of stages, and what is passed between them.

A stage comes after those whose results it is given, whatever helpers they pass through, and after
those that the code names: `a >> b`, `b.after(a)`, `b.set_upstream(a)`, `wait_for=[a]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Collection,
    Item,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.facts.syntax import Mapping as Display
from mlaudit.project.linking.resolution import Definition, Resolver
from mlaudit.project.pipelines.dialects import DIALECTS, Compiled, decorators
from mlaudit.project.pipelines.model import Pipeline, Stage, names_unique
from mlaudit.project.pipelines.stages import FARTHEST, StageReader

MOST = 500
"""Stages of one pipeline that are looked at."""
_FORWARD = frozenset({"set_downstream"})
_CHAINS = frozenset({"chain", "chain_linear", "cross_downstream"})
_AT_ONCE = frozenset({"submit", "map", "delay"})


def from_python(
    resolver: Resolver, facts: Mapping[str, PythonFacts], path: str
) -> Iterator[Pipeline]:
    """The pipelines of one file, by the libraries that it imports."""
    roots = {item.target.partition(".")[0] for item in facts[path].imports}
    for dialect in DIALECTS:
        if roots.isdisjoint(dialect.roots):
            continue
        compiled = Compiled(dialect)
        for scope in _owners(facts[path], compiled):
            body = _Body(resolver, facts, path, compiled, scope)
            found = body.pipeline()
            if found is not None:
                yield found


def _owners(python: PythonFacts, compiled: Compiled) -> list[int]:
    """Functions that are pipelines, and the module where stages may stand in it."""
    own = [
        number
        for number, scope in enumerate(python.scopes)
        if scope.kind == "function"
        and any(map(compiled.pipelines.fullmatch, decorators(python, scope)))
    ]
    if compiled.dialect.kind in ("airflow", "sagemaker"):
        own.append(0)
    return own


def _is_shift(value: AnyValue) -> bool:
    return isinstance(value, Operation) and value.kind in (">>", "<<")


class _Body:
    """The calls of one pipeline: which are stages, and what they are given."""

    def __init__(
        self,
        resolver: Resolver,
        facts: Mapping[str, PythonFacts],
        path: str,
        compiled: Compiled,
        scope: int,
    ) -> None:
        self._resolver = resolver
        self._path = path
        self._python = facts[path]
        self._index = resolver.index(path)
        self._compiled = compiled
        self._scope = scope
        self._reader = StageReader(resolver, facts, path, compiled, scope)
        self._stages: dict[int, Stage] = {}
        """By the number of the call."""
        self._after: dict[int, set[int]] = {}
        self._settled = True
        self._known: dict[int, frozenset[int]] = {}
        self._names: dict[str, frozenset[int]] = {}

    def pipeline(self) -> Pipeline | None:
        calls = list(self._calls())
        for number in calls:
            stage = self._reader.stage(number) if len(self._stages) < MOST else None
            if stage is not None:
                self._stages[number] = stage
        if not self._stages:
            return None
        for number in calls:
            self._link(number)
        self._link_statements()
        if self._compiled.dialect.sequential:
            self._link_in_turn()
        return self._made()

    def _calls(self) -> Iterator[int]:
        """The calls in it. Of a module, those in functions that are no pipelines as well."""
        python = self._python
        pipelines = set(_owners(python, self._compiled)) - {0}
        for number, call in enumerate(python.calls):
            scope = python.blocks[call.block].scope
            if scope == self._scope:
                yield number
            elif self._scope == 0:
                chain = set(self._index.chain(scope)) | {scope}
                if chain.isdisjoint(pipelines) and chain.isdisjoint(self._inside):
                    yield number

    @cached_property
    def _inside(self) -> frozenset[int]:
        """The scopes of functions that are stages."""
        return frozenset(
            number
            for number, scope in enumerate(self._python.scopes)
            if any(map(self._compiled.stages.fullmatch, decorators(self._python, scope)))
        )

    # order

    def _link(self, number: int) -> None:
        call = self._python.calls[number]
        given = (*call.args, *(value for _, value in call.keywords))
        before = self._sources(given)
        last = (call.callee or call.local or call.method).rpartition(".")[2]
        if number in self._stages:
            self._add(number, before)
            block = call.block
            while block >= 0:
                condition = self._reader.condition(self._python.blocks[block].value)
                if condition is not None:
                    self._add(number, self._sources(condition.args))
                block = self._python.blocks[block].parent
            return
        if last in _CHAINS:
            self._chain(call.args)
            return
        owner = self._receiver(call)
        for one in owner:
            if last in _FORWARD:
                for later in before:
                    self._add(later, {one})
            else:
                self._add(one, before)

    def _receiver(self, call: Call) -> frozenset[int]:
        """The stages whose method is called."""
        if call.receiver is not None:
            return self._sources((call.receiver,))
        base, _, _ = call.local.rpartition(".")
        return self._sources_of(Local(base), call.block) if base else frozenset()

    def _chain(self, items: tuple[AnyValue, ...]) -> None:
        before: frozenset[int] = frozenset()
        for item in items:
            now = self._sources((item,))
            for one in now:
                self._add(one, before)
            before = now or before

    def _add(self, number: int, before: Iterable[int]) -> None:
        self._after.setdefault(number, set()).update(set(before) - {number})

    def _link_statements(self) -> None:
        """`a >> [b, c] >> d`, alone or bound to a name."""
        python = self._python
        for statement in python.statements:
            if isinstance(statement.value, Operation):
                self._shift(statement.value, 0)
        for binding in python.bindings:
            if isinstance(binding.value, Operation):
                self._shift(binding.value, 0)

    def _shift(self, value: AnyValue, depth: int) -> frozenset[int]:
        """Links what shifts put in order, and gives the stages at the end."""
        steps: list[Operation] = []
        while _is_shift(value):
            assert isinstance(value, Operation)
            steps.append(value)
            value = value.operands[0]
        left = self._sources((value,))
        for step in reversed(steps):
            other = step.operands[1]
            deeper = depth < FARTHEST and _is_shift(other)
            right = self._shift(other, depth + 1) if deeper else self._sources((other,))
            if not left or not right:
                self._settled = self._settled and not (left or right)
            first, second = (left, right) if step.kind == ">>" else (right, left)
            for one in second:
                self._add(one, first)
            left = right
        return left

    def _link_in_turn(self) -> None:
        before: int | None = None
        for number in sorted(self._stages):
            call = self._python.calls[number]
            if before is not None:
                self._add(number, {before})
            at_once = call.local.rpartition(".")[2] in _AT_ONCE
            before = before if at_once else number

    # values

    def _sources(self, values: Iterable[AnyValue], block: int = -1) -> frozenset[int]:
        return frozenset().union(*(self._sources_of(value, block) for value in values))

    def _sources_of(self, value: AnyValue, block: int = -1, depth: int = 0) -> frozenset[int]:
        """The stages that a value comes from, the nearest ones."""
        if depth > FARTHEST:
            return frozenset()
        match value:
            case Result(call=number):
                return self._from_call(number, depth)
            case Local(name=name):
                return self._of_name(name.partition(".")[0], depth)
            case Attribute(base=base) | Item(base=base):
                return self._sources_of(base, block, depth + 1)
            case Collection(items=items):
                return self._all(items, depth)
            case Display(values=items):
                return self._all(items, depth)
            case Operation(kind=kind, operands=items) if kind in (">>", "<<"):
                return self._sources_of(items[1 if kind == ">>" else 0], block, depth + 1)
            case Operation(operands=items):
                return self._all(items, depth)
        return frozenset()

    def _of_name(self, name: str, depth: int) -> frozenset[int]:
        known = self._names.get(name)
        if known is None:
            self._names[name] = frozenset()  # a name cannot come from itself
            bound = self._reader.bindings(name, self._scope)
            known = self._names[name] = self._all(bound, depth)
        return known

    def _all(self, values: Iterable[AnyValue], depth: int) -> frozenset[int]:
        return frozenset().union(*(self._sources_of(one, -1, depth + 1) for one in values))

    def _from_call(self, number: int, depth: int) -> frozenset[int]:
        if number in self._stages:
            return frozenset({number})
        if number not in self._known:
            self._known[number] = frozenset()  # a call cannot come from itself
            call = self._python.calls[number]
            given = (*call.args, *(value for _, value in call.keywords))
            inside = self._stages_inside(number)
            self._known[number] = inside or self._receiver(call) or self._all(given, depth)
        return self._known[number]

    def _stages_inside(self, number: int) -> frozenset[int]:
        """Those that a function of the same file makes, which is called here."""
        target = self._resolver.call(self._path, number)
        if self._scope or not isinstance(target, Definition) or target.path != self._path:
            return frozenset()
        python = self._python
        return frozenset(
            one
            for one in self._stages
            if python.blocks[python.calls[one].block].scope == target.scope
        )

    # the whole

    def _made(self) -> Pipeline:
        from msgspec.structs import replace

        numbers = sorted(self._stages)
        titles = names_unique(self._stages[number].name for number in numbers)
        names = dict(zip(numbers, titles, strict=True))
        stages = tuple(
            replace(
                self._stages[number],
                name=names[number],
                after=tuple(
                    sorted(names[one] for one in self._after.get(number, ()) if one in names)
                ),
            )
            for number in numbers
        )
        own = self._python.scopes[self._scope]
        title = own.name or self._path.rpartition("/")[2]
        return Pipeline(
            self._compiled.dialect.kind, title, self._path, own.line or 1, stages, self._settled
        )
