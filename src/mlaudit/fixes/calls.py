"""Edits of one call. What stands around them keeps its form: commas, comments, line breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mlaudit.fixes.edits import Edit

if TYPE_CHECKING:
    import libcst as cst

_LAST_BREAK = re.compile(r"(\r\n|\r|\n)[^\r\n]*\Z")
_LITERALS = frozenset({"None", "True", "False"})


Stretch: TypeAlias = "Callable[[cst.CSTNode], tuple[int, int]]"
"""Where a node begins and ends."""


class _Slot(NamedTuple):
    """An argument, and the offsets of its start, of its end, and behind its comma."""

    node: cst.Arg
    start: int
    end: int
    comma: int | None


class Called:
    """A call in a text, with its arguments."""

    def __init__(self, text: str, call: cst.Call, stretch: Stretch) -> None:
        self._text = text
        self._call = call
        self._stretch = stretch
        self._close = stretch(call)[1] - 1
        """Of the closing parenthesis."""
        self._slots = [self._slot(node) for node in call.args]

    def _slot(self, node: cst.Arg) -> _Slot:
        import libcst as cst

        comma = self._stretch(node.comma)[1] if isinstance(node.comma, cst.Comma) else None
        return _Slot(node, *self._stretch(node), comma)

    def set_argument(self, parameter: Any, values: Mapping[str, str]) -> tuple[Edit, ...] | None:
        """Gives the argument a value: adds it, or puts it in the place of None, True or False.

        The key of the parameter is a name, `$argument` for the one that the rule is about, or a
        position. `$index` as the value stands for the name under that key in `values`. None where
        something else is passed already, or there is no such name.
        """
        ((key, value),) = parameter.items()
        target = _target(str(key), values)
        text = _written_as(value, values)
        if not text:
            return None
        written = self._written(target)
        if written is not None:
            return self._replaced(written, text)
        if target.by_position:
            return self._inserted(target.position or 0, text)
        return self._appended(f"{target.name}={text}") if target.name else None

    def rename_attributes(self, names: Mapping[str, str]) -> tuple[Edit, ...] | None:
        """Takes other attributes of the same modules: as what is called, and as arguments.

        None where a bare name was imported, for then its import would have to change, too.
        """
        import libcst as cst

        used = [self._call.func, *(argument.value for argument in self._call.args)]
        attributes = [node.attr for node in used if isinstance(node, cst.Attribute)]
        found = [name for name in attributes if name.value in names]
        return tuple(Edit(*self._stretch(name), names[name.value]) for name in found) or None

    def argument_of(self, values: Mapping[str, str], kind: Any) -> tuple[int, int] | None:
        """Where the value of the argument stands that the rule is about, if it is of the kind."""
        slot = self._written(_target("$argument", values))
        if slot is None or not isinstance(slot.node.value, kind):
            return None
        return self._stretch(slot.node.value)

    def _written(self, target: _Target) -> _Slot | None:
        for slot in self._slots:
            if slot.node.keyword is not None and slot.node.keyword.value == target.name:
                return slot
        position = target.position
        if position is None or position >= self._positional():
            return None
        return self._slots[position]

    def _positional(self) -> int:
        """How many arguments are passed by position before anything else comes."""
        for number, slot in enumerate(self._slots):
            if slot.node.keyword is not None or slot.node.star:
                return number
        return len(self._slots)

    def _replaced(self, slot: _Slot, value: str) -> tuple[Edit, ...] | None:
        node = slot.node.value
        if getattr(node, "value", None) not in _LITERALS:
            return None
        return (Edit(*self._stretch(node), value),)

    def _inserted(self, position: int, value: str) -> tuple[Edit, ...] | None:
        if position != self._positional():
            return None
        if position == len(self._slots):
            return self._appended(value)
        at = self._slots[position].start
        return (Edit(at, at, f"{value}, "),)

    def _appended(self, argument: str) -> tuple[Edit, ...]:
        if not self._slots:
            at = self._stretch(self._call.whitespace_before_args)[0]
            return (Edit(at, at, argument),)
        last = self._slots[-1]
        line = self._new_line(last)
        if last.comma is not None:
            at, start = line or _NewLine(last.comma, " ")
            return (Edit(at, at, f"{start}{argument},"),)
        at = last.end
        if line is None:
            return (Edit(at, at, f", {argument}"),)
        if line.at == at:
            return (Edit(at, at, f",{line.start}{argument}"),)
        return Edit(at, at, ","), Edit(line.at, line.at, line.start + argument)

    def _new_line(self, last: _Slot) -> _NewLine | None:
        """Where each argument has a line of its own, so has the new one."""
        behind = last.comma or last.end
        closing = _LAST_BREAK.search(self._text[behind : self._close])
        line_start = max(self._text.rfind(mark, 0, last.start) for mark in "\r\n") + 1
        indent = self._text[line_start : last.start]
        if closing is None or indent.strip(" \t"):
            return None
        return _NewLine(behind + closing.start(), closing[1] + indent)


class _NewLine(NamedTuple):
    at: int
    """Offset of the line break that the new line goes before."""
    start: str
    """Line break and indentation of the new line."""


class _Target(NamedTuple):
    """An argument: how it is named, where it stands, and how it is passed when it is not there."""

    name: str
    position: int | None
    by_position: bool


def _written_as(value: Any, values: Mapping[str, str]) -> str:
    if isinstance(value, str) and value.startswith("$"):
        return values.get(value[1:], "")
    return repr(value)


def _target(key: str, values: Mapping[str, str]) -> _Target:
    name, place = values.get("argument", ""), values.get("position", "")
    known = int(place) if place else None
    if key.isdigit():
        return _Target(name if known == int(key) else "", int(key), True)
    if key in ("$argument", name):
        return _Target(name, known, False)
    return _Target(key, None, False)
