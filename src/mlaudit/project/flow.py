"""Where a value in one function comes from: names are followed to the bindings that may reach them.

`Flow` looks at one file and one function at a time. Statements are taken in their order; a binding
on the way to the place hides the earlier ones, one in a branch or loop beside it does not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Collection,
    Item,
    Local,
    Mapping,
    Operation,
    PythonFacts,
    Slice,
)

FARTHEST = 24
"""Steps that one value is followed back."""
LOOPS = ("for", "while")


class Place(NamedTuple):
    """A moment in a function: in a block, after the first `order` bindings of the file."""

    block: int
    order: int


class Held(NamedTuple):
    """A value where it is used."""

    value: AnyValue
    place: Place


Step: TypeAlias = Callable[[Held], "Sequence[Held] | None"]
"""The values that one is made of, as far as whoever asks cares: none where nothing matters any
more. None leaves it to the trace, which follows names and ends at all else."""


class Flow:
    """The bindings of one file, ready to be asked what a name may stand for."""

    def __init__(self, python: PythonFacts) -> None:
        self.python = python
        self._after = [binding.after for binding in python.bindings]
        self._named: dict[tuple[int, str], list[int]] = defaultdict(list)
        for number, binding in enumerate(python.bindings):
            if binding.kind != "item":
                self._named[self.scope(binding.block), binding.name].append(number)

    def scope(self, block: int) -> int:
        return self.python.blocks[block].scope

    # places

    def at_call(self, number: int) -> Place:
        """Where the arguments of a call are evaluated."""
        return Place(self.python.calls[number].block, bisect_right(self._after, number))

    def at_binding(self, number: int) -> Place:
        """Where the value of a binding is evaluated."""
        return Place(self.python.bindings[number].block, number)

    def at_statement(self, number: int) -> Place:
        statement = self.python.statements[number]
        return self._at(statement.block, statement.after, statement.line)

    def at_block(self, number: int) -> Place:
        """Where the test or iterable of a block is evaluated."""
        block = self.python.blocks[number]
        outer = block.parent if block.parent >= 0 else number
        own = (n for n, b in enumerate(self.python.bindings) if self.within(b.block, number))
        first = next(own, None)
        if first is not None:
            return Place(outer, first)
        calls = (n for n, c in enumerate(self.python.calls) if self.within(c.block, number))
        return self._at(outer, next(calls, len(self.python.calls)), block.line)

    def _at(self, block: int, after: int, line: int) -> Place:
        """Of bindings after equally many calls, those on later lines come later."""
        order = bisect_right(self._after, after)
        bindings = self.python.bindings
        while order and self._after[order - 1] == after and bindings[order - 1].line > line:
            order -= 1
        return Place(block, order)

    # names

    def home(self, name: str, scope: int) -> int | None:
        """The scope whose name this is, seen from `scope`; None when nothing binds it."""
        root = name.partition(".")[0]
        scopes = self.python.scopes
        start = scope
        while scope >= 0:
            bound = (scope, name) in self._named or (scope, root) in self._named
            taken = any(parameter.name == root for parameter in scopes[scope].parameters)
            if (bound or taken) and (scope == start or scopes[scope].kind != "class"):
                return scope
            scope = scopes[scope].parent
        return None

    def reaching(self, name: str, place: Place) -> tuple[int, ...]:
        """The bindings that `name` may have its value from, the nearest first.

        Of a name of an enclosing scope they are all its bindings: who knows when it runs. None of
        them for a parameter that is not bound again, or where the parameter itself may reach.
        """
        scope = self.scope(place.block)
        home = self.home(name, scope)
        if home is None:
            return ()
        candidates = self._named.get((home, name), [])
        if home != scope:
            return tuple(reversed(candidates))
        found, hidden = self._from(candidates, place)
        root = name.partition(".")[0]
        given = any(p.name == root for p in self.python.scopes[scope].parameters)
        return () if given and not hidden and "." not in name else tuple(found)

    def _from(self, candidates: list[int], place: Place) -> tuple[list[int], bool]:
        """What reaches the place, and whether one of it hides all that was before."""
        bindings = self.python.bindings
        found: list[int] = []
        loop = self.loop(place.block)
        if loop is not None:
            later = (n for n in candidates if n >= place.order)
            found += [n for n in later if self.within(bindings[n].block, loop)]
        for number in reversed([n for n in candidates if n < place.order]):
            found.append(number)
            hides = bindings[number].kind != "augment"
            if hides and self.within(place.block, bindings[number].block):
                return found, True
        return found, False

    def attribute(self, name: str, place: Place) -> tuple[int, ...]:
        """The bindings that `self.name` may have its value from, in any method of the class."""
        scopes = self.python.scopes
        method = self.scope(place.block)
        while method > 0 and scopes[scopes[method].parent].kind != "class":
            method = scopes[method].parent
        methods = (n for n, s in enumerate(scopes) if s.parent == scopes[method].parent)
        found: list[int] = []
        for scope in methods if method > 0 else ():
            candidates = self._named.get((scope, name), [])
            body = next((n for n, b in enumerate(self.python.blocks) if b.scope == scope), 0)
            found += self._from(candidates, Place(body, len(self.python.bindings)))[0]
        return tuple(found)

    # blocks

    def within(self, block: int, outer: int) -> bool:
        while block >= 0:
            if block == outer:
                return True
            block = self.python.blocks[block].parent
        return False

    def around(self, block: int) -> Iterator[int]:
        """The block and those around it in the same function, innermost first."""
        while block >= 0:
            yield block
            block = self.python.blocks[block].parent

    def loop(self, block: int) -> int | None:
        """The innermost loop around."""
        loops = (n for n in self.around(block) if self.python.blocks[n].kind in LOOPS)
        return next(loops, None)

    # values

    def trace(self, held: Held, step: Step) -> Iterator[Held]:
        """The values at the ends of all ways back from one."""
        stack = [(held, 0)]
        seen: set[Held] = set()
        while stack:
            current, depth = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            before = step(current) if depth < FARTHEST else ()
            if before is None:
                before = self.bound(current)
            if before is None:
                yield current
            else:
                stack.extend((one, depth + 1) for one in before)

    def bound(self, held: Held) -> list[Held] | None:
        """What is bound to a name where it is used; None when that is not in sight."""
        if not isinstance(held.value, Local):
            return None
        numbers = self.reaching(held.value.name, held.place)
        return [self.taken(number) for number in numbers] or None

    def taken(self, number: int) -> Held:
        """The value that a binding takes."""
        return Held(self.python.bindings[number].value, self.at_binding(number))

    def uses(self) -> Iterator[tuple[Held, int]]:
        """Every value that the file passes, binds, tests or returns, whole, with its place.

        The number is that of the call whose argument it is, else -1.
        """
        for number, call in enumerate(self.python.calls):
            place = self.at_call(number)
            for value in (*call.args, *(value for _, value in call.keywords)):
                yield Held(value, place), number
            if call.receiver is not None:
                yield Held(call.receiver, place), -1
        for number, binding in enumerate(self.python.bindings):
            yield Held(binding.value, self.at_binding(number)), -1
        for number, statement in enumerate(self.python.statements):
            yield Held(statement.value, self.at_statement(number)), -1


def parts(value: AnyValue) -> tuple[AnyValue, ...]:
    """The values that a value is directly made of."""
    match value:
        case Attribute(base=base):
            return (base,)
        case Item(base=base, index=index):
            return (base, index)
        case Slice(lower=lower, upper=upper, step=step):
            return (lower, upper, step)
        case Collection(items=items):
            return items
        case Mapping(keys=keys, values=values):
            return (*(key for key in keys if key is not None), *values)
        case Operation(operands=operands):
            return operands
        case _:
            return ()


def within(value: AnyValue) -> Iterator[AnyValue]:
    """The value and all that it is made of, without following names or calls."""
    stack = [value]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(parts(current))
