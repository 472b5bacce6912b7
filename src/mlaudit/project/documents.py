"""What programs read from the configuration files of the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Facts

from mlaudit.facts.records import Document, FileFacts
from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Collection,
    Const,
    Local,
    Mapping,
    Operation,
    Result,
    Unknown,
)
from mlaudit.project.values.flow import Flow, Held

LOADS = frozenset(
    {
        "json.load", "json.loads", "omegaconf.OmegaConf.load", "toml.load", "toml.loads",
        "tomllib.load", "tomllib.loads", "yaml.full_load", "yaml.load", "yaml.safe_load",
        "yaml.unsafe_load",
    }
)  # fmt: skip
_NAMES = ("fspath", "open", "Path", "PurePath", "read_text", "read_bytes", "read", "join", "str")
"""Calls whose result stands for the file that their last argument, or their object, names."""
_SUFFIXES = (".yaml", ".yml", ".json", ".toml")
_FARTHEST = 12


class Documents:
    def __init__(self, facts: Facts[str, FileFacts], flow: Callable[[str], Flow]) -> None:
        self._facts = facts
        self._flow = flow

    def loaded(self, path: str, held: Held) -> Mapping | None:
        """The content of the file that a call reads, when its name is literal."""
        name = self._named(self._flow(path), held)
        folder = path.rpartition("/")[0]
        for candidate in (f"{folder}/{name}" if folder else name, name) if name else ():
            found = self._content(candidate)
            if found is not None:
                return found
        return None

    def of_hydra(self, path: str, call: Call) -> Mapping | None:
        """The primary configuration of `hydra.main`. What its list of defaults adds is unknown."""
        folder, name = call.keyword("config_path"), call.keyword("config_name")
        if not (isinstance(folder, Const) and isinstance(name, Const)):
            return None
        place = f"{path.rpartition('/')[0]}/{folder.value}/{name.value}".removesuffix(".yaml")
        found = self._content(f"{_normal(place)}.yaml")
        if found is None or Const("defaults") not in found.keys:
            return found
        return Mapping((None, *found.keys), (Unknown(), *found.values))

    def _content(self, path: str) -> Mapping | None:
        file = self._facts.get(_normal(path))
        document = file.document if file is not None else None
        if document is None or document.template:
            return None
        return _as_mapping(document)

    def _named(self, flow: Flow, held: Held) -> str:
        """The last literal part of the path behind a value: `a.yaml` of `open(root / "a.yaml")`."""
        for _ in range(_FARTHEST):
            value = held.value
            if isinstance(value, Const):
                text = value.value if isinstance(value.value, str) else ""
                return text.removeprefix("./") if text.endswith(_SUFFIXES) else ""
            following = _inner(flow, held)
            if following is None:
                return ""
            held = following
        return ""


def _inner(flow: Flow, held: Held) -> Held | None:
    match held.value:
        case Operation(kind="/", operands=operands):
            return Held(operands[-1], held.place)
        case Local():
            bound = flow.bound(held) or []
            return bound[0] if len(bound) == 1 else None
        case Attribute(base=base):
            return Held(base, held.place)
        case Result(call=number):
            return _of_call(flow, number)
        case _:
            return None


def _of_call(flow: Flow, number: int) -> Held | None:
    call = flow.python.calls[number]
    base, _, name = (call.callee or call.local or call.method).rpartition(".")
    if name not in _NAMES:
        return None
    if call.args and name not in ("read", "read_text"):
        return Held(call.args[-1] if name == "join" else call.args[0], flow.at_call(number))
    receiver: AnyValue | None = call.receiver or (Local(base) if call.local else None)
    return None if receiver is None else Held(receiver, flow.at_call(number))


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return "/".join(parts)


def _as_mapping(document: Document) -> Mapping | None:
    """The first document of a file, as Python would write it."""
    inside: dict[tuple[str | int, ...], list[tuple[str | int, AnyValue]]] = {}
    for entry in reversed(document.entries):
        if entry.document or not entry.path:
            continue
        value: AnyValue = Const(entry.value)
        if entry.kind != "scalar":
            value = _whole(entry.kind == "mapping", inside.pop(entry.path, []))
        inside.setdefault(entry.path[:-1], []).append((entry.path[-1], value))
    top = inside.get((), [])
    return _mapping(top) if top and all(isinstance(key, str) for key, _ in top) else None


def _whole(mapping: bool, items: list[tuple[str | int, AnyValue]]) -> AnyValue:
    return _mapping(items) if mapping else Collection("list", tuple(_values(items)))


def _mapping(items: list[tuple[str | int, AnyValue]]) -> Mapping:
    keys = tuple(Const(key) for key, _ in reversed(items))
    return Mapping(keys, tuple(_values(items)))


def _values(items: list[tuple[str | int, AnyValue]]) -> Iterator[AnyValue]:
    return (value for _, value in reversed(items))
