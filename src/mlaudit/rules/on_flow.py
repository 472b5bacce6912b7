"""Conditions on how a call and its values are used in the function around."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Const,
    Global,
    Local,
    Result,
    Statement,
)
from mlaudit.project.values.flow import Flow
from mlaudit.rules.parameters import only_true, words
from mlaudit.rules.sites import CallSite

if TYPE_CHECKING:
    pass

_WRAPPERS = frozenset(
    {
        "builtins.enumerate", "builtins.iter", "builtins.zip", "tqdm.tqdm", "tqdm.auto.tqdm",
        "tqdm.notebook.tqdm", "rich.progress.track",
    }
)  # fmt: skip
_BATCHES = re.compile(r"(?i)loader$|batches$|^dl$|_dl$")
_LOADER = "torch.utils.data.DataLoader"


def _values(call: Call) -> Iterator[AnyValue]:
    yield from call.args
    yield from (value for _, value in call.keywords)


def drawn_twice(data: Any) -> Callable[[CallSite], bool | None]:
    """The same function is called again with the same name, to repeat what was drawn."""
    return only_true(data, _repeats)


def _repeats(site: CallSite) -> bool:
    mine = [value for value in _values(site.call) if isinstance(value, Local)]
    scope = site.python.scope_of(site.block)
    return any(
        number != site.index
        and call.callee == site.call.callee
        and site.python.scope_of(call.block) == scope
        and any(value in mine for value in _values(call))
        for number, call in enumerate(site.python.calls)
    )


def in_batch_loop(data: Any) -> Callable[[CallSite], bool | None]:
    """The innermost loop around goes over the batches of a data loader."""
    return only_true(data, _in_batch_loop)


def _in_batch_loop(site: CallSite) -> bool:
    flow = Flow(site.python)
    loop = flow.loop(site.block)
    if loop is None or site.python.blocks[loop].value is None:
        return False
    stack = [site.python.blocks[loop].value]
    while stack:
        value = stack.pop()
        if isinstance(value, Local | Global):
            if _BATCHES.search(value.name):
                return True
        elif isinstance(value, Result):
            call = site.python.calls[value.call]
            if call.callee == _LOADER:
                return True
            if call.callee in _WRAPPERS:
                stack.extend(call.args)
    return False


def made_with(data: Any) -> Callable[[CallSite], bool | None]:
    """The object whose method is called was made with one of these arguments."""
    names = words(data)

    def holds(site: CallSite) -> bool | None:
        makers = list(_makers(site))
        if not makers or any(maker.open for maker in makers):
            return None
        return any(
            maker.keyword(name) not in (None, Const(None)) for maker in makers for name in names
        )

    return holds


def _makers(site: CallSite) -> Iterator[Call]:
    """The calls that made the object; nothing where one of them is out of sight."""
    flow = Flow(site.python)
    receiver = site.call.receiver
    if receiver is None:
        receiver = Local(site.call.local.partition(".")[0])
    if receiver == Local("self"):
        receiver = Local(".".join(site.call.local.split(".")[:2]))
    while isinstance(receiver, Attribute):
        receiver = receiver.base
    if isinstance(receiver, Result):
        yield site.python.calls[receiver.call]
        return
    if not isinstance(receiver, Local):
        return
    bound = [b.value for b in site.python.bindings if b.name == receiver.name]
    if receiver.name.startswith("self.") or flow.reaching(receiver.name, flow.at_call(site.index)):
        made = [value for value in bound if isinstance(value, Result)]
        yield from (site.python.calls[value.call] for value in made if len(made) == len(bound))


def discarded(data: Any) -> Callable[[CallSite], bool | None]:
    """The call is a statement: nobody takes what it returns."""

    def holds(site: CallSite) -> bool:
        result = Result(site.index)
        return any(_is_alone(statement, result) for statement in site.python.statements)

    return only_true(data, holds)


def _is_alone(statement: Statement, result: Result) -> bool:
    return statement.kind == "expression" and statement.value == result


def calls_too(data: Any) -> Callable[[CallSite], bool]:
    """The function around also calls something whose last name is one of these."""
    names = set(words(data))

    def holds(site: CallSite) -> bool:
        scope = site.python.scope_of(site.block)
        return any(
            (call.callee or call.local or call.method).rpartition(".")[2] in names
            for call in site.python.calls
            if site.python.scope_of(call.block) == scope
        )

    return holds
