"""Where mlaudit's knowledge (the folder `rules`) lies, and how the API tables in it are read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any


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


@cache
def _tables(library: str) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (knowledge_root() / "apis" / f"{library}.yaml").read_bytes()
    tables: dict[str, Any] = yaml.load(text, loader)["tables"]  # noqa: S506  # a safe loader
    return tables


@cache
def api_table(library: str, table: str) -> Names:
    """The names of one table of `rules/apis/<library>.yaml`."""
    return Names(_tables(library)[table])


@cache
def api_rows(library: str, table: str) -> dict[str, dict[str, int]]:
    """The arguments of each callable in one table of `rules/apis/<library>.yaml`, in order."""
    rows = _tables(library)[table]
    return {name: row["arguments"] for name, row in rows.items()}
