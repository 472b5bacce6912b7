"""Documents as nested dicts and lists, each value with its place."""

from __future__ import annotations

from typing import Any, TypeAlias

from mlaudit.facts.records import Document, Entry, Span

Path: TypeAlias = tuple["str | int", ...]


class Tree:
    """One document. `root` holds dicts, lists and scalars; a list that was cut is shorter."""

    def __init__(self, document: Document) -> None:
        self._entries = {entry.path: entry for entry in document.entries if entry.document == 0}
        self.root = _nested(self._entries)
        self._quotes = 0 if document.format == "yaml" else 2

    def table(self, *path: str | int) -> dict[str, Any]:
        """The mapping at the path; an empty one where there is something else or nothing."""
        found = self.at(*path)
        return found if isinstance(found, dict) else {}

    def items(self, *path: str | int) -> list[Any]:
        """The sequence at the path; an empty one where there is something else or nothing."""
        found = self.at(*path)
        return found if isinstance(found, list) else []

    def text(self, *path: str | int) -> str:
        """The string at the path; empty where there is something else or nothing."""
        found = self.at(*path)
        return found if isinstance(found, str) else ""

    def at(self, *path: str | int) -> Any:
        found: Any = self.root
        for part in path:
            if isinstance(found, dict):
                found = found.get(str(part))
            elif isinstance(found, list) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                return None
        return found

    def span(self, path: Path) -> Span:
        """Of the value; of a table in a list, of its beginning."""
        entry = self._entries.get(path)
        if entry is None:
            return Span()
        if entry.kind == "scalar" and isinstance(entry.value, str) and "\n" not in entry.value:
            end = entry.value_column + len(entry.value) + self._quotes
            return Span(entry.value_line, entry.value_column, 0, end)
        return Span(entry.value_line, entry.value_column)

    def key_span(self, path: Path) -> Span:
        """From the key to the end of its line."""
        entry = self._entries.get(path)
        return Span(entry.line, entry.column) if entry else Span()


def _nested(entries: dict[Path, Entry]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    nodes: dict[Path, Any] = {(): root}
    for path, entry in entries.items():
        parent = nodes.get(path[:-1])
        value: Any = entry.value
        if entry.kind != "scalar":
            value = nodes[path] = {} if entry.kind == "mapping" else []
        if isinstance(parent, list):
            parent.append(value)
        elif isinstance(parent, dict):
            parent[str(path[-1])] = value
    return root
