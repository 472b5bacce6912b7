"""Splits, pairs, labels and rows that hang on the order of a directory or of a set of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlaudit.analyses.listing_calls import HASH, SETS
from mlaudit.analyses.listings import Listings, Orders, Source
from mlaudit.analyses.places import spot_of
from mlaudit.facts.records import FileFacts, Span
from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Const,
    Item,
    Local,
    Operation,
    PythonFacts,
    Result,
    Slice,
)
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Held, Use, within
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule, Spot

_SHOWN = frozenset({"builtins.print", "builtins.len", "builtins.str", "builtins.repr"})
_DRAWS = ("IPython.display.", "builtins.print", "cv2.imshow", "matplotlib.", "seaborn.")
_COUNTED = frozenset(
    {
        "builtins.enumerate", "builtins.zip", "numpy.split", "numpy.array_split",
        "torch.utils.data.random_split",
    }
)  # fmt: skip
"""Calls in which the order of an argument counts, beside scikit-learn's splitters."""
_COMPARES = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not-in"})
_LABELS = re.compile(r"(?i)(^|_|\.)(y|labels?|targets?|class(es)?|ids)(_|$)")
NONE = Const(None)


class Sink(NamedTuple):
    """What is made in the order of a listing."""

    source: Source
    path: str
    line: int
    column: int
    what: str


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each listing, at the call that lists."""
    listings = Listings(project, [file.path for file in in_context(project, rule)])
    salted: bool | None = None
    seen: set[Source] = set()
    for path in listings.paths:
        for sink in _sinks(listings.of(path)):
            if sink.source in seen:
                continue
            seen.add(sink.source)
            call = listings.of(sink.source.path).python.calls[sink.source.number]
            if call.callee in SETS or call.callee == HASH:
                salted = not _fixes_hashes(project) if salted is None else salted
                if not salted:
                    continue
            yield _match(rule, sink, call)


def _match(rule: Rule, sink: Sink, call: Call) -> Match:
    name = (
        call.callee.removeprefix("builtins.")
        or f"Path.{call.method or call.local.rpartition('.')[2]}"
    )
    spot = spot_of(sink.source.path, call)
    where = Spot(sink.path, Span(sink.line, sink.column), code=True)
    here = sink.path == sink.source.path and call.line <= sink.line <= call.end_line
    related = () if here else (Related(where, f"{sink.what} in that order"),)
    values = {"callee": call.callee or name, "name": name, "what": sink.what}
    return Match(rule.id, spot, values, related=related)


def _fixes_hashes(project: Project) -> bool:
    """Whether something in the repository sets PYTHONHASHSEED."""
    return any(_names_hash_seed(file) for file in project.facts.values())


def _names_hash_seed(file: FileFacts) -> bool:
    name = "PYTHONHASHSEED"
    if file.python is not None and any(name in text.value for text in file.python.texts):
        return True
    if file.dockerfile and any(name in i.value for i in file.dockerfile.instructions):
        return True
    if any(name in command.text for command in file.commands):
        return True
    if any(setting.name == name for setting in file.settings):
        return True
    return file.document is not None and any(
        name in str(entry.value) or name in entry.path for entry in file.document.entries
    )


# sinks


def _sinks(orders: Orders) -> Iterator[Sink]:
    """What is made in the order of a listing, in the order of the file."""
    kinds = (Item, Operation) if orders.hashes else (Item,)
    for part, use in orders.flow.parts_of(*kinds):
        if isinstance(part, Item) and not orders.may_order(part):
            continue
        found = _in_part(orders, part, use)
        if found is not None:
            yield Sink(found[0], orders.path, orders.flow.line(use), 1, found[1])
    splitters = api_table("sklearn", "sklearn.stochastic-splitters")
    for number, call in enumerate(orders.python.calls):
        callee = call.callee
        if (
            callee in _COUNTED
            or call.local.endswith(".index")
            or (callee.startswith("sklearn.") and callee in splitters)
        ):
            found = _in_call(orders, number, call)
            if found is not None:
                yield Sink(found[0], orders.path, call.line, call.column + 1, found[1])


def _in_part(orders: Orders, part: AnyValue, use: Use) -> tuple[Source, str] | None:
    if isinstance(part, Item):
        for value, what in _ordered(orders, part, use):
            source = orders.origin(value, Held(part, orders.flow.place(use)))
            if source is not None and not _is_shown(orders, use):
                return source, what
    elif isinstance(part, Operation) and part.kind in _COMPARES:
        return _in_compare(orders, part, Held(part, orders.flow.place(use)))
    return None


def _is_shown(orders: Orders, use: Use) -> bool:
    """Printed or drawn, for somebody to look at: by a call, or item by item in a loop."""
    python = orders.python
    if use.kind == "call":
        return python.calls[use.number].callee in _SHOWN
    block = python.bindings[use.number].block if use.kind == "binding" else use.number
    if use.kind not in ("binding", "block") or python.blocks[block].kind != "for":
        return False
    return any(
        call.callee.startswith(_DRAWS) and orders.flow.within(call.block, block)
        for call in python.calls
    )


def _ordered(orders: Orders, item: Item, use: Use) -> Iterator[tuple[AnyValue, str]]:
    """Values in an item whose order decides what it is."""
    index = item.index
    if isinstance(index, Slice):
        if not index.lower == index.upper == NONE and orders.may_list(item.base):
            yield item.base, "a slice is taken"
    elif orders.may_list(item.base) and _picks_row(orders, item, use):
        yield item.base, "rows are numbered"
    elif isinstance(index, Local) and orders.may_list(index):
        yield index, "columns are chosen"


def _picks_row(orders: Orders, item: Item, use: Use) -> bool:
    """The index of `__getitem__` picks a row of a data set."""
    scope = orders.python.scopes[orders.flow.scope(orders.flow.place(use).block)]
    if scope.name != "__getitem__" or len(scope.parameters) < 2:
        return False
    index = Local(scope.parameters[1].name)
    return any(part == index for part in within(item.index))


def _in_compare(orders: Orders, test: Operation, held: Held) -> tuple[Source, str] | None:
    """`hash(name) % 10 < 8`: who belongs to which part."""
    for operand in test.operands:
        for end in orders.flow.trace(Held(operand, held.place), _modulo):
            if isinstance(end.value, Result):
                number = end.value.call
                if orders.python.calls[number].callee == HASH and number in orders.sources:
                    return Source(orders.path, number), "a part is chosen"
    return None


def _modulo(held: Held) -> list[Held] | None:
    if isinstance(held.value, Operation) and held.value.kind in ("%", "/"):
        return [Held(held.value.operands[0], held.place)]
    return None


def _in_call(orders: Orders, number: int, call: Call) -> tuple[Source, str] | None:
    held = Held(Result(number), orders.flow.at_call(number))
    given: Sequence[AnyValue] = call.args
    what = "a split is made"
    if call.callee == "builtins.zip":
        return _zipped(orders, call, held)
    if call.callee == "builtins.enumerate":
        given = [value for value in call.args[:1] if orders.may_list(value)]
        given = given if given and _is_label(orders.python, number) else []
        what = "classes are numbered"
    elif call.local.endswith(".index"):
        given = [Local(call.local.removesuffix(".index"))]
        what = "classes are numbered"
    for value in given:
        source = orders.origin(value, held) if orders.may_list(value) else None
        if source is not None:
            return source, what
    return None


def _zipped(orders: Orders, call: Call, held: Held) -> tuple[Source, str] | None:
    """Pairs of two listings; what was made from one and the same listing pairs well."""
    found = [orders.origin(value, held) for value in call.args]
    sources = {source for source in found if source is not None}
    if len(sources) > 1:
        return min(sources, key=lambda source: source.number), "pairs are made"
    return None


def _is_label(python: PythonFacts, number: int) -> bool:
    """The count of `enumerate` is kept for each item, as a class is by its number."""
    counted = Item(Result(number), Const(0))
    names = {Local(b.name) for b in python.bindings if b.kind == "for" and b.value == counted}
    if not names:
        return False
    for binding in python.bindings:
        if binding.kind == "item" and binding.value in names:
            return True
        if isinstance(binding.value, Operation) and (
            _maps_to(binding.value, number, names)
            or (binding.kind == "augment" and _labels(binding.name, binding.value, names))
        ):
            return True
    for call in python.calls:
        base, _, method = call.local.rpartition(".")
        if method in ("append", "extend") and any(_labels(base, v, names) for v in call.args):
            return True
    return any(
        isinstance(statement.value, Operation) and _maps_to(statement.value, number, names)
        for statement in python.statements
    )


def _labels(name: str, value: AnyValue, counts: set[Local]) -> bool:
    """`labels += [number] * len(rows)`: the count is kept in a list that is called so."""
    return bool(_LABELS.search(name)) and any(part in counts for part in within(value))


def _maps_to(value: Operation, number: int, names: set[Local]) -> bool:
    """`{name: i for i, name in enumerate(...)}`"""
    if value.kind != "comprehension" or value.operands[1:2] != (Result(number),):
        return False
    return any(part in names for part in within(value.operands[0]))
