"""Questions about the values in one Python file that several conditions ask."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from mlaudit.facts.syntax import AnyValue, Const, Operation, PythonFacts, Result, Text

_DEPTH = 12
"""How far a path is followed through what it is joined of."""


def bound_names(python: PythonFacts, call: int) -> tuple[str, ...]:
    """Names and attributes that take exactly the result of a call."""
    result = Result(call)
    return tuple(b.name for b in python.bindings if b.name and b.value == result)


def values_of(python: PythonFacts) -> Iterator[AnyValue]:
    """Every value that the file passes, binds or returns."""
    for call in python.calls:
        yield from call.args
        for _, value in call.keywords:
            yield value
    for binding in python.bindings:
        yield binding.value
    for statement in python.statements:
        yield statement.value


def whole_texts(python: PythonFacts) -> list[Text]:
    """The texts, each f-string as one, with `{}` for all that is computed between two constants."""
    found = [text for text in python.texts if text.role != "format"]
    formats: dict[tuple[int, int], Text] = {}
    for text in python.texts:
        if text.role == "format":
            place = text.line, text.column
            first = formats.get(place)
            formats[place] = (
                replace(first, value=f"{first.value}{{}}{text.value}") if first else text
            )
    return [*found, *formats.values()]


def tail(python: PythonFacts, value: AnyValue) -> str:
    """Last literal part of a path: `best.pt` of `out / f"{name}/best.pt"`; empty when unknown."""
    current: AnyValue | None = value
    for _ in range(_DEPTH):
        match current:
            case Const(value=str(text)):
                return text.replace("\\", "/").rstrip("/").rpartition("/")[2]
            case Operation(kind="+" | "/" | "format", operands=operands) if operands:
                current = operands[-1]
            case Result(call=index) if python.calls[index].args:
                call = python.calls[index]
                if not call.callee.endswith(("path.join", "Path", "str", "fspath")):
                    return ""
                current = call.args[-1]
            case _:
                return ""
    return ""
