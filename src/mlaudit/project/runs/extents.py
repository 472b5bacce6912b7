"""From where to where a run is open: in the function that opens it, and in its callers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from mlaudit.facts.syntax import AnyValue, Call, Collection, Local, Operation, PythonFacts, Result
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.runs.events import Does, done_by

if TYPE_CHECKING:
    from mlaudit.project.linking.program import Program

CLOSERS = ("finish", "end_run")
"""Methods that close a run, whatever their object is known to be."""
DEEPEST = 4
"""Functions that a run is followed out of: one that opens it for another, and so on."""
DEEPEST_CLOSER = 24
"""Functions that are looked into, one from the other, for a call that closes a run."""
MOST_CALLERS = 30


class Stays(Enum):
    """How a run outlives the function that opens it."""

    NOT = "closed"
    OPEN = "left open, or returned"
    YIELDED = "open while a generator waits: the body of a with"


class Part(Struct, frozen=True):
    """Calls of one function or module body while the run is open, by number."""

    path: str
    scope: int
    calls: frozenset[int]


class Extent(Struct, frozen=True):
    """What lies between opening and closing, as far as one function shows it."""

    part: Part
    stays: Stays
    block: int = -1
    """The block behind `with` that the run is open in; -1 where none is."""
    end: int = -1
    """The call that closes it by hand; -1 where none does."""


class Extents:
    """Finds where runs are open, from the calls that open them."""

    def __init__(self, program: Program, python: dict[str, PythonFacts]) -> None:
        self._program = program
        self._python = python
        self._closing: dict[Definition, bool] = {}

    def of(self, path: str, number: int) -> Extent:
        """How long the run that a call opens is open in the function around."""
        python = self._python[path]
        call = python.calls[number]
        scope = python.blocks[call.block].scope
        names = {b.name for b in python.bindings if b.value == Result(number)}
        held: set[AnyValue] = {Result(number), *map(Local, names)}
        block = _with_of(python, scope, number, held)
        if block is not None:
            inside = _calls_in(python, block)
            stays = Stays.YIELDED if _yields(python, block) else Stays.NOT
            return Extent(Part(path, scope, inside), stays, block)
        if _is_returned(python, scope, held):
            return Extent(Part(path, scope, frozenset()), Stays.OPEN)
        end = self._closed_at(path, scope, number)
        after = [n for n in self._program.resolver.index(path).calls[scope] if n > number]
        if end is None:
            stays = Stays.YIELDED if _yields_after(python, scope, number, None) else Stays.OPEN
            return Extent(Part(path, scope, frozenset(after)), stays)
        stays = Stays.YIELDED if _yields_after(python, scope, number, end) else Stays.NOT
        return Extent(Part(path, scope, frozenset(n for n in after if n <= end)), stays, end=end)

    def _closed_at(self, path: str, scope: int, number: int) -> int | None:
        """The last call that closes it, before another run is opened on the same way."""
        python = self._python[path]
        start = python.calls[number]
        found = None
        for other in self._program.resolver.index(path).calls[scope]:
            if other <= number:
                continue
            if Does.OPENS in done_by(python.calls[other].callee) and found is not None:
                break
            if self.closes(path, other) and _shares_way(python, start.block, other):
                found = other
        return found

    def closes(self, path: str, number: int, depth: int = 0) -> bool:
        """Whether a call closes a run, itself or in what it runs in the repository."""
        if _closes_itself(self._python[path].calls[number]):
            return True
        target = self._program.resolver.call(path, number)
        if not isinstance(target, Definition) or target.path not in self._python:
            return False
        known = self._closing.get(target)
        if known is None and depth < DEEPEST_CLOSER:
            self._closing[target] = False  # one that calls itself
            known = self._closing[target] = self._closes_first(target, depth + 1)
        return bool(known)

    def _closes_first(self, function: Definition, depth: int) -> bool:
        """Whether a function closes a run before it opens one of its own."""
        python = self._python[function.path]
        for number in self._program.resolver.index(function.path).calls[function.scope]:
            if Does.OPENS in done_by(python.calls[number].callee):
                return False
            if self.closes(function.path, number, depth):
                return True
        return False

    def callers(self, extent: Extent) -> Iterator[tuple[str, int]]:
        """The calls that open the run for the code around them."""
        path, scope = extent.part.path, extent.part.scope
        scopes = self._python[path].scopes
        if scopes[scope].name in ("__init__", "__enter__", "__aenter__") and scopes[scope].parent:
            scope = scopes[scope].parent
        for caller, number in self._program.callers(Definition(path, scope)):
            if caller in self._python:
                yield caller, number


def _closes_itself(call: Call) -> bool:
    if Does.CLOSES in done_by(call.callee):
        return True
    return (call.local or call.callee or call.method).rpartition(".")[2] in CLOSERS


def _with_of(python: PythonFacts, scope: int, number: int, held: set[AnyValue]) -> int | None:
    """The block behind the `with` that manages the run, itself or by its name."""
    for at, block in enumerate(python.blocks):
        if block.kind != "with" or block.scope != scope or block.value is None:
            continue
        values = block.value.items if isinstance(block.value, Collection) else (block.value,)
        for value in map(_unwrapped, values):
            if value == Result(number):
                return at
            if not isinstance(value, Local) or value not in held:
                continue
            if _is_still(python, value.name, number, block.line):
                return at
    return None


def _is_still(python: PythonFacts, name: str, number: int, line: int) -> bool:
    """Whether a name stands for the run on a later line: nothing else is bound to it between."""
    start = python.calls[number].line
    between = (b for b in python.bindings if b.name == name and start <= b.line < line)
    return start <= line and all(b.value == Result(number) for b in between)


def _unwrapped(value: AnyValue) -> AnyValue:
    """`with run if track else nullcontext()` holds the run, too."""
    if isinstance(value, Operation) and value.kind in ("if", "or"):
        return next((part for part in value.operands if isinstance(part, Result | Local)), value)
    return value


def _is_returned(python: PythonFacts, scope: int, held: set[AnyValue]) -> bool:
    return any(
        s.kind == "return" and python.blocks[s.block].scope == scope and s.value in held
        for s in python.statements
    )


def _yields(python: PythonFacts, block: int) -> bool:
    return any(s.kind == "yield" and is_within(python, s.block, block) for s in python.statements)


def _yields_after(python: PythonFacts, scope: int, number: int, end: int | None) -> bool:
    return any(
        s.kind == "yield"
        and python.blocks[s.block].scope == scope
        and s.after > number
        and (end is None or s.after <= end)
        for s in python.statements
    )


def _calls_in(python: PythonFacts, block: int) -> frozenset[int]:
    return frozenset(
        n for n, call in enumerate(python.calls) if is_within(python, call.block, block)
    )


def _shares_way(python: PythonFacts, start: int, closer: int) -> bool:
    """Whether the closing call may come after the start in the same pass: not in another branch."""
    block = python.calls[closer].block
    around = set(_around(python, block))
    outer = next((one for one in _around(python, start) if one in around), -1)
    return outer >= 0


def _around(python: PythonFacts, block: int) -> Iterator[int]:
    while block >= 0:
        yield block
        block = python.blocks[block].parent


def is_within(python: PythonFacts, block: int, outer: int) -> bool:
    """Whether a block is another one, or lies in it."""
    return outer in _around(python, block)
