"""What a call is given by `**NAME`, where the file shows the dict and nobody can change it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Const,
    Local,
    Mapping,
    PythonFacts,
    Unknown,
)
from mlaudit.project.values.flow import within

_READS = frozenset({"copy", "get", "items", "keys", "values"})


def with_known_options(python: PythonFacts, call: Call) -> Call:
    """The call with the known options written out; those of other dicts stay unpacked."""
    keywords: list[tuple[str, AnyValue]] = []
    for name, value in call.keywords:
        options = None if name else _options(python, value)
        keywords += [(name, value)] if options is None else options
    return replace(call, keywords=tuple(keywords))


def _options(python: PythonFacts, value: AnyValue) -> list[tuple[str, AnyValue]] | None:
    """The items of a dict; None where they are not all known."""
    if isinstance(value, Local):
        bound = [b for b in python.bindings if b.name == value.name]
        if len(bound) != 1 or bound[0].kind != "assign" or _may_change(python, value):
            return None
        value = bound[0].value
    if not isinstance(value, Mapping):
        return None
    items: list[tuple[str, AnyValue]] = []
    for key, option in zip(value.keys, value.values, strict=True):
        if not isinstance(key, Const) or not isinstance(key.value, str):
            return None
        # A fix writes into the call, where an option that is None is not to be found.
        items.append((key.value, Unknown() if option == Const(None) else option))
    return items


def _may_change(python: PythonFacts, name: Local) -> bool:
    """Somebody is given the dict itself, or calls a method of it that may change it."""
    methods = (call.local for call in python.calls if call.local.startswith(f"{name.name}."))
    return (
        "." in name.name
        or any(p.name == name.name for scope in python.scopes for p in scope.parameters)
        or any(method.rpartition(".")[2] not in _READS for method in methods)
        or any(part == name for value in _uses(python) for part in within(value))
    )


def _uses(python: PythonFacts) -> Iterator[AnyValue]:
    """All values but what calls unpack."""
    for call in python.calls:
        yield from call.args
        yield from (value for key, value in call.keywords if key)
    for binding in python.bindings:
        yield binding.value
    for statement in python.statements:
        yield statement.value
