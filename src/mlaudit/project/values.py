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
    Call,
    Collection,
    Const,
    Global,
    Item,
    Local,
    Mapping,
    Operation,
    PythonFacts,
    Result,
    Scope,
)
from mlaudit.project.documents import LOADS, Documents
from mlaudit.project.flow import Flow, Held
from mlaudit.project.frames import Frame
from mlaudit.project.given import (
    DEFAULTED,
    RUNNERS,
    Given,
    argument,
    declared_option,
    default,
    run_by_command_line,
)
from mlaudit.project.known import UNDECIDED, Asked, Class, Known, Object, Options, Truth
from mlaudit.project.objects import Objects
from mlaudit.project.resolution import Definition, External, Resolver

FARTHEST = 40
"""Steps that one value is followed."""

NONE = Const(None)
SAME = frozenset({"builtins.bool", "builtins.int", "builtins.vars", "copy.copy", "copy.deepcopy"})
"""Calls that hand on what they are given, as far as None and truth go."""
WRAPPERS = frozenset(
    {
        "argparse.Namespace", "builtins.dict", "easydict.EasyDict", "ml_collections.ConfigDict",
        "munch.Munch", "omegaconf.OmegaConf.create", "types.SimpleNamespace",
    }
)  # fmt: skip
"""Calls that make an object with the items of a dict, or with what they are given by keyword."""
PARSES = (".parse_args", ".parse_known_args", ".parse_intermixed_args")


