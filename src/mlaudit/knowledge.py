"""mlaudit's knowledge (the folder `rules`): where it lies, and what its data files say.

The rules themselves are read by `rules.loading`. All other YAML files are parsed once, and kept
in the user's cache folder: to parse them takes longer than to check a small repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, overload

from msgspec import DecodeError, Raw, Struct, msgpack

from mlaudit.caches import cache_folder, entry_of, keep

T = TypeVar("T")

_DATA = ("apis", "ladder", "maturity", "tools")
"""Folders of files that hold data."""
_LAYOUT = 1


def knowledge_root() -> Path:
    """The folder with the rules, API tables, tools and schemas: in the wheel or the checkout."""
    package = Path(__file__).parent
    shipped = package / "_knowledge"
    return shipped if shipped.is_dir() else package.parents[1] / "rules"


class NamesByEnd:
    """Dotted names, to be found by their last part."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._by_end: dict[str, list[str]] = {}
        for name in self._names:
            self._by_end.setdefault(name[name.rfind(".") + 1 :], []).append(name)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def ending_in(self, last: str) -> Iterable[str]:
        return self._by_end.get(last, ())


class Names:
    """A set of dotted names, in which `sklearn.**.fit` stands for all that begin and end so."""

    def __init__(self, names: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._ends: dict[str, list[str]] = {}
        """Last part: what the name may begin with, up to a dot."""
        self._known: dict[str, bool] = {}
        for name in names:
            head, wild, last = name.partition(".**.")
            if wild:
                self._ends.setdefault(last, []).append(f"{head}.")
            else:
                self._exact.add(name)

    def among(self, names: NamesByEnd) -> list[str]:
        """Those of many names that are in the set."""
        found = [name for name in self._exact if name in names]
        for last, heads in self._ends.items():
            start = tuple(heads)
            found += (name for name in names.ending_in(last) if name.startswith(start))
        return sorted(set(found))

    def __contains__(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._holds(name)
        return known

    def _holds(self, name: str) -> bool:
        if name in self._exact:
            return True
        heads = self._ends.get(name[name.rfind(".") + 1 :])
        return heads is not None and name.startswith(tuple(heads))


@overload
def shipped(name: str) -> Any: ...
@overload
def shipped(name: str, record: type[T]) -> T: ...
def shipped(name: str, record: Any = Any) -> Any:
    """What a data file says, as `record`; the name is `apis/tracking` for one of that folder.

    Raises KeyError for a name that there is not.
    """
    return msgpack.decode(_shelf()[name], type=record)


def shipped_names(folder: str) -> tuple[str, ...]:
    """The names of all data files below a folder, in order."""
    return tuple(name for name in _shelf() if name.startswith(f"{folder}/"))


@cache
def _shelf() -> Mapping[str, Raw]:
    root = knowledge_root()
    files = [file for folder in _DATA for file in sorted((root / folder).rglob("*.yaml"))]
    folder = cache_folder()
    if folder is None:
        return _parsed(files, root)
    entry = entry_of("knowledge", files, _LAYOUT, folder)
    try:
        return msgpack.decode(entry.read_bytes(), type=dict[str, Raw])
    except (OSError, DecodeError):
        found = _parsed(files, root)
        keep(entry, msgpack.encode(found))
        return found


def _parsed(files: Iterable[Path], root: Path) -> dict[str, Raw]:
    return {
        file.relative_to(root).with_suffix("").as_posix(): Raw(msgpack.encode(own_yaml(file)))
        for file in files
    }


def own_yaml(file: Path) -> Any:
    """What a file of ours says, which nobody else has written."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_bytes(), loader)  # noqa: S506  # a safe loader


class _ApiFile(Struct, frozen=True):
    tables: dict[str, Raw] = {}


@cache
def _tables(library: str) -> Mapping[str, Raw]:
    return shipped(f"apis/{library}", _ApiFile).tables


@cache
def api_table(library: str, table: str) -> Names:
    """The names of one table of `rules/apis/<library>.yaml`."""
    return Names(msgpack.decode(_tables(library)[table]))


@cache
def api_rows(library: str, table: str) -> dict[str, dict[str, int]]:
    """The arguments of each callable in one table of `rules/apis/<library>.yaml`, in order."""
    rows = msgpack.decode(_tables(library)[table])
    return {name: row["arguments"] for name, row in rows.items()}
