"""A flattened document as nested values again, with the lines of its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

from mlaudit.facts.records import Document

Route: TypeAlias = "tuple[str | int, ...]"
MOST = 500
"""Items of one mapping that are looked at where each is compared with the others."""
NEVER = 1_000_000_000
"""A line after all others."""


class DocumentTree:
    """One document of a file: dicts, lists and scalars."""

    def __init__(self, document: Document, number: int = 0) -> None:
        self.lines: dict[Route, int] = {}
        self.value: Any = {}
        values: dict[Route, Any] = {}
        for entry in document.entries:
            if entry.document != number:
                continue
            self.lines[entry.path] = entry.line
            made: Any = {"mapping": {}, "sequence": []}.get(entry.kind, entry.value)
            values[entry.path] = made
            if not entry.path:
                self.value = made
                continue
            holder = values.get(entry.path[:-1], self.value)
            if isinstance(holder, dict):
                holder[entry.path[-1]] = made
            elif isinstance(holder, list):
                holder.append(made)

    @cached_property
    def _ends(self) -> dict[Route, int]:
        ends: dict[Route, int] = {}
        stack: list[Route] = []
        for route, line in self.lines.items():
            while stack and route[: len(stack[-1])] != stack[-1]:
                ends[stack.pop()] = line
            stack.append(route)
        return ends

    def end(self, *route: str | int) -> int:
        """The line on which the next thing after an item begins."""
        return self._ends.get(route, NEVER)

    def line(self, *route: str | int) -> int:
        """Of the key, or of the nearest one around it."""
        while route:
            if route in self.lines:
                return self.lines[route]
            route = route[:-1]
        return 1


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> tuple[str, ...]:
    """A text, or the texts in a list."""
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def few(items: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The items of a mapping that people wrote by hand: they write no more."""
    return islice(items.items(), MOST)
