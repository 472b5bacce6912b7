"""Scans lock files line by line.

They are large and written by tools: a full TOML or YAML parse of a megabyte costs a quarter of a
second and more, this a tenth of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOML_LINE = re.compile(r"^(?:(\[\[?)([^\]\n]*)\]|([A-Za-z_-]+)\s*=\s*(.*))", re.MULTILINE)
_YAML_LINE = re.compile(r"^(?:([A-Za-z]\w*):|( *-| ) +([A-Za-z_]+): *(.*))", re.MULTILINE)
_TOML_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'')
_INLINE = re.compile(r"([A-Za-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")

PYTHONS = ("requires-python", "requires_python", "python-versions")
"""Keys of the interpreters that a lock is for."""
_WANTED = frozenset(
    {
        *("name", "version", "source", "marker", "markers", "type", "manager", "kind"),
        *("git", "ref", "reference", "revision", "resolved_reference", "path", "url", "editable"),
        *("directory", "vcs", "archive", "conda", "pypi"),
        *PYTHONS,
    }
)


class Block(NamedTuple):
    """A `[[package]]` table, or an item of a YAML list: its scalar fields as written."""

    line: int
    fields: dict[str, str]


def toml_blocks(text: str, header: str) -> tuple[Block, list[Block]]:
    """The fields of the file and its metadata, and every `[[header]]`, its `.source` included.

    The line of the former is that of the interpreters, which is 1 where none are named.
    """
    head: dict[str, str] = {}
    blocks: list[Block] = []
    owners = {"": head, "metadata": head, "metadata.targets": head}
    table, line, end, pythons = "", 1, 0, 1
    for match in _TOML_LINE.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        opening, title, key, value = match.groups()
        if opening:
            table = title.strip()
            if table == header:
                blocks.append(Block(line, {}))
                owners[header] = blocks[-1].fields
        elif key in _WANTED:
            if table == f"{header}.source" and blocks:
                blocks[-1].fields.setdefault(f"source.{key}", value)
            elif table in owners:
                if key in PYTHONS and owners[table] is head and key not in head:
                    pythons = line
                owners[table].setdefault(key, value)
    return Block(pythons, head), blocks


def yaml_blocks(text: str, section: str) -> Iterator[Block]:
    """The items of the list under the top-level key `section`, with their scalar fields."""
    block: Block | None = None
    inside, line, end, dash = False, 1, 0, ""
    for match in _YAML_LINE.finditer(text):
        top, indent, key, value = match.groups()
        if top:
            inside, dash = top == section, ""
            continue
        if not inside:
            continue
        line += text.count("\n", end, match.start())
        end = match.start()
        if indent.endswith("-") and dash in ("", indent):
            dash = indent
            if block:
                yield block
            block = Block(line, {key: _unquoted(value)})
        elif block and key in _WANTED and match.start(3) - match.start() == len(dash) + 1:
            block.fields.setdefault(key, _unquoted(value))
    if block:
        yield block


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def string(value: str | None) -> str:
    """The text of a TOML string; empty for anything else."""
    found = _TOML_STRING.match(value or "")
    if found is None:
        return ""
    text = found[1] if found[1] is not None else found[2]
    return text.replace('\\"', '"').replace("\\\\", "\\")


def inline(value: str | None) -> dict[str, str]:
    """The strings of an inline table: `{ git = "...", rev = "..." }`."""
    return {key: double or single for key, double, single in _INLINE.findall(value or "")}
