"""Readers of what DVC keeps in a repository: `.dvc` pointers, dvc.yaml and dvc.lock.

Each takes the text of one file and gives its record, or the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlaudit.facts.dvc_records import (
    Checksum,
    Definition,
    Dependency,
    Lock,
    LockedStage,
    Output,
    Pipeline,
    Pointer,
)
from mlaudit.facts.dvc_values import Loaded, load_yaml
from mlaudit.facts.records import Problem

SCHEMA = "2.0"
"""Of the only lock that DVC still reads."""
_RECORDS = ("md5", "etag", "checksum", "files", "cloud")


class _ShapeError(Exception):
    """Something is not what it must be at this place."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


def read_pointer(text: str) -> Pointer | Problem:
    loaded = load_yaml(text)
    if isinstance(loaded, Problem):
        return loaded
    try:
        data = _mapping(loaded, loaded.value, ())
        return Pointer(
            outputs=tuple(
                Output(
                    path=_text(loaded, item.get("path"), "outs", number),
                    line=loaded.line("outs", number, "path"),
                    kind=_kind(item),
                    cached=item.get("cache") is not False,
                    push=item.get("push") is not False,
                    remote=str(item.get("remote") or ""),
                    recorded=_checksum(item),
                )
                for number, item in _items(loaded, data, "outs")
            ),
            dependencies=tuple(
                Dependency(
                    path=str(item.get("path") or ""),
                    line=loaded.line("deps", number),
                    recorded=_checksum(item),
                    imported=bool({"repo", "db"} & item.keys()),
                )
                for number, item in _items(loaded, data, "deps")
            ),
            command=str(data.get("cmd") or ""),
            wdir=str(data.get("wdir") or ""),
            frozen=bool(data.get("frozen") or data.get("locked")),
        )
    except _ShapeError as error:
        return Problem(str(error), error.line)


def _kind(item: dict[str, Any]) -> str:
    return "metrics" if item.get("metric") else "plots" if item.get("plot") else "outs"


def read_pipeline(text: str) -> Pipeline | Problem:
    loaded = load_yaml(text)
    if isinstance(loaded, Problem):
        return loaded
    try:
        data = _mapping(loaded, loaded.value, ())
        stages = _mapping(loaded, data.get("stages") or {}, ("stages",))
        variables = data.get("vars") or []
        if not isinstance(variables, list):
            raise _ShapeError("'vars' is no list", loaded.line("vars"))
        return Pipeline(
            definitions=tuple(_definitions(loaded, stages)),
            variables=tuple(variables),
            parameters=_names(data.get("params")),
            metrics=_names(data.get("metrics")),
            plots=_names(data.get("plots")),
            artifacts=_names(data.get("artifacts")),
        )
    except _ShapeError as error:
        return Problem(str(error), error.line)


def _definitions(loaded: Loaded, stages: dict[str, Any]) -> Iterator[Definition]:
    below: dict[str, dict[tuple[str | int, ...], int]] = {}
    for path, line in loaded.lines.items():
        if len(path) > 2 and path[0] == "stages":
            below.setdefault(str(path[1]), {})[path[2:]] = line
    for name, stage in stages.items():
        data = _mapping(loaded, stage, ("stages", name))
        yield Definition(name, loaded.line("stages", name), data, below.get(name, {}))


def _names(value: Any) -> tuple[str, ...]:
    """Of a list of texts and of mappings with one key, or of a mapping."""
    if isinstance(value, dict):
        return tuple(value)
    found: list[str] = []
    for item in value if isinstance(value, list) else ():
        found += item if isinstance(item, dict) else [item] if isinstance(item, str) else []
    return tuple(found)


def read_lock(text: str) -> Lock | Problem:
    loaded = load_yaml(text)
    if isinstance(loaded, Problem):
        return loaded
    try:
        data = _mapping(loaded, loaded.value, ())
        if str(data.get("schema")) != SCHEMA:
            return Problem(f"no lock of schema {SCHEMA}", 1)
        stages = _mapping(loaded, data.get("stages") or {}, ("stages",))
        return Lock({name: _locked(loaded, name, stage) for name, stage in stages.items()})
    except _ShapeError as error:
        return Problem(str(error), error.line)


def _locked(loaded: Loaded, name: str, value: Any) -> LockedStage:
    where = ("stages", name)
    data = _mapping(loaded, value, where)
    return LockedStage(
        line=loaded.line(*where),
        command=data.get("cmd", ""),
        dependencies=_checksums(loaded, data, *where, "deps"),
        outputs=_checksums(loaded, data, *where, "outs"),
        parameters={
            path: _mapping(loaded, keys, (*where, "params", path))
            for path, keys in _mapping(loaded, data.get("params") or {}, where).items()
        },
    )


def _checksums(loaded: Loaded, data: dict[str, Any], *where: str) -> dict[str, Checksum]:
    return {
        _text(loaded, item.get("path"), *where, number): _checksum(item)
        for number, item in _items(loaded, data, *where)
    }


def _checksum(item: dict[str, Any]) -> Checksum:
    md5 = item.get("md5")
    files = item.get("nfiles")
    others = [name for name in _RECORDS if name != "md5" and item.get(name)]
    return Checksum(
        md5=str(md5).lower() if isinstance(md5, (str, int)) else "",
        legacy=item.get("hash") is None,
        files=files if isinstance(files, int) else None,
        complete=not others and item.get("hash") in (None, "md5"),
    )


def _mapping(loaded: Loaded, value: Any, where: tuple[str | int, ...]) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    what = f"'{'.'.join(map(str, where))}'" if where else "the document"
    raise _ShapeError(f"{what} is no mapping", loaded.line(*where))


def _items(
    loaded: Loaded, data: dict[str, Any], *where: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The mappings in the list under the last name of `where`, numbered."""
    items = data.get(where[-1]) or []
    if not isinstance(items, list):
        raise _ShapeError(f"'{'.'.join(where)}' is no list", loaded.line(*where))
    for number, item in enumerate(items):
        yield number, _mapping(loaded, item, (*where, number))


def _text(loaded: Loaded, value: Any, *where: str | int) -> str:
    if isinstance(value, str) and value:
        return value
    raise _ShapeError("an item has no path", loaded.line(*where))