class Values:
    """Looks values up. What may have changed on the way is not known."""

    def __init__(self, resolver: Resolver, facts: Facts[str, FileFacts]) -> None:
        self.resolver = resolver
        self._facts = facts
        self._flows: dict[str, Flow] = {}
        self._objects = Objects(self)
        self._documents = Documents(facts, self.flow)

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

    # truth

    def truth(self, asked: Asked) -> Truth:
        if asked.depth > FARTHEST:
            return UNDECIDED
        if isinstance(asked.value, Operation):
            return self._operation(asked.value, asked)
        if asked.value == Global("typing.TYPE_CHECKING"):
            return Truth(False)
        known = self.find(asked)
        if known is None:
            return UNDECIDED
        match known.value:
            case Const(value=value):
                return Truth(bool(value), known.option)
            case Mapping(keys=items) | Collection(items=items):
                return Truth(bool(items), known.option)
            case _:
                return Truth(True, known.option)

    def _operation(self, value: Operation, asked: Asked) -> Truth:
        kind, operands = value.kind, value.operands
        match kind:
            case "not":
                return self.truth(asked.then(operands[0])).turned()
            case "and" | "or":
                return self._joined([asked.then(one) for one in operands], kind == "or")
            case "is" | "==":
                return self._equal(asked, operands)
            case "is-not" | "!=":
                return self._equal(asked, operands).turned()
            case "in":
                return self._contains(asked, operands)
            case "not-in":
                return self._contains(asked, operands).turned()
            case _:
                return UNDECIDED

    def _joined(self, parts: list[Asked], wanted: bool) -> Truth:
        found = [self.truth(part) for part in parts]
        decisive = next((one for one in found if one.holds is wanted), None)
        if decisive is not None:
            return decisive
        if any(one.holds is None for one in found):
            return UNDECIDED
        return Truth(not wanted, next((one.option for one in found if one.option), ""))

    def _equal(self, asked: Asked, operands: tuple[AnyValue, ...]) -> Truth:
        first, second = (self.find(asked.then(one)) for one in operands[:2])
        if first is None or second is None:
            return UNDECIDED
        option = first.option or second.option
        if isinstance(first.value, Const) and isinstance(second.value, Const):
            return Truth(first.value.value == second.value.value, option)
        return Truth(False, option) if NONE in (first.value, second.value) else UNDECIDED

    def _contains(self, asked: Asked, operands: tuple[AnyValue, ...]) -> Truth:
        key, whole = (self.find(asked.then(one)) for one in operands[:2])
        if key is None or whole is None or not isinstance(whole.value, Mapping):
            return UNDECIDED
        keys = whole.value.keys
        if not all(isinstance(one, Const) for one in keys):
            return UNDECIDED
        return Truth(key.value in keys, whole.option)

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
                return self._returned(number, asked)
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
        truth = self._operation(value, asked)
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
        return self._parameter(name, there)

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

    # parameters

    def _parameter(self, name: str, asked: Asked) -> Known | None:
        """What the caller passes, or the default."""
        frame = asked.frame
        given = self._given(name, self.python(frame.path).scopes[frame.scope], frame)
        if given is None:
            return None
        if given.call < 0:
            outer = Frame(frame.path, 0)
            there = asked._replace(frame=outer, place=self.flow(frame.path).end(0))
        elif frame.outer is not None:
            place = self.flow(frame.outer.path).at_call(given.call)
            there = asked._replace(frame=frame.outer, place=place)
        return self.find(there.then(given.value).on(given.option))

    def _given(self, name: str, scope: Scope, frame: Frame) -> Given | None:
        python = self.python(frame.path)
        declared = declared_option(python, scope, name) or self._configured(frame, scope, name)
        if declared is not None:
            return declared
        if any(decorator not in DEFAULTED for decorator in scope.decorators):
            return None
        if frame.outer is None:
            value = default(scope, name)
            return None if value is None else Given(value)
        if frame.call < 0:
            return None
        call = self.python(frame.outer.path).calls[frame.call]
        if frame.held:
            runs = call.callee in RUNNERS
            return run_by_command_line(python, scope, name) if runs else None
        if self._is_indirect(frame.outer, call, frame):
            return None
        static = Global("builtins.staticmethod") in scope.decorators
        method = python.scopes[scope.parent].kind == "class" and not static
        return argument(call, frame.call, scope, name, method)

    def _configured(self, frame: Frame, scope: Scope, name: str) -> Given | None:
        """The configuration that Hydra hands to the function that it runs."""
        for decorator in scope.decorators if scope.parameters[0].name == name else ():
            if isinstance(decorator, Result):
                call = self.python(frame.path).calls[decorator.call]
                if call.callee == "hydra.main":
                    found = self._documents.of_hydra(frame.path, call)
                    return None if found is None else Given(found)
        return None

    def _is_indirect(self, outer: Frame, call: Call, frame: Frame) -> bool:
        """Called under another name: `functools.partial` may have given it more arguments."""
        name = self.python(frame.path).scopes[frame.scope].name
        if (call.callee or call.local or call.method).rpartition(".")[2] == name:
            return False
        target = self.resolver.call(outer.path, frame.call)
        return not (isinstance(target, Definition) and self.is_class(target))

    # calls

    def _returned(self, number: int, asked: Asked) -> Known | None:
        path = asked.frame.path
        call = self.python(path).calls[number]
        there = asked.then(NONE)._replace(place=self.flow(path).at_call(number))
        target = self.resolver.call(path, number)
        if isinstance(target, Definition):
            if self.is_class(target):
                return Known(Object(target, number), there.frame, there.place, there.option)
            return self._result(target, number, there)
        name = target.name if isinstance(target, External) else call.callee
        if name in LOADS and call.args:
            loaded = self._documents.loaded(path, Held(call.args[0], there.place))
            return Known(loaded, there.frame, there.place, there.option) if loaded else None
        if name.endswith(PARSES):
            plain = not call.args and not call.keywords
            return Known(Options(path), there.frame, there.place) if plain else None
        return self._library(name, call, there)

    def _result(self, target: Definition, number: int, there: Asked) -> Known | None:
        """What a function returns that has one return."""
        returns = self.resolver.index(target.path).returns[target.scope]
        if len(returns) != 1 or self.python(target.path).scopes[target.scope].decorators:
            return None
        frame = Frame(target.path, target.scope, number, there.frame)
        end = self.flow(target.path).end(target.scope)
        return self.find(there.then(returns[0])._replace(frame=frame, place=end))

    def _library(self, name: str, call: Call, there: Asked) -> Known | None:
        first = call.args[0] if call.args else None
        if name in SAME and first is not None:
            return self.find(there.then(first))
        if name in WRAPPERS and not call.open:
            if first is not None:
                return None if call.keywords else self.find(there.then(first))
            keys = tuple(Const(key) for key, _ in call.keywords)
            made = Mapping(keys, tuple(value for _, value in call.keywords))
            return Known(made, there.frame, there.place, there.option)
        if name == "builtins.getattr" and len(call.args) > 1 and first is not None:
            key = call.args[1]
            if not isinstance(key, Const):
                return None
            return self._objects.part(self.find(there.then(first)), key.value, there)
        if (call.method or call.local.rpartition(".")[2]) == "get" and isinstance(first, Const):
            base = call.receiver if call.method else Local(call.local.rpartition(".")[0])
            whole = None if base is None else self.find(there.then(base))
            fallback = call.args[1] if len(call.args) > 1 else NONE
            return self._objects.got(whole, first, fallback, there)
        return None
