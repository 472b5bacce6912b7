"""Which calls of Python are stages of a pipeline, and what each runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from mlaudit.facts.records import Command
from mlaudit.facts.syntax import AnyValue, Call, Collection, Global, Local, PythonFacts, Result
from mlaudit.patterns import Gated
from mlaudit.project.linking.resolution import Definition, Resolver, Target
from mlaudit.project.pipelines.dialects import Compiled, decorators
from mlaudit.project.pipelines.model import Stage

FARTHEST = 12
SAME = frozenset(
    {"submit", "map", "expand", "expand_kwargs", "partial", "override", "with_options", "delay",
     "configured", "alias"}
)  # fmt: skip
"""Methods of a stage function that give the stage, or run it."""
_BRANCHES = frozenset({"if", "else", "case"})
_CONDITIONS = ("Condition", "If", "Elif", "Else")
_BRANCHING = Gated(r"\.(?:Branch|ShortCircuit|Condition)\w+$")
_COMMANDS = ("bash_command", "command", "cmds", "application", "commands")


class StageReader:
    """Reads the stages that the code of one file makes."""

    def __init__(
        self,
        resolver: Resolver,
        facts: Mapping[str, PythonFacts],
        path: str,
        compiled: Compiled,
        scope: int,
    ) -> None:
        """`scope` is that of the pipeline: a function, or the module."""
        self._resolver = resolver
        self._facts = facts
        self._path = path
        self._python = facts[path]
        self._index = resolver.index(path)
        self._compiled = compiled
        self._scope = scope

    def stage(self, number: int) -> Stage | None:
        """The stage that a call makes or runs, if it does."""
        call = self._python.calls[number]
        if number in self._decorating:
            return None
        name = call.callee
        if name and self._compiled.made.fullmatch(name):
            return self._operator(number, call, name)
        return self._function(call, number)

    @cached_property
    def _decorating(self) -> frozenset[int]:
        """The calls that stand above functions."""
        return frozenset(
            value.call
            for scope in self._python.scopes
            for value in scope.decorators
            if isinstance(value, Result)
        )

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

    def _function(self, call: Call, number: int) -> Stage | None:
        """The stage that a call of a function runs, if that is what it does."""
        written = call.local or call.callee
        if not written:
            return None
        scope = self._python.blocks[call.block].scope
        base, _, last = written.rpartition(".")
        same = bool(base) and last in SAME
        name = base if same else written
        value: AnyValue = Local(name) if call.local else Global(name)
        target: Target = self._resolver.call(self._path, number)
        if same:
            target = self._resolver.value(self._path, value, scope)
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
        return self._component(value, name.rpartition(".")[2], call, scope)

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
            bound = self.bindings(value.name, scope)
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
            if block.kind == "with" and self.condition(block.value) is not None:
                return True
            number = block.parent
        return False

    def condition(self, value: AnyValue | None) -> Call | None:
        items = value.items if isinstance(value, Collection) else (value,)
        for item in items:
            if isinstance(item, Result):
                call = self._python.calls[item.call]
                if call.callee.startswith("kfp.") and call.callee.endswith(_CONDITIONS):
                    return call
        return None

    def bindings(self, name: str, scope: int) -> list[AnyValue]:
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
