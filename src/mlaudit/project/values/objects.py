"""Attributes and items of values: of objects, dicts, options and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.syntax import AnyValue, Binding, Collection, Const, Mapping, PythonFacts, Result
from mlaudit.project.linking.bodies import CONSTRUCTORS
from mlaudit.project.linking.frames import Frame
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.values.given import declared, default_of_option
from mlaudit.project.values.known import Asked, Class, Known, Object, Options

if TYPE_CHECKING:
    from mlaudit.project.values.values import Values

FIELDS = ("attr.ib", "attrs.field", "dataclasses.field", "pydantic.Field")


class Objects:
    def __init__(self, values: Values) -> None:
        self._values = values
        self._set: dict[str, frozenset[str]] = {}
        self._options: dict[str, dict[str, list[int]]] = {}

    def part(self, whole: Known | None, key: object, asked: Asked) -> Known | None:
        """An attribute or item of a value."""
        if whole is None:
            return None
        there = Asked(Const(None), whole.frame, whole.place, asked.depth + 1, whole.option)
        match whole.value:
            case Mapping() as mapping:
                return None if self._is_set(asked, whole, key) else self._item(mapping, key, there)
            case Collection(items=items):
                if not isinstance(key, int) or not -len(items) <= key < len(items):
                    return None
                return self._values.find(there.then(items[key]))
            case Options(path=path):
                if key == 0:  # of `parse_known_args`
                    return whole
                return self._option(path, key, asked) if isinstance(key, str) else None
            case Object(owner=owner) | Class(owner=owner) if isinstance(key, str):
                if self._is_set(asked, whole, key, owner.path):
                    return None
                if isinstance(whole.value, Object):
                    return self._attribute(whole.value, key, there)
                return self._of_class(owner, key, there)
            case _:
                return None

    def got(
        self, whole: Known | None, key: Const, fallback: AnyValue, asked: Asked
    ) -> Known | None:
        """`options.get("seed", fallback)`"""
        if whole is None or not isinstance(whole.value, Mapping):
            return None
        keys = whole.value.keys
        if key in keys:
            return self.part(whole, key.value, asked)
        closed = all(isinstance(one, Const) for one in keys)
        if not closed or self._is_set(asked, whole, key.value):
            return None
        return self._values.find(asked.then(fallback))

    def _item(self, mapping: Mapping, key: object, there: Asked) -> Known | None:
        for name, value in zip(reversed(mapping.keys), reversed(mapping.values), strict=True):
            if not isinstance(name, Const):
                return None
            if name.value == key:
                return self._values.find(there.then(value))
        return None

    # what may change

    def is_set_on_way(self, frame: Frame, name: object) -> bool:
        """Whether some file on the way sets an attribute of this name from outside."""
        return any(name in self._set_by(one.path) for one in frame.all())

    def _is_set(self, asked: Asked, whole: Known, key: object, path: str = "") -> bool:
        """Whether some file on the way sets the attribute or item from outside."""
        paths = {frame.path for frame in (*asked.frame.all(), *whole.frame.all())}
        if path:
            paths.add(path)
        return any(key in self._set_by(one) for one in paths)

    def _set_by(self, path: str) -> frozenset[str]:
        """Names of attributes and items that a file sets on what is no `self`."""
        known = self._set.get(path)
        if known is None:
            names = map(_name_set, self._values.python(path).bindings)
            known = self._set[path] = frozenset(name for name in names if name)
        return known

    # objects

    def _attribute(self, made: Object, name: str, there: Asked) -> Known | None:
        held = self._values.resolver.held(made.owner, name)
        if held is None:
            return None
        path, value, scope = held
        python = self._values.python(path)
        if python.scopes[scope].kind == "class":
            return self._field(made, name, there)
        init = Definition(path, scope)
        if python.scopes[scope].name not in CONSTRUCTORS or self._is_set_often(init, name):
            return None
        frame = self._construction(made, there.frame, init)
        if frame is None:
            return None
        end = self._values.flow(path).end(scope)
        return self._values.find(there.then(value)._replace(frame=frame, place=end))

    def _is_set_often(self, init: Definition, name: str) -> bool:
        """Whether the class sets the attribute at more places than one."""
        index = self._values.resolver.index(init.path)
        owner = index.enclosing_class(init.scope)
        bound = [
            one
            for (scope, what), several in index.bindings.items()
            if what == f"self.{name}" and index.enclosing_class(scope) == owner
            for one in several
        ]
        return len(bound) != 1 or bound[0].kind != "assign"

    def _construction(self, made: Object, outer: Frame, init: Definition) -> Frame | None:
        """The frame of the constructor that an object is made by: its own, or a base's."""
        resolver = self._values.resolver
        own = resolver.method(made.owner, "__init__")
        if not isinstance(own, Definition):
            return None
        frame = Frame(own.path, own.scope, made.call, outer)
        if own == init:
            return frame
        for number in resolver.index(own.path).calls[own.scope]:
            if resolver.call(own.path, number) == init:
                return Frame(init.path, init.scope, number, frame)
        return None

    def _field(self, made: Object, name: str, there: Asked) -> Known | None:
        """A field of a dataclass: given to the constructor, or its default."""
        if not isinstance(self._values.resolver.method(made.owner, "__init__"), Definition):
            call = self._values.python(there.frame.path).calls[made.call]
            given = call.keyword(name)
            if given is not None:
                return self._values.given(there.frame, made.call, given)
            if call.open or call.args:
                return None
        return self._of_class(made.owner, name, there)

    def _of_class(self, owner: Definition, name: str, there: Asked) -> Known | None:
        held = self._values.resolver.held(owner, name)
        if held is None:
            return None
        path, value, scope = held
        python = self._values.python(path)
        if python.scopes[scope].kind != "class":
            return None
        end = self._values.flow(path).end(0)
        asked = there.then(_default_of_field(value, python))
        return self._values.find(asked._replace(frame=Frame(path, 0), place=end))

    # options

    def _option(self, path: str, name: str, asked: Asked) -> Known | None:
        """What an option of argparse is when it is not given."""
        paths = (path, *(frame.path for frame in asked.frame.all()))
        if any(name in self._set_by(one) for one in paths):
            return None
        for where in paths:
            numbers = self._options_of(where).get(name, ())
            if len(numbers) == 1:
                python = self._values.python(where)
                call = python.calls[numbers[0]]
                value = default_of_option(call)
                if value is None or _is_choice(value):
                    return None
                place = self._values.flow(where).at_call(numbers[0])
                frame = Frame(where, python.scope_of(call.block))
                there = Asked(value, frame, place, asked.depth + 1, asked.option)
                return self._values.find(there.on(f"--{name}"))
        return None

    def _options_of(self, path: str) -> dict[str, list[int]]:
        known = self._options.get(path)
        if known is None:
            known = self._options[path] = declared(self._values.python(path))
        return known


def _is_choice(value: AnyValue) -> bool:
    """A word is one of several that a user may give; what is written for the others counts, too."""
    return isinstance(value, Const) and isinstance(value.value, str) and bool(value.value)


def _name_set(binding: Binding) -> str:
    if binding.kind == "item":
        key = binding.key
        return key.value if isinstance(key, Const) and isinstance(key.value, str) else ""
    root, _, last = binding.name.rpartition(".")
    return last if root and root != "self" else ""


def _default_of_field(value: AnyValue, python: PythonFacts) -> AnyValue:
    """`field(default=3)` stands for 3."""
    if isinstance(value, Result) and python.calls[value.call].callee in FIELDS:
        call = python.calls[value.call]
        return call.keyword("default") or (call.args[0] if call.args else value)
    return value
