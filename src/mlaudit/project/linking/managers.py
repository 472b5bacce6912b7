"""What context managers of the repository run: around which blocks, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlaudit.facts.syntax import Call, PythonFacts
from mlaudit.project.linking.steps import Run


class Managers:
    """Enters and leaves the blocks behind `with` as calls come by."""

    def __init__(
        self, facts: PythonFacts, around: Mapping[int, tuple[list[Run], list[Run]]]
    ) -> None:
        self._facts = facts
        self._around = around
        self._open: list[int] = []

    def before(self, call: Call) -> Iterator[Run]:
        """What runs between the call before and this one."""
        inside: list[int] = []
        block = call.block
        while block >= 0:
            if block in self._around:
                inside.append(block)
            block = self._facts.blocks[block].parent
        while self._open and self._open[-1] not in inside:
            yield from self._around[self._open.pop()][1]
        for block in reversed(inside):
            if block not in self._open:
                self._open.append(block)
                yield from self._around[block][0]

    def end(self) -> Iterator[Run]:
        while self._open:
            yield from self._around[self._open.pop()][1]


def withs(facts: PythonFacts) -> dict[int, list[int]]:
    """The blocks behind `with` of each scope."""
    found: dict[int, list[int]] = {}
    for number, block in enumerate(facts.blocks):
        if block.kind == "with":
            found.setdefault(block.scope, []).append(number)
    return found
