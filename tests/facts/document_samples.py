"""Helpers of the tests of documents and commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from mlaudit.facts.records import Document, Entry, FileFacts
from mlaudit.facts.source import Source
from mlaudit.repo.model import Context, File, Kind


def facts(
    reader: Callable[[Source], FileFacts],
    text: str | bytes,
    path: str = "x",
    kind: Kind = Kind.YAML,
) -> FileFacts:
    """What the reader makes of it, having survived the way into the cache and back."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    read = reader(Source(File(path, kind, Context.CONFIG, len(data)), data))
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(read), type=FileFacts)
    assert repr(stored) == repr(read)
    return read


def flat(value: Any, base: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    """What a parsed document comes to: scalars by path, None for collections."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    found: dict[tuple[str | int, ...], Any] = {}
    for key, item in items:
        path = (*base, key)
        found[path] = None if isinstance(item, dict | list) else item
        found |= flat(item, path)
    return found


def values(document: Document) -> dict[tuple[str | int, ...], Any]:
    return {entry.path: entry.value for entry in document.entries}


def place(entry: Entry) -> tuple[int, int, int, int]:
    return entry.line, entry.column, entry.value_line, entry.value_column


def same(left: Any, right: Any) -> bool:
    """Equal in type and value; NaN is itself."""
    return type(left) is type(right) and repr(left) == repr(right)
