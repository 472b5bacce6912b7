"""What is known of libraries: which call takes which argument where, and what it returns.

A file `rules/apis/<library>.yaml` has up to three parts:

    tables:
      sklearn.stochastic-splitters:
        sklearn.model_selection.train_test_split: {arguments: {random_state: null}}
    aliases: {sklearn.svm._classes.SVC: sklearn.svm.SVC}
    returns: {pandas.read_csv: pandas.DataFrame}

`arguments` gives each argument its position, null where it must be named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from mlaudit.rules.errors import RulePackError

T = TypeVar("T")


class Api(Struct, frozen=True, omit_defaults=True):
    """One callable as far as a table speaks of it."""

    arguments: dict[str, int | None] = {}
    """Those the table is about, with their positions (the receiver not counted)."""
    where: tuple[dict[str, Any], ...] = ()
    """Conditions under which the row counts at all."""
    unless: tuple[dict[str, Any], ...] = ()


class ApiFile(Struct, frozen=True, omit_defaults=True):
    """One file of `rules/apis`, or all of them merged."""

    tables: dict[str, dict[str, Api]] = {}
    aliases: dict[str, str] = {}
    returns: dict[str, str] = {}


class Apis:
    """All API tables, and the way from a name as resolved in a file to its public name."""

    def __init__(self, data: ApiFile) -> None:
        self.data = data
        self._names: dict[str, str] = {}
        self._made: dict[str, Any] = {}

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What `make` makes of the tables, made once for each key."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def table(self, name: str) -> Mapping[str, Api]:
        """Rows by qualified name. Raises RulePackError for an unknown table."""
        try:
            return self.data.tables[name]
        except KeyError:
            known = ", ".join(sorted(self.data.tables))
            raise RulePackError(f"unknown API table '{name}'; known: {known}") from None

    def canonical(self, name: str) -> str:
        """The public name: `pandas.read_csv().dropna().sample` is `pandas.DataFrame.sample`.

        The name itself where nothing is known of it.
        """
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = self._resolve(name)
        return known

    def _resolve(self, name: str) -> str:
        head, *calls = name.split("()")
        current = self._public(head)
        for rest in calls:
            made = self.data.returns.get(current)
            current = self._public((made or current + "()") + rest)
        return current

    def _public(self, name: str) -> str:
        """Longest known alias at the front of the name, replaced."""
        aliases = self.data.aliases
        end = len(name)
        while end > 0:
            target = aliases.get(name[:end])
            if target is not None:
                return target + name[end:]
            end = name.rfind(".", 0, end)
        return name


def merge(files: list[ApiFile]) -> ApiFile:
    """One from many; rows of later files win."""
    tables: dict[str, dict[str, Api]] = {}
    aliases: dict[str, str] = {}
    returns: dict[str, str] = {}
    for file in files:
        for name, rows in file.tables.items():
            tables.setdefault(name, {}).update(rows)
        aliases.update(file.aliases)
        returns.update(file.returns)
    return ApiFile(tables, aliases, returns)
