"""Parameters of conditions and matchers, read with errors that a rule's author understands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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


class Names:
    """Qualified names, in which `*` stands for one segment."""

    def __init__(self, names: Iterable[str]) -> None:
        self.exact: set[str] = set()
        self.patterns: list[re.Pattern[str]] = []
        for name in names:
            if "*" in name:
                self.patterns.append(pattern(name))
            else:
                self.exact.add(name)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or not name:
            return False
        return name in self.exact or any(p.fullmatch(name) for p in self.patterns)


def pattern(name: str) -> re.Pattern[str]:
    """The expression for a name with `*` in it."""
    return re.compile(re.escape(name).replace(r"\*", "[^.]+"))


def only_true(data: Any, test: Callable[[Any], bool | None]) -> Callable[[Any], bool | None]:
    """For conditions that have no parameter but `true`."""
    if data is not True:
        raise RulePackError(f"takes only `true`, not {data!r}; `not` turns it round")
    return test
