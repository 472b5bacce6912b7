"""Pipelines that Python puts together: calls of stages, and what is passed between them.

A stage comes after those whose results it is given, whatever helpers they pass through, and after
those that the code names: `a >> b`, `b.after(a)`, `b.set_upstream(a)`, `wait_for=[a]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mlaudit.facts.records import Command
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
from mlaudit.project.dialects import DIALECTS, Compiled, decorators
from mlaudit.project.pipeline_model import Pipeline, Stage, names_unique
from mlaudit.project.resolution import Definition, Resolver, Target

FARTHEST = 12
MOST = 500
"""Stages of one pipeline that are looked at."""
_FORWARD = frozenset({"set_downstream"})
_CHAINS = frozenset({"chain", "chain_linear", "cross_downstream"})
_SAME = frozenset(
    {"submit", "map", "expand", "expand_kwargs", "partial", "override", "with_options", "delay",
     "configured", "alias"}
)  # fmt: skip
"""Methods of a stage function that give the stage, or run it."""
_AT_ONCE = frozenset({"submit", "map", "delay"})
_BRANCHES = frozenset({"if", "else", "case"})
_CONDITIONS = ("Condition", "If", "Elif", "Else")
_BRANCHING = re.compile(r"\.(?:Branch|ShortCircuit|Condition)\w+$")
_COMMANDS = ("bash_command", "command", "cmds", "application", "commands")


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
        self._facts = facts
        self._path = path
        self._python = facts[path]
        self._index = resolver.index(path)
        self._compiled = compiled
        self._scope = scope
        self._stages: dict[int, Stage] = {}
        """By the number of the call."""
        self._after: dict[int, set[int]] = {}
        self._settled = True
        self._known: dict[int, frozenset[int]] = {}

    def pipeline(self) -> Pipeline | None:
        calls = list(self._calls())
        for number in calls:
            if len(self._stages) < MOST:
                self._take(number)
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
                if chain.isdisjoint(pipelines) and not self._in_stage(chain):
                    yield number

    def _in_stage(self, scopes: Iterable[int]) -> bool:
        python = self._python
        return any(
            map(
                self._compiled.stages.fullmatch,
                (name for one in scopes for name in decorators(python, python.scopes[one])),
            )
        )

    # stages

    def _take(self, number: int) -> None:
        call = self._python.calls[number]
        if any(i.call == number for i in self._decorating()):
            return
        name = call.callee
        if name and self._compiled.made.fullmatch(name):
            self._stages[number] = self._operator(number, call, name)
            return
        function = self._function(number, call)
        if function is not None:
            self._stages[number] = function

    def _decorating(self) -> tuple[Result, ...]:
        if not hasattr(self, "_decorators"):
            self._decorators = tuple(
                value
                for scope in self._python.scopes
                for value in scope.decorators
                if isinstance(value, Result)
            )
        return self._decorators

    def _operator(self, number: int, call: Call, name: str) -> Stage:
        title = self._text(call, "task_id") or self._text(call, "name")
        given = call.keyword("python_callable") or call.keyword("fn")
        function = None
        if given is not None:
            target = self._resolver.value(self._path, given, self._python.blocks[call.block].scope)
            function = target if isinstance(target, Definition) else None
        return Stage(
            title or self._bound(number) or name.rpartition(".")[2],
            self._path,
            call.line,
            commands=tuple(self._commands(call)),
            function=function,
            library=name,
            conditional=_BRANCHING.search(name) is not None or self._held(call),
            settled=given is None or function is not None,
        )

    def _function(self, number: int, call: Call) -> Stage | None:
        """The stage that a call of a function runs, if that is what it does."""
        scope = self._python.blocks[call.block].scope
        base, _, last = call.local.rpartition(".")
        value: AnyValue = Local(base if base and last in _SAME else call.local)
        if not call.local:
            return None
        target: Target = self._resolver.call(self._path, number)
        if base and last in _SAME:
            target = self._resolver.value(self._path, value, scope)
        name = value.name.rpartition(".")[2] if isinstance(value, Local) else ""
        if isinstance(target, Definition):
            python = self._facts[target.path]
            definition = python.scopes[target.scope]
            if any(map(self._compiled.stages.fullmatch, decorators(python, definition))):
                return Stage(
                    definition.name,
                    self._path,
                    call.line,
                    function=target,
                    conditional=self._held(call),
                )
            if target.path != self._path or definition.kind != "function":
                return None
        return self._component(value, name, call, scope)

    def _component(self, value: AnyValue, name: str, call: Call, scope: int) -> Stage | None:
        """A stage that `create_component_from_func`, `command` and the like have made."""
        maker = self._maker(value, scope)
        if maker is None:
            return self._unknown(name, call)
        function = None
        for given in (maker.keyword("func"), *maker.args[:1]):
            target = self._resolver.value(self._path, given, 0) if given is not None else None
            function = function or (target if isinstance(target, Definition) else None)
        commands = tuple(self._commands(maker))
        return Stage(
            name,
            self._path,
            call.line,
            commands=commands,
            folders=tuple(self._folders(maker)),
            function=function,
            library="" if function or commands else maker.callee,
            conditional=self._held(call),
            settled=bool(function or commands),
        )

    def _unknown(self, name: str, call: Call) -> Stage | None:
        """What is called by a bare name in a pipeline made of components is one of them."""
        if self._compiled.dialect.kind not in ("azure-ml", "kfp") or not self._scope:
            return None
        if call.callee or "." in call.local or self._is_defined(call):
            return None
        return Stage(name, self._path, call.line, conditional=self._held(call), settled=False)

    def _is_defined(self, call: Call) -> bool:
        scope = self._python.blocks[call.block].scope
        found = self._resolver.value(self._path, Local(call.local), scope)
        return found is not None

    def _maker(self, value: AnyValue, scope: int) -> Call | None:
        for _ in range(FARTHEST):
            if isinstance(value, Result):
                call = self._python.calls[value.call]
                if call.callee and self._compiled.makers.fullmatch(call.callee):
                    return call
                return None
            if not isinstance(value, Local) or "." in value.name:
                return None
            bound = self._bindings(value.name, scope)
            if len(bound) != 1:
                return None
            value = bound[0]
        return None

    def _commands(self, call: Call) -> Iterator[Command]:
        for key in _COMMANDS:
            given = call.keyword(key)
            text = self._constant(given, call)
            if key == "application" and text:
                text = f"python {text}"
            if not text and isinstance(given, Collection):
                text = " ".join(self._constant(item, call) for item in given.items)
            if text:
                yield Command(" ".join(text.replace("\\", " ").split()), call.line)

    def _folders(self, call: Call) -> Iterator[str]:
        """The last literal part of `code=`: what is before it is often put together."""
        given = call.keyword("code")
        text = self._constant(given, call)
        if not text and isinstance(given, Result):
            parts = self._python.calls[given.call].args
            text = self._constant(parts[-1], call) if parts else ""
        if text:
            yield text.removeprefix("./").strip("/")

    def _held(self, call: Call) -> bool:
        """Whether a branch, or a condition of kfp, stands around the call."""
        number = call.block
        while number >= 0:
            block = self._python.blocks[number]
            if block.kind in _BRANCHES and block.scope != 0:
                return True
            if block.kind == "with" and self._condition(block.value) is not None:
                return True
            number = block.parent
        return False

    def _condition(self, value: AnyValue | None) -> Call | None:
        items = value.items if isinstance(value, Collection) else (value,)
        for item in items:
            if isinstance(item, Result):
                call = self._python.calls[item.call]
                if call.callee.startswith("kfp.") and call.callee.endswith(_CONDITIONS):
                    return call
        return None

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
                condition = self._condition(self._python.blocks[block].value)
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
        if not isinstance(value, Operation) or value.kind not in (">>", "<<") or depth > MOST:
            return self._sources((value,))
        left, right = (self._shift(one, depth + 1) for one in value.operands[:2])
        if not left or not right:
            self._settled = self._settled and not (left or right)
        first, second = (left, right) if value.kind == ">>" else (right, left)
        for one in second:
            self._add(one, first)
        return right

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
                root = name.partition(".")[0]
                bound = self._bindings(root, self._scope)
                return self._all(bound, depth)
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

    def _bindings(self, name: str, scope: int) -> list[AnyValue]:
        for outer in self._index.chain(scope):
            found = self._index.bindings.get((outer, name))
            if found:
                return [one.value for one in found if one.kind in ("assign", "with", "for")]
        if scope == 0:
            # Of a file as a whole: a name of whatever function sets it.
            return [
                one.value
                for (_, bound), found in self._index.bindings.items()
                if bound == name
                for one in found
                if one.kind == "assign"
            ]
        return []

    def _bound(self, number: int) -> str:
        for binding in self._python.bindings:
            if binding.value == Result(number) and binding.kind == "assign":
                return binding.name
        return ""

    def _text(self, call: Call, key: str) -> str:
        return self._constant(call.keyword(key), call)

    def _constant(self, value: AnyValue | None, call: Call) -> str:
        if value is None:
            return ""
        scope = self._python.blocks[call.block].scope
        known = self._resolver.constant(self._path, value, scope)
        return known.value if known is not None and isinstance(known.value, str) else ""

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
