"""Whether the tests of a program hold, as far as their values are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.syntax import AnyValue, Collection, Const, Global, Mapping, Operation
from mlaudit.project.values.known import FARTHEST, NONE, UNDECIDED, Asked, Truth

if TYPE_CHECKING:
    from mlaudit.project.values.values import Values


class Truths:
    def __init__(self, values: Values) -> None:
        self._values = values

    def of(self, asked: Asked) -> Truth:
        if asked.depth > FARTHEST:
            return UNDECIDED
        if isinstance(asked.value, Operation):
            return self.operation(asked.value, asked)
        if asked.value == Global("typing.TYPE_CHECKING"):
            return Truth(False)
        known = self._values.find(asked)
        if known is None:
            return UNDECIDED
        match known.value:
            case Const(value=value):
                return Truth(bool(value), known.option)
            case Mapping(keys=items) | Collection(items=items):
                return Truth(bool(items), known.option)
            case _:
                return Truth(True, known.option)

    def operation(self, value: Operation, asked: Asked) -> Truth:
        kind, operands = value.kind, value.operands
        match kind:
            case "not":
                return self.of(asked.then(operands[0])).turned()
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
        found = [self.of(part) for part in parts]
        decisive = next((one for one in found if one.holds is wanted), None)
        if decisive is not None:
            return decisive
        if any(one.holds is None for one in found):
            return UNDECIDED
        return Truth(not wanted, next((one.option for one in found if one.option), ""))

    def _equal(self, asked: Asked, operands: tuple[AnyValue, ...]) -> Truth:
        first, second = (self._values.find(asked.then(one)) for one in operands[:2])
        if first is None or second is None:
            return UNDECIDED
        option = first.option or second.option
        if isinstance(first.value, Const) and isinstance(second.value, Const):
            return Truth(first.value.value == second.value.value, option)
        return Truth(False, option) if NONE in (first.value, second.value) else UNDECIDED

    def _contains(self, asked: Asked, operands: tuple[AnyValue, ...]) -> Truth:
        key, whole = (self._values.find(asked.then(one)) for one in operands[:2])
        if key is None or whole is None or not isinstance(whole.value, Mapping):
            return UNDECIDED
        keys = whole.value.keys
        if not all(isinstance(one, Const) for one in keys):
            return UNDECIDED
        return Truth(key.value in keys, whole.option)
