"""What a call gives: an object, the result of a function, or what a library hands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.syntax import Call, Const, Local, Mapping
from mlaudit.project.documents import LOADS, Documents
from mlaudit.project.linking.frames import Frame
from mlaudit.project.linking.resolution import Definition, External
from mlaudit.project.values.flow import Held
from mlaudit.project.values.known import NONE, Asked, Known, Object, Options
from mlaudit.project.values.objects import Objects

if TYPE_CHECKING:
    from mlaudit.project.values.values import Values

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


class Returned:
    def __init__(self, values: Values, objects: Objects, documents: Documents) -> None:
        self._values = values
        self._objects = objects
        self._documents = documents

    def of(self, number: int, asked: Asked) -> Known | None:
        path = asked.frame.path
        call = self._values.python(path).calls[number]
        there = asked.then(NONE)._replace(place=self._values.flow(path).at_call(number))
        target = self._values.resolver.call(path, number)
        if isinstance(target, Definition):
            if self._values.is_class(target):
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
        returns = self._values.resolver.index(target.path).returns[target.scope]
        if len(returns) != 1 or self._values.python(target.path).scopes[target.scope].decorators:
            return None
        frame = Frame(target.path, target.scope, number, there.frame)
        end = self._values.flow(target.path).end(target.scope)
        return self._values.find(there.then(returns[0])._replace(frame=frame, place=end))

    def _library(self, name: str, call: Call, there: Asked) -> Known | None:
        first = call.args[0] if call.args else None
        if name in SAME and first is not None:
            return self._values.find(there.then(first))
        if name in WRAPPERS and not call.open:
            if first is not None:
                return None if call.keywords else self._values.find(there.then(first))
            keys = tuple(Const(key) for key, _ in call.keywords)
            made = Mapping(keys, tuple(value for _, value in call.keywords))
            return Known(made, there.frame, there.place, there.option)
        if name == "builtins.getattr" and len(call.args) > 1 and first is not None:
            key = call.args[1]
            if not isinstance(key, Const):
                return None
            return self._objects.part(self._values.find(there.then(first)), key.value, there)
        if (call.method or call.local.rpartition(".")[2]) == "get" and isinstance(first, Const):
            base = call.receiver if call.method else Local(call.local.rpartition(".")[0])
            whole = None if base is None else self._values.find(there.then(base))
            fallback = call.args[1] if len(call.args) > 1 else NONE
            return self._objects.got(whole, first, fallback, there)
        return None
