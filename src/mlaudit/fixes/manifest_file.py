"""Fixes in a manifest: one more dependency. Every other byte stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Document, Entry
from mlaudit.findings.model import Finding
from mlaudit.fixes.edits import Edit, Fix, applied
from mlaudit.fixes.lines import Lines
from mlaudit.repo.model import Kind

_LIST = ("project", "dependencies")
_STRING = re.compile(r""""(?!"")(?:[^"\\\r\n]|\\.)*"|'(?!'')[^'\r\n]*'""")
_COMMA = re.compile(r"[ \t]*,")
_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")


class ManifestFile:
    """A list of requirements, or a pyproject.toml with a list as PEP 621 has it."""

    def __init__(self, kind: Kind, data: bytes) -> None:
        self._text = data.decode("utf-8", "surrogateescape")
        self._is_list = kind is Kind.REQUIREMENTS
        self._break = "\r\n" if "\r\n" in self._text else "\n"

    def fixes(self, findings: Iterable[Finding], path: str) -> list[Fix]:
        """What declares what each finding misses: in a table of TOML one at a time."""
        found: dict[str, Fix] = {}
        for finding in findings:
            name = finding.values.get("distribution", "")
            if name and name not in found and (self._is_list or not found):
                edits = tuple(self._declared(name))
                if edits:
                    found[name] = Fix(path, finding.rule.id, edits)
        return list(found.values())

    def applied(self, edits: list[Edit]) -> bytes:
        return applied(self._text, edits).encode("utf-8", "surrogateescape")

    def _declared(self, name: str) -> Iterator[Edit]:
        if not self._is_list:
            edits = tuple(self._in_table(name))
            if self._is_right(name, edits):
                yield from edits
            return
        end = len(self._text)
        ended = not self._text or self._text.endswith(("\n", "\r"))
        yield Edit(end, end, f"{name}{self._break}" if ended else f"{self._break}{name}")

    def _in_table(self, name: str) -> Iterator[Edit]:
        document = _parsed(self._text)
        start = next((one for one in document.entries if one.path == _LIST), None)
        items = [one for one in document.entries if one.path[:-1] == _LIST]
        if start is None:
            return
        if not items:
            at = self._offset(start)
            if self._text[at : at + 1] == "[":
                yield Edit(at + 1, at + 1, f'"{name}"')
            return
        at = self._offset(items[-1])
        string = _STRING.match(self._text, at)
        if string is not None:
            yield from self._behind(string, name)

    def _behind(self, string: re.Match[str], name: str) -> Iterator[Edit]:
        """On a line of its own where the last item has one, a comment behind that left in place."""
        new = f"{string[0][0]}{name}{string[0][0]}"
        comma = _COMMA.match(self._text, string.end())
        rest = _REST.match(self._text, comma.end() if comma else string.end())
        if rest is None:
            at = comma.end() if comma else string.end()
            yield Edit(at, at, f" {new}" if comma else f", {new}")
            return
        line = max(self._text.rfind(mark, 0, string.start()) for mark in "\r\n") + 1
        before = self._text[line : string.start()]
        indent = "    " if before.strip() else before
        text = f"{self._break}{indent}{new}{',' if comma else ''}"
        if comma is None and rest.end() == string.end():
            text = f",{text}"
        elif comma is None:
            yield Edit(string.end(), string.end(), ",")
        yield Edit(rest.end(), rest.end(), text)

    def _offset(self, entry: Entry) -> int:
        return Lines(self._text).offset(entry.value_line, entry.value_column)

    def _is_right(self, name: str, edits: tuple[Edit, ...]) -> bool:
        """Whether the list has the name now, and all else is as it was."""
        before, after = _values(self._text), _values(applied(self._text, edits))
        grown = {path: value for path, value in after.items() if path not in before}
        kept = all(after.get(path) == value for path, value in before.items())
        return kept and [normalise(str(value)) for value in grown.values()] == [name]


def _parsed(text: str) -> Document:
    from mlaudit.facts.toml_document import parse_toml

    return parse_toml(text)[0]


def _values(text: str) -> dict[tuple[str | int, ...], object]:
    return {one.path: one.value for one in _parsed(text).entries}
