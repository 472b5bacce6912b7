"""Whether the parameters that a stage takes are those that it ran with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlaudit.facts.dvc_records import Parameters
from mlaudit.facts.dvc_values import Loaded, Plain, same
from mlaudit.project.dvc.changes import Change, How, Seen, Unknown

_GLOBS = frozenset("*?[")


def parameter_changes(
    wanted: Parameters, path: str, loaded: Loaded, recorded: Mapping[str, Plain]
) -> Iterator[Seen]:
    """Key by key. `path` is that of the file, `recorded` what dvc.lock says of it."""
    outermost = loaded.value if isinstance(loaded.value, dict) else {}
    for key in wanted.keys or dict.fromkeys((*outermost, *recorded)):
        if _GLOBS & set(key):
            yield Unknown("parameter", key, "it stands for several keys", path)
            continue
        found = _compared(key, loaded.value, recorded)
        if found == "respelled":
            yield Unknown("parameter", key, "it may only be spelled in another way", path)
        elif found:
            line = loaded.line(*key.split(".")) if found != "missing" else 0
            yield Change("parameter", found, key, wanted.line, path, line)


def _compared(
    key: str, values: Plain, recorded: Mapping[str, Plain]
) -> How | Literal["", "respelled"]:
    try:
        value = _pick(values, key)
    except LookupError:
        return "missing"
    if key not in recorded:
        return "new"
    match same(value, recorded[key]):
        case True:
            return ""
        case False:
            return "modified"
        case None:
            return "respelled"


def _pick(values: Any, key: str) -> Plain:
    """What a dotted key names. Raises LookupError."""
    for part in key.split("."):
        if isinstance(values, list) and part.isdigit():
            values = values[int(part)]
        elif isinstance(values, dict):
            values = values[part]
        else:
            raise LookupError(part)
    return values
