"""JSON text of plain data and records."""

from __future__ import annotations

from typing import Any

import msgspec

from mlaudit.reports.escape import encodable


def encode(data: Any) -> str:
    """JSON in one line, ended. Lone surrogates, which no UTF-8 can hold, become U+FFFD."""
    try:
        encoded = msgspec.json.encode(data)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_encodable(msgspec.to_builtins(data)))
    return encoded.decode() + "\n"


def _encodable(data: Any) -> Any:
    if isinstance(data, str):
        return encodable(data)
    if isinstance(data, dict):
        return {_encodable(key): _encodable(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_encodable(item) for item in data]
    return data
