"""What a value is on one way through a program: arguments are followed to whoever passes them.

`seed` in `def prepare(seed=None)` may be anything. On the way that comes through `prepare()` it is
None, and what stands under `if seed is not None:` does not run.
"""

from __future__ import annotations

from collections.abc import Mapping as Facts

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Collection,
    Const,
    Global,
    Item,
    Local,
    Mapping,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.project.documents import Documents
from mlaudit.project.linking.frames import Frame
from mlaudit.project.linking.resolution import Definition, Resolver
from mlaudit.project.values.arguments import Arguments
from mlaudit.project.values.flow import Flow
from mlaudit.project.values.known import (
    FARTHEST,
    NONE,
    UNDECIDED,
    Asked,
    Class,
    Known,
    Object,
    Truth,
)
from mlaudit.project.values.objects import Objects
from mlaudit.project.values.returned import Returned
from mlaudit.project.values.truths import Truths


class Values:
    """Looks values up. What may have changed on the way is not known."""

    def __init__(self, resolver: Resolver, facts: Facts[str, FileFacts]) -> None:
        self.resolver = resolver
        self._facts = facts
        self._flows: dict[str, Flow] = {}
        self._objects = Objects(self)
        documents = Documents(facts, self.flow)
        self._truths = Truths(self)
        self._arguments = Arguments(self, documents)
        self._returned = Returned(self, self._objects, documents)

    def flow(self, path: str) -> Flow:
        if path not in self._flows:
            self._flows[path] = Flow(self.python(path))
        return self._flows[path]

    def python(self, path: str) -> PythonFacts:
        return self._facts[path].python or PythonFacts()

    # questions

    def given(self, frame: Frame, number: int, value: AnyValue) -> Known | None:
        """What an argument of a call of a frame is."""
        return self.find(Asked(value, frame, self.flow(frame.path).at_call(number)))

    def test(self, frame: Frame, block: int) -> Truth:
        """Whether the test of an `if` holds, or of the `if` that an `else` belongs to."""
        value = self.python(frame.path).blocks[block].value
        if value is None:
            return UNDECIDED
        return self.truth(Asked(value, frame, self.flow(frame.path).at_block(block)))

    def truth(self, asked: Asked) -> Truth:
        """Whether a value holds as a test."""
        return self._truths.of(asked)

    # values

    def find(self, asked: Asked) -> Known | None:
        if asked.depth > FARTHEST:
            return None
        match asked.value:
            case Const() | Mapping() | Collection() as value:
                return Known(value, asked.frame, asked.place, asked.option)
            case Local(name=name):
                return self.named(name, asked)
            case Global(name=name):
                return self._global(name, asked)
            case Attribute(base=base, name=name):
                return self._objects.part(self.find(asked.then(base)), name, asked)
            case Item(base=base, index=Const(value=key)):
                return self._objects.part(self.find(asked.then(base)), key, asked)
            case Result(call=number):
                return self._returned.of(number, asked)
            case Operation() as value:
                return self._computed(value, asked)
            case _:
                return None

    def _computed(self, value: Operation, asked: Asked) -> Known | None:
        if value.kind == "if":
            condition, then, otherwise = value.operands
            test = self.truth(asked.then(condition))
            if test.holds is None:
                return None
            return self.find(asked.then(then if test.holds else otherwise).on(test.option))
        if value.kind in ("or", "and"):
            for one in value.operands[:-1]:
                test = self.truth(asked.then(one))
                if test.holds is None:
                    return None
                asked = asked.on(test.option)
                if test.holds is (value.kind == "or"):
                    return self.find(asked.then(one))
            return self.find(asked.then(value.operands[-1]))
        truth = self._truths.operation(value, asked)
        if truth.holds is None:
            return None
        return Known(Const(truth.holds), asked.frame, asked.place, asked.option or truth.option)

    # names

    def named(self, name: str, asked: Asked) -> Known | None:
        """A name, or an attribute of one, seen from where it is asked for."""
        base, _, last = name.rpartition(".")
        if not base:
            return self._bound(name, asked)
        set_here = self.flow(asked.frame.path).reaching(name, asked.place)
        if set_here:
            sole = len(set_here) == 1 and base != "self"
            return self._taken(set_here[0], asked) if sole else None
        whole = (
            self._self(asked.frame, asked) if base == "self" else self.named(base, asked.deeper())
        )
        return self._objects.part(whole, last, asked)

    def _self(self, frame: Frame, asked: Asked) -> Known | None:
        """The object whose method a frame runs."""
        outer = frame.outer
        if outer is None or frame.call < 0 or frame.held or asked.depth > FARTHEST:
            return None
        call = self.python(outer.path).calls[frame.call]
        place = self.flow(outer.path).at_call(frame.call)
        there = Asked(NONE, outer, place, asked.depth + 1, asked.option)
        target = self.resolver.call(outer.path, frame.call)
        if isinstance(target, Definition) and self.is_class(target):
            return Known(Object(target, frame.call), outer, place, asked.option)
        if call.method and call.receiver is not None:
            if self._is_super(outer.path, call.receiver):
                return self._self(outer, there)
            return self.find(there.then(call.receiver))
        base = call.local.rpartition(".")[0]
        if base in ("", "self"):
            return self._self(outer, there) if base else None
        return self.named(base, there)

    def _is_super(self, path: str, value: AnyValue) -> bool:
        calls = self.python(path).calls
        return isinstance(value, Result) and calls[value.call].callee == "builtins.super"

    def is_class(self, target: Definition) -> bool:
        return self.python(target.path).scopes[target.scope].kind == "class"

    def _bound(self, name: str, asked: Asked) -> Known | None:
        frame, place = asked.frame, asked.place
        flow = self.flow(frame.path)
        home = flow.home(name, frame.scope)
        outer = frame if home == frame.scope else None if home is None else frame.around(home)
        if home is None or outer is None:
            return None
        if outer is not frame:
            place = flow.end(home)
        if flow.is_unsettled(home, name, place):
            return None
        if home == 0 and self._objects.is_set_on_way(frame, name):
            return None
        there = asked._replace(value=Local(name), frame=outer, place=place, depth=asked.depth + 1)
        for number in flow.earlier(home, name, place):
            runs = self._runs(flow, number, there)
            if runs.holds is None:
                return None
            there = there.on(runs.option)
            if runs.holds:
                return self._taken(number, there)
        return self._arguments.of(name, there)

    def _runs(self, flow: Flow, number: int, asked: Asked) -> Truth:
        """Whether a binding happens on the way to a place in the same function."""
        option = ""
        for block in flow.around(flow.python.bindings[number].block):
            if flow.within(asked.place.block, block):
                break
            kind, value = flow.python.blocks[block].kind, flow.python.blocks[block].value
            if kind == "with":
                continue
            if kind not in ("if", "else") or value is None:
                return UNDECIDED
            test = self.truth(asked.then(value)._replace(place=flow.at_block(block)))
            if test.holds is None:
                return UNDECIDED
            if test.holds is (kind == "else"):
                return Truth(False, test.option)
            option = option or test.option
        return Truth(True, option)

    def _taken(self, number: int, asked: Asked) -> Known | None:
        """The value of a binding."""
        path = asked.frame.path
        flow = self.flow(path)
        binding = flow.python.bindings[number]
        if binding.kind == "class":
            definitions = self.resolver.index(path).definitions
            scope = definitions.get((flow.scope(binding.block), binding.name))
            owner = None if scope is None else Class(Definition(path, scope))
            return owner and Known(owner, asked.frame, asked.place, asked.option)
        if binding.kind not in ("assign", "with"):
            return None
        held = flow.taken(number)
        known = self.find(asked.then(held.value)._replace(place=held.place))
        if known is not None and isinstance(known.value, Mapping) and flow.is_updated(binding.name):
            return None
        return known

    def _global(self, name: str, asked: Asked) -> Known | None:
        """A name of another module of the repository."""
        found = self.resolver.modules.find(name, asked.frame.path)
        if found is None or not found.rest:
            return None
        if self._objects.is_set_on_way(asked.frame, found.rest[-1]):
            return None
        end = self.flow(found.path).end(0)
        there = asked._replace(frame=Frame(found.path, 0), place=end, depth=asked.depth + 1)
        return self.named(".".join(found.rest), there)
