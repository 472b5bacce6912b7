"""Looking things up in flattened documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

if TYPE_CHECKING:
    from mlaudit.facts.records import Document, Entry

Path: TypeAlias = tuple["str | int", ...]


def find(document: Document, pattern: str | Path) -> list[Entry]:
    """The entries whose path fits, in the order of the file.

    `*` stands for one key or index, `**` for any number of them, none included:
    `services.*.image`, `**.image`. A key with a dot in it needs the pattern as a tuple.
    """
    parts = _parts(pattern)
    if "**" in parts:
        return [entry for entry in document.entries if _fits(entry.path, parts)]
    length = len(parts)
    return [
        entry
        for entry in document.entries
        if len(entry.path) == length and _fits(entry.path, parts)
    ]


def get(document: Document, path: str | Path) -> Entry | None:
    """The entry at this path; the last one where a key is given twice, as parsers read it.

    Nothing is a wildcard here.
    """
    parts = tuple(str(part) for part in _parts(path))
    for entry in reversed(document.entries):
        if len(entry.path) == len(parts) and tuple(map(str, entry.path)) == parts:
            return entry
    return None


def children(document: Document, path: str | Path) -> list[Entry]:
    """The entries directly below this path."""
    parts = tuple(str(part) for part in _parts(path))
    return [
        entry
        for entry in document.entries
        if len(entry.path) == len(parts) + 1 and tuple(map(str, entry.path[:-1])) == parts
    ]


def below(document: Document, entry: Entry) -> Document:
    """What `entry` holds, as a document of its own: paths start below it."""
    depth = len(entry.path)
    return replace(
        document,
        entries=tuple(
            replace(other, path=other.path[depth:])
            for other in document.entries
            if len(other.path) > depth
            and other.path[:depth] == entry.path
            and other.document == entry.document
        ),
    )


def split(document: Document) -> list[Document]:
    """Each document of a YAML stream by itself."""
    streams: dict[int, list[Entry]] = {}
    for entry in document.entries:
        streams.setdefault(entry.document, []).append(entry)
    if len(streams) < 2:
        return [document]
    return [replace(document, entries=tuple(entries)) for entries in streams.values()]


def _parts(pattern: str | Path) -> Path:
    if isinstance(pattern, tuple):
        return pattern
    return tuple(pattern.split(".")) if pattern else ()


def _fits(path: Path, parts: Path) -> bool:
    """Glob matching with one place to return to: the latest `**` takes one key more."""
    at = part = 0
    back: tuple[int, int] | None = None
    while at < len(path):
        if part < len(parts) and parts[part] == "**":
            back = (at, part)
            part += 1
        elif part < len(parts) and (parts[part] == "*" or str(parts[part]) == str(path[at])):
            at += 1
            part += 1
        elif back is None:
            return False
        else:
            back = (back[0] + 1, back[1])
            at, part = back[0], back[1] + 1
    return all(rest == "**" for rest in parts[part:])
