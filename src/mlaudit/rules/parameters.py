"""Parameters of conditions and matchers, read with errors that a rule's author understands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mlaudit.rules.apis import Api, Apis
from mlaudit.rules.errors import RulePackError


def words(data: Any) -> tuple[str, ...]:
    """One word or a list of them."""
    items = [data] if isinstance(data, str) else data
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise RulePackError(f"needs a word or a list of words, not {data!r}")
    return tuple(items)


def regex(data: Any) -> re.Pattern[str]:
    if not isinstance(data, str):
        raise RulePackError(f"needs a regular expression, not {data!r}")
    try:
        return re.compile(data)
    except re.error as error:
        raise RulePackError(f"is no regular expression: {error}") from None


def rows(data: Any, apis: Apis) -> Mapping[str, Api]:
    """Callables by name: a name, a list of names, or `{api: TABLE}` (or a list of tables)."""
    if isinstance(data, dict):
        if list(data) != ["api"]:
            raise RulePackError(f"needs names or {{api: TABLE}}, not {data!r}")
        found: dict[str, Api] = {}
        for table in words(data["api"]):
            found.update(apis.table(table))
        return found
    return {name: Api() for name in words(data)}


class Table:
    """Rows by qualified names, in which `*` stands for (a part of) one segment."""

    def __init__(self, table: Mapping[str, Api]) -> None:
        self._exact = {name: row for name, row in table.items() if "*" not in name}
        self._patterns = [(pattern(name), row) for name, row in table.items() if "*" in name]

    def find(self, name: str) -> Api | None:
        row = self._exact.get(name)
        if row is None and name:
            row = next((row for p, row in self._patterns if p.fullmatch(name)), None)
        return row


def pattern(name: str) -> re.Pattern[str]:
    """The expression for a name with `*` in it."""
    return re.compile(re.escape(name).replace(r"\*", "[^.]+"))


def only_true(data: Any, test: Callable[[Any], bool | None]) -> Callable[[Any], bool | None]:
    """For conditions that have no parameter but `true`."""
    if data is not True:
        raise RulePackError(f"takes only `true`, not {data!r}; `not` turns it round")
    return test
