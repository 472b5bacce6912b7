"""Saved outputs of notebook cells: how large, and what was printed that should not have been."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mlaudit.facts.credentials import find_hits, to_credential
from mlaudit.facts.ipynb import Piece, RawNotebook
from mlaudit.facts.positions import Positions
from mlaudit.facts.records import Credential, Output, Span
from mlaudit.facts.scalars import without_surrogates

_KINDS = {"pyout": "execute_result", "pyerr": "error"}
"""Names of nbformat 3."""

_TEXT_FIELDS = ("text", "traceback", "evalue", "html", "latex", "json", "javascript")
"""Of a stream, of an error, and of any output in nbformat 3."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_WIDGETS_SHOWN = "application/vnd.jupyter.widget-view+json"


def outputs(text: str, pieces: Sequence[Piece], positions: Positions) -> tuple[Output, ...]:
    found = []
    for value, start, end in pieces:
        if not isinstance(value, dict):
            continue
        kind = _string(value.get("output_type"))
        name = _string(value.get("ename"))
        kind = _KINDS.get(kind, kind)
        found.append(Output(kind, _size(text, start, end), positions.at(start)[0], name))
    return tuple(found)


def _size(text: str, start: int, end: int) -> int:
    if text.isascii():
        return end - start
    return len(text[start:end].encode("utf-8", "surrogatepass"))


def credentials(text: str, pieces: Sequence[Piece], positions: Positions) -> Iterator[Credential]:
    for piece in pieces:
        yield from _credentials(text, piece, printed(piece.value), positions)


def printed(output: Any) -> str:
    """What a reader of an output sees as text, without colours."""
    text = "\n\n".join(_texts(output)) if isinstance(output, dict) else ""
    return _COLOURS.sub("", text) if "\x1b" in text else text


def widget_credentials(text: str, notebook: RawNotebook, positions: Positions) -> list[Credential]:
    """Those in the saved state of widgets: what was typed into a field."""
    metadata = notebook.fields.get("metadata")
    if metadata is None or not isinstance(metadata.value, dict):
        return []
    printed = "\n".join(_strings_below(metadata.value.get("widgets")))
    return list(_credentials(text, metadata, printed, positions))


def _credentials(
    text: str, piece: Piece, printed: str, positions: Positions
) -> Iterator[Credential]:
    at: dict[str, int] = {}
    for hit in find_hits(printed):
        secret = printed[hit.start : hit.end]
        first = secret.split("\n")[0]
        start = text.find(first, at.get(first, piece.start), piece.end)
        if start < 0:  # colours stand within it
            span = Span(*positions.at(piece.start), *positions.at(piece.end))
        else:
            end = at[first] = start + len(first)
            span = Span(*positions.at(start), *positions.at(end))
        yield to_credential(hit, printed, span, output=True)


def _texts(output: dict[str, Any]) -> Iterator[str]:
    """What a reader of the output sees as text; no images, no metadata."""
    for field in _TEXT_FIELDS:
        yield _joined(output.get(field), "\n" if field == "traceback" else "")
    data = output.get("data")
    for mime, value in data.items() if isinstance(data, dict) else ():
        if mime.startswith("image/") or mime == _WIDGETS_SHOWN:
            continue
        yield _joined(value) if isinstance(value, (str, list)) else "\n".join(_strings_below(value))


def _joined(value: Any, between: str = "") -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    try:
        return between.join(value)
    except TypeError:  # what is no text among the texts is passed over
        return between.join(item for item in value if isinstance(item, str))


def _strings_below(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            waiting += reversed(value.values())


def _string(value: Any) -> str:
    return without_surrogates(value) if isinstance(value, str) else ""
