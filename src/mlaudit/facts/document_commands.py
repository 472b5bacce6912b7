"""Commands that YAML, TOML and JSON documents say to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlaudit.facts.command_routes import JSON_ROUTES, TOML_ROUTES, YAML_ROUTES, Route
from mlaudit.facts.commands import shell_commands
from mlaudit.facts.records import Command, Document, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROUTES = {"yaml": YAML_ROUTES, "toml": TOML_ROUTES, "json": JSON_ROUTES}
_FARTHEST = 200
"""Lines that are searched for a folded command."""
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_TRIPLE = re.compile(r"""(?:\"{3}|'{3})\s*$""")


def document_commands(path: str, document: Document, text: str) -> tuple[Command, ...]:
    """The commands of the document at `path`, whose source is `text`, in the order of the file.

    `target` is the name of the task, stage or script, where what runs has a name.
    """
    routes = [route for route in _ROUTES[document.format] if route.path.search(path)]
    if not routes:
        return ()
    reader = _Reader(document, text)
    return tuple(reader.commands(routes))


class _Reader:
    def __init__(self, document: Document, text: str) -> None:
        self._entries = document.entries
        self._text = text
        self._format = document.format
        self._lines: list[str] = []
        self._sequences: dict[tuple[int, tuple[str | int, ...]], int] = {}
        self._top: dict[int, set[str]] = {}
        for entry in document.entries:
            if len(entry.path) == 1:
                self._top.setdefault(entry.document, set()).add(str(entry.path[0]))

    def commands(self, routes: Sequence[Route]) -> Iterator[Command]:
        routes = [route for route in routes if self._applies_somewhere(route)]
        for index, entry in enumerate(self._entries if routes else ()):
            if entry.value is None and entry.kind == "scalar":
                continue
            keys = ".".join(
                "#" if isinstance(key, int) else key.replace(".", "_") for key in entry.path
            )
            for route in routes:
                match = route.keys.fullmatch(keys)
                if match and self._top[entry.document].issuperset(route.marks):
                    name = match.groupdict().get("name") or ""
                    yield from self._of(index, entry, route, name)
                    break

    def _applies_somewhere(self, route: Route) -> bool:
        return any(keys.issuperset(route.marks) for keys in self._top.values())

    def _of(self, index: int, entry: Entry, route: Route, name: str) -> Iterator[Command]:
        if entry.kind == "sequence" and route.words:
            yield from self._joined(index, entry, name)
        elif isinstance(entry.value, str):
            for command in self._split(entry, entry.value):
                yield Command(command.text, command.line, name)

    def _joined(self, index: int, entry: Entry, name: str) -> Iterator[Command]:
        """A sequence of words; the arguments of a container go to its command."""
        import shlex

        words = self._items(index)
        key = entry.path[-1]
        if key == "args" and self._beside(index, "command") is not None:
            return
        arguments = self._beside(index, "args") if key == "command" else None
        if arguments is not None:
            words = words + self._items(arguments)
        if words:
            yield Command(shlex.join(words), entry.value_line, name)

    def _items(self, index: int) -> list[str]:
        """The scalars directly in a sequence."""
        parent = self._entries[index]
        depth = len(parent.path)
        items = []
        for at in range(index + 1, len(self._entries)):
            entry = self._entries[at]
            if entry.path[:depth] != parent.path or entry.document != parent.document:
                break
            if len(entry.path) == depth + 1 and entry.kind == "scalar":
                items.append("" if entry.value is None else str(entry.value))
        return items

    def _beside(self, index: int, key: str) -> int | None:
        """The index of the sequence under another key of the same mapping."""
        if not self._sequences:
            self._sequences = {
                (entry.document, entry.path): at
                for at, entry in enumerate(self._entries)
                if entry.kind == "sequence"
            }
        entry = self._entries[index]
        return self._sequences.get((entry.document, (*entry.path[:-1], key)))

    def _split(self, entry: Entry, value: str) -> Iterator[Command]:
        """The commands of a scalar, each with the line of the file on which it stands."""
        if not self._lines:
            self._lines = self._text.split("\n")
        opening = self._lines[entry.value_line - 1][entry.value_column - 1 :].rstrip()
        block = _BLOCK.match(opening) if self._format == "yaml" else _TRIPLE.match(opening)
        first = entry.value_line + (1 if block else 0)
        commands = shell_commands(value, first)
        if block and not opening.startswith(">"):
            yield from commands
            return
        line = first
        for command in commands:
            line = self._line_with(command.text.split()[0], line)
            yield Command(command.text, line)

    def _line_with(self, word: str, line: int) -> int:
        """Where lines were folded: the next one that holds the word."""
        for number in range(line, min(line + _FARTHEST, len(self._lines) + 1)):
            if word in self._lines[number - 1]:
                return number
        return line
