"""Whether a value is a text, or holds texts, as far as one function tells."""

from __future__ import annotations

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Collection,
    Const,
    Item,
    Local,
    Operation,
    Result,
)
from mlaudit.project.flow import Flow, Held

_MAKERS = frozenset(
    {
        "capitalize", "casefold", "columns", "decode", "format", "hexdigest", "join", "listdir",
        "lower", "lstrip", "read_text", "readlines", "replace", "rstrip", "split", "splitlines",
        "strip", "title", "tolower", "upper",
    }
)  # fmt: skip
"""Methods and functions that return texts."""
_KEEPERS = frozenset({"builtins.list", "builtins.sorted", "builtins.tuple", "builtins.set"})
_FARTHEST = 8


def is_text(flow: Flow, held: Held, depth: int = 0) -> bool:
    """Proved only: False where nothing is known."""
    if depth > _FARTHEST:
        return False

    def same(value: AnyValue) -> bool:
        return is_text(flow, Held(value, held.place), depth + 1)

    match held.value:
        case Const(value=value):
            return isinstance(value, str)
        case Operation(kind="format") | Attribute(name="columns"):
            return True
        case Operation(kind="comprehension" | "+" as kind, operands=operands):
            return any(map(same, operands if kind == "+" else operands[:1]))
        case Collection(items=items):
            return bool(items) and all(map(same, items))
        case Item(base=base):
            return isinstance(base, Result) and same(base)
        case Result(call=number):
            return _returns_text(flow, number, depth)
        case Local(name=name):
            return name.endswith(".columns") or _is_bound(flow, held, depth)
        case _:
            return False


def _is_bound(flow: Flow, held: Held, depth: int) -> bool:
    bound = flow.bound(held) or []
    return bool(bound) and all(is_text(flow, one, depth + 1) for one in bound)


def _returns_text(flow: Flow, number: int, depth: int) -> bool:
    call = flow.python.calls[number]
    name = (call.callee or call.local or call.method).rpartition(".")[2]
    if call.callee in _KEEPERS and call.args:
        return is_text(flow, Held(call.args[0], flow.at_call(number)), depth + 1)
    if call.callee in ("builtins.str", "builtins.input", "builtins.open().read"):
        return True
    if name == "replace":
        return call.callee.startswith(("builtins.open()", "builtins.str"))
    return name in _MAKERS and not call.callee.startswith(
        ("numpy.", "torch.", "sklearn.", "pandas.")
    )
