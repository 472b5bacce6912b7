"""Where a value in one function comes from: names are followed to the bindings that may reach them.

`Flow` looks at one file and one function at a time. Statements are taken in their order; a binding
on the way to the place hides the earlier ones, one in a branch or loop beside it does not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Binding,
    Block,
    Call,
    Collection,
    Item,
    Local,
    Mapping,
    Operation,
    PythonFacts,
    Slice,
    Statement,
)

FARTHEST = 24
"""Steps that one value is followed back."""
LOOPS = ("for", "while")
_CHANGES = frozenset({"clear", "merge", "pop", "setdefault", "update"})


UseKind: TypeAlias = Literal["call", "receiver", "binding", "statement", "block"]


class Place(NamedTuple):
    """A moment in a function: in a block, after the first `order` bindings of the file."""

    block: int
    order: int


class Use(NamedTuple):
    """A value and who uses it: the call, binding, statement or block with this number."""

    value: AnyValue
    kind: UseKind
    number: int


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

    @cached_property
    def _after(self) -> list[int]:
        return [binding.after for binding in self.python.bindings]

    @cached_property
    def _named(self) -> dict[tuple[int, str], list[int]]:
        """Bindings of each name in each scope, in order."""
        named: dict[tuple[int, str], list[int]] = {}
        blocks = self.python.blocks
        for number, binding in enumerate(self.python.bindings):
            if binding.kind != "item":
                key = blocks[binding.block].scope, binding.name
                named.setdefault(key, []).append(number)
        return named

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
        first = self._first_bindings.get(number)
        if first is not None:
            return Place(outer, first)
        call = self._first_calls.get(number, len(self.python.calls))
        return self._at(outer, call, block.line)

    @cached_property
    def _first_bindings(self) -> dict[int, int]:
        return self._first(binding.block for binding in self.python.bindings)

    @cached_property
    def _first_calls(self) -> dict[int, int]:
        return self._first(call.block for call in self.python.calls)

    def _first(self, blocks: Iterable[int]) -> dict[int, int]:
        """The first of some things within each block, by the blocks that these stand in."""
        found: dict[int, int] = {}
        for number, block in enumerate(blocks):
            while block >= 0 and block not in found:
                found[block] = number
                block = self.python.blocks[block].parent
        return found

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

    def earlier(self, home: int, name: str, place: Place) -> Iterator[int]:
        """The bindings of a scope's own name before a place in it, the nearest first."""
        for number in reversed(self._named.get((home, name), ())):
            if number < place.order and self.python.bindings[number].kind != "annotate":
                yield number

    def is_unsettled(self, home: int, name: str, place: Place) -> bool:
        """Whether a name may be bound by another function, or by a later turn of a loop."""
        if name in self._shared:
            return True
        loop = self.loop(place.block)
        return loop is not None and any(
            number >= place.order and self.within(self.python.bindings[number].block, loop)
            for number in self._named.get((home, name), ())
        )

    @cached_property
    def _shared(self) -> frozenset[str]:
        """Names that some function declares global or nonlocal."""
        return frozenset(b.name for b in self.python.bindings if b.kind == "global")

    @cached_property
    def _bodies(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for number, block in enumerate(self.python.blocks):
            if block.parent < 0:
                found.setdefault(block.scope, number)
        return found

    def end(self, scope: int) -> Place:
        """After all that a scope binds."""
        return Place(self._bodies.get(scope, 0), len(self.python.bindings))

    def is_updated(self, name: str) -> bool:
        """Whether a method that may change its object is called on a name."""
        return any(
            call.local.rpartition(".")[0] == name and call.local.rpartition(".")[2] in _CHANGES
            for call in self.python.calls
        )

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

    def parts_of(self, *kinds: type[AnyValue]) -> Iterator[tuple[AnyValue, Use]]:
        """Every value of these kinds that the file uses, be it a part of another one."""
        for value, kind, number in self._composites():
            stack = [value]
            while stack:
                part = stack.pop()
                if type(part) in kinds:
                    yield part, Use(value, kind, number)
                inner = _PARTS[type(part)](part)
                stack.extend([one for one in inner if type(one) in _PARTS])

    def _composites(self) -> Iterator[tuple[AnyValue, UseKind, int]]:
        """Values with parts, whole."""
        for number, call in enumerate(self.python.calls):
            for value in call.args:
                if type(value) in _PARTS:
                    yield value, "call", number
            for _, value in call.keywords:
                if type(value) in _PARTS:
                    yield value, "call", number
        users: tuple[tuple[UseKind, Sequence[Call | Binding | Statement | Block]], ...] = (
            ("receiver", self.python.calls),
            ("binding", self.python.bindings),
            ("statement", self.python.statements),
            ("block", self.python.blocks),
        )
        for kind, several in users:
            for number, user in enumerate(several):
                held = user.receiver if isinstance(user, Call) else user.value
                if held is not None and type(held) in _PARTS:
                    yield held, kind, number

    def place(self, use: Use) -> Place:
        match use.kind:
            case "binding":
                return self.at_binding(use.number)
            case "statement":
                return self.at_statement(use.number)
            case "block":
                return self.at_block(use.number)
            case _:
                return self.at_call(use.number)

    def line(self, use: Use) -> int:
        users: dict[UseKind, Sequence[Call | Binding | Statement | Block]] = {
            "binding": self.python.bindings,
            "statement": self.python.statements,
            "block": self.python.blocks,
        }
        return users.get(use.kind, self.python.calls)[use.number].line


def parts(value: AnyValue) -> tuple[AnyValue, ...]:
    """The values that a value is directly made of."""
    take = _PARTS.get(type(value))
    return () if take is None else take(value)


def within(value: AnyValue) -> Iterator[AnyValue]:
    """The value and all that it is made of, without following names or calls."""
    stack = [value]
    while stack:
        current = stack.pop()
        yield current
        take = _PARTS.get(type(current))
        if take is not None:
            stack.extend(take(current))


def _parts_of_mapping(value: Mapping) -> tuple[AnyValue, ...]:
    return (*(key for key in value.keys if key is not None), *value.values)


_PARTS: dict[type[AnyValue], Callable[[Any], tuple[AnyValue, ...]]] = {
    Attribute: lambda value: (value.base,),
    Collection: lambda value: value.items,
    Item: lambda value: (value.base, value.index),
    Mapping: _parts_of_mapping,
    Operation: lambda value: value.operands,
    Slice: lambda value: (value.lower, value.upper, value.step),
}
COMPOSITES = frozenset(_PARTS)
"""Kinds of values that have parts."""
