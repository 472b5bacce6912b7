"""How far the order of a listing is passed on: through names, calls and functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from mlaudit.analyses.listing_calls import HASH, candidates, lists
from mlaudit.analyses.texts import Texts
from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Collection,
    Item,
    Local,
    Operation,
    PythonFacts,
    Result,
    Slice,
)
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.project import Project
from mlaudit.project.values.flow import COMPOSITES, Flow, Held

SHUFFLES = frozenset({"random.shuffle", "numpy.random.shuffle", "sklearn.utils.shuffle"})
_FIRST = frozenset(
    {
        "builtins.enumerate", "builtins.iter", "builtins.list", "builtins.reversed",
        "builtins.tuple", "copy.copy", "copy.deepcopy", "itertools.islice", "numpy.array",
        "numpy.asarray", "numpy.random.permutation", "tqdm.auto.tqdm", "tqdm.tqdm",
    }
)  # fmt: skip
_SECOND = frozenset({"builtins.map", "builtins.filter"})
_ALL = frozenset({"builtins.zip", "itertools.chain"})
"""Calls that keep the order of their first, their second, of all arguments."""
_JOINS = frozenset({"+", "-", "|", "&", "^", "*", "or"})
_KEPT = ("assign", "augment", "with")


class Source(NamedTuple):
    """A call that lists in no order."""

    path: str
    number: int


class Listings:
    """The files of the repository that list something, or call a function that does."""

    def __init__(self, project: Project, paths: Iterable[str]) -> None:
        self.project = project
        self._orders: dict[str, Orders] = {}
        paths = [path for path in paths if project.facts[path].python is not None]
        for path in paths:
            if not self.of(path).sources:
                del self._orders[path]
        self.paths = sorted(self._orders)
        """Files with a listing of their own."""
        self.names: frozenset[str] = frozenset()
        self._returned = dict(self._returning())
        self.names = frozenset(
            self._python(target.path).scopes[target.scope].name for target in self._returned
        )
        if self.names:
            self.paths += [path for path in paths if path not in self._orders and self._calls(path)]

    def _python(self, path: str) -> PythonFacts:
        return self.project.facts[path].python or PythonFacts()

    def of(self, path: str) -> Orders:
        known = self._orders.get(path)
        if known is None:
            known = self._orders[path] = Orders(self, path, self._python(path))
        return known

    def _returning(self) -> Iterator[tuple[Definition, Source]]:
        for path in self.paths:
            orders = self._orders[path]
            for number in orders.sources:
                scope = orders.flow.scope(orders.python.calls[number].block)
                found = orders.returned(scope) if scope else None
                if found is not None:
                    yield Definition(path, scope), found

    def _calls(self, path: str) -> bool:
        """Whether a file imports such a function."""
        ends = tuple(f".{name}" for name in self.names)
        return any(item.target.endswith(ends) for item in self._python(path).imports)

    def returned(self, path: str, number: int) -> Source | None:
        """What a function of the repository hands on that was listed in it."""
        if _last(self._python(path).calls[number]) not in self.names:
            return None
        target = self.project.program.resolver.call(path, number)
        return self._returned.get(target) if isinstance(target, Definition) else None


class Orders:
    """One file: where what it lists goes in the order that it came in."""

    def __init__(self, listings: Listings, path: str, python: PythonFacts) -> None:
        self.listings = listings
        self.path = path
        self.python = python
        self.flow = Flow(python)
        self._may: dict[str, bool] = {}

    @cached_property
    def sources(self) -> frozenset[int]:
        texts = Texts(self.listings.project, self.path, self.flow)
        return frozenset(number for number in candidates(self.python) if lists(texts, number))

    @property
    def hashes(self) -> bool:
        """Whether some source is the hash of a text."""
        return any(self.python.calls[number].callee == HASH for number in self.sources)

    @cached_property
    def _sorted(self) -> frozenset[str]:
        """Names that are sorted where they are, or shuffled though nobody seeds anything.

        The order of the latter differs in each run, whatever order they came in.
        """
        calls = self.python.calls
        names = (call.local for call in calls if call.local.endswith(".sort"))
        found = {name.removesuffix(".sort") for name in names}
        if not any("seed" in _last(call) for call in calls):
            shuffled = (call.args[0] for call in calls if call.callee in SHUFFLES and call.args)
            found |= {value.name for value in shuffled if isinstance(value, Local)}
        return frozenset(found)

    # where an order comes from

    def may_list(self, value: AnyValue) -> bool:
        """A cheap first question, blind to the order of statements: False is certain."""
        kind = type(value)
        if kind is Local:
            return self._may_name(value.name)  # type: ignore[union-attr]
        if kind is Result:
            number = value.call  # type: ignore[union-attr]
            if number in self.sources or self._names_lister(number):
                return True
            return any(map(self.may_list, self._passed_on(number) or ()))
        return kind in COMPOSITES and any(map(self.may_list, _ordered_parts(value)))

    def may_order(self, item: Item) -> bool:
        """Whether the base or the index of an item may have such an order."""
        return self.may_list(item.base) or (
            type(item.index) is Local and self._may_name(item.index.name)
        )

    def _may_name(self, name: str) -> bool:
        known = self._may.get(name)
        if known is None:
            self._may[name] = False
            found = any(map(self.may_list, self._bound.get(name, ())))
            known = self._may[name] = found or any(
                self.may_list(held.value) for held in self._filled(name, None)
            )
        return known

    def _names_lister(self, number: int) -> bool:
        return _last(self.python.calls[number]) in self.listings.names

    @cached_property
    def _bound(self) -> dict[str, list[AnyValue]]:
        """What each name is bound to, anywhere in the file."""
        found: dict[str, list[AnyValue]] = {}
        for binding in self.python.bindings:
            if binding.kind in _KEPT:
                found.setdefault(binding.name, []).append(binding.value)
        return found

    @cached_property
    def _fillers(self) -> dict[str, list[int]]:
        """Calls of `append` and `extend` of each name."""
        found: dict[str, list[int]] = {}
        for number, call in enumerate(self.python.calls):
            if call.local.endswith((".append", ".extend")):
                found.setdefault(call.local[:-7], []).append(number)
        return found

    def origin(self, value: AnyValue, held: Held) -> Source | None:
        """The listing whose order `value`, a part of what is held, has; None when there is none."""
        for end in self.flow.trace(Held(value, held.place), self._step):
            if isinstance(end.value, Result):
                found = self._source(end.value.call)
                if found is not None:
                    return found
        return None

    def _source(self, number: int) -> Source | None:
        if number in self.sources:
            return Source(self.path, number)
        return self.listings.returned(self.path, number)

    def returned(self, scope: int) -> Source | None:
        for number, statement in enumerate(self.python.statements):
            if statement.kind == "return" and self.flow.scope(statement.block) == scope:
                place = self.flow.at_statement(number)
                found = self.origin(statement.value, Held(statement.value, place))
                if found is not None:
                    return found
        return None

    def _step(self, held: Held) -> Sequence[Held] | None:
        """What hands its order on to the value. None of it where somebody sorts."""
        value = held.value
        if isinstance(value, Result):
            return self._through_call(value.call)
        if isinstance(value, Local):
            return self._through_name(value.name, held)
        return [Held(one, held.place) for one in _ordered_parts(value)]

    def _through_call(self, number: int) -> Sequence[Held] | None:
        given = self._passed_on(number)
        if given is None:
            return None
        place = self.flow.at_call(number)
        return [Held(value, place) for value in given]

    def _passed_on(self, number: int) -> Sequence[AnyValue] | None:
        """The arguments whose order a call keeps; None where it is not known to keep any."""
        call = self.python.calls[number]
        if call.callee in _FIRST:
            return call.args[:1]
        if call.callee in _SECOND:
            return call.args[1:2]
        return call.args if call.callee in _ALL else None

    def _through_name(self, name: str, held: Held) -> Sequence[Held]:
        if name in self._sorted:
            return []
        own = name.startswith("self.")
        find = self.flow.attribute if own else self.flow.reaching
        found: list[Held] = []
        for number in find(name, held.place):
            binding = self.python.bindings[number]
            if binding.kind not in _KEPT:
                continue
            found.append(self.flow.taken(number))
            if self._is_empty(binding.value):
                found += self._filled(name, None if own else self.flow.scope(binding.block))
        return found

    def _is_empty(self, value: AnyValue) -> bool:
        if isinstance(value, Result):
            call = self.python.calls[value.call]
            return call.callee == "builtins.list" and not call.args
        return isinstance(value, Collection) and value.kind == "list" and not value.items

    def _filled(self, name: str, scope: int | None) -> list[Held]:
        """What a list is filled from: the loops around its `append`, what extends it.

        `scope` is that of a name of a function; None where any will do.
        """
        found: list[Held] = []
        for number in self._fillers.get(name, ()):
            call = self.python.calls[number]
            if scope is not None and self.flow.scope(call.block) != scope:
                continue
            if call.local.endswith(".extend"):
                found += [Held(value, self.flow.at_call(number)) for value in call.args]
            for block in self.flow.around(call.block):
                iterable = self.python.blocks[block].value
                if self.python.blocks[block].kind == "for" and iterable is not None:
                    found.append(Held(iterable, self.flow.at_block(block)))
        return found


def _ordered_parts(value: AnyValue) -> Sequence[AnyValue]:
    match value:
        case Operation(kind="comprehension" | "if", operands=operands):
            return operands[1:]
        case Operation(kind=kind, operands=operands) if kind in _JOINS:
            return operands
        case Collection(items=items):
            return [item for item in items if isinstance(item, Operation) and item.kind == "*"]
        case Item(base=base, index=Slice()):
            return [base]
        case _:
            return ()


def _last(call: Call) -> str:
    return (call.callee or call.local or call.method).rpartition(".")[2]
