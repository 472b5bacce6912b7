"""Whether a call is made at all, on one way through a program."""

from __future__ import annotations

from typing import NamedTuple

from mlaudit.project.linking.frames import Frame
from mlaudit.project.values.flow import Flow
from mlaudit.project.values.known import Truth
from mlaudit.project.values.values import Values

RUNS = Truth(True)


class _Exit(NamedTuple):
    """A `return`, and the number of calls of the file before it."""

    block: int
    after: int


class Branches:
    """Follows the tests of `if` around calls, and the returns before them.

    True stands for what is not known, too: who asks wants to hear of what is certain not to run.
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        self._exits: dict[str, dict[int, list[_Exit]]] = {}

    def runs(self, frame: Frame, number: int) -> Truth:
        """Whether a call of a frame is made. False comes with the option that would ask for it."""
        option = ""
        at: Frame | None = frame
        while at is not None:
            if number >= 0:
                found = self._in_frame(at, number)
                if found.holds is False and not found.option:
                    return found
                option = option or found.option
            number, at = at.call, at.outer
        return Truth(False, option) if option else RUNS

    def _in_frame(self, frame: Frame, number: int) -> Truth:
        flow = self._values.flow(frame.path)
        block = flow.python.calls[number].block
        if flow.scope(block) != frame.scope:
            return RUNS
        option = ""
        for one in flow.around(block):
            if flow.python.blocks[one].kind not in ("if", "else"):
                continue
            test = self._values.test(frame, one)
            if test.holds is (flow.python.blocks[one].kind == "else"):
                if not test.option:
                    return Truth(False)
                option = option or test.option
        left = self._left(flow, frame, block, number)
        return left if left.holds is False else Truth(not option, option)

    def _left(self, flow: Flow, frame: Frame, block: int, number: int) -> Truth:
        """False when the function returns before the call."""
        option = ""
        for way_out in self._exits_of(frame):
            if way_out.after > number:
                break
            leaves = self._is_taken(flow, frame, way_out.block, block)
            if leaves.holds:
                if not leaves.option:
                    return Truth(False)
                option = option or leaves.option
        return Truth(False, option) if option else RUNS

    def _is_taken(self, flow: Flow, frame: Frame, block: int, place: int) -> Truth:
        option = ""
        for one in flow.around(block):
            kind = flow.python.blocks[one].kind
            if kind in ("body", "with") or flow.within(place, one):
                continue
            if kind not in ("if", "else"):
                return Truth(None)
            test = self._values.test(frame, one)
            if test.holds is not (kind == "if"):
                return Truth(None)
            option = option or test.option
        return Truth(True, option)

    def _exits_of(self, frame: Frame) -> list[_Exit]:
        known = self._exits.get(frame.path)
        if known is None:
            known = self._exits[frame.path] = {}
            python = self._values.python(frame.path)
            for statement in python.statements:
                if statement.kind == "return":
                    scope = python.scope_of(statement.block)
                    known.setdefault(scope, []).append(_Exit(statement.block, statement.after))
        return known.get(frame.scope, [])
