"""Which files call what: one look spares a rule all files that have nothing for it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cached_property

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call
from mlaudit.knowledge import Names


class Callees:
    """Files by the resolved names that they call."""

    def __init__(self, facts: Mapping[str, FileFacts]) -> None:
        self._facts = facts
        self.files: dict[str, list[str]] = {}
        """By name: the paths of the files that call it, in the order of the facts."""
        for path, file in facts.items():
            for name in {call.callee for call in file.python.calls} if file.python else ():
                self.files.setdefault(name, []).append(path)

    def calling(self, names: Container[str] | Names) -> frozenset[str]:
        """Paths of the files that call something of `names`."""
        return frozenset(
            path for name, paths in self.files.items() if name in names for path in paths
        )

    @cached_property
    def _by_method(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, file in self._facts.items():
            for name in set(map(method_of, file.python.calls)) if file.python else ():
                found.setdefault(name, []).append(path)
        return found

    def calling_method(self, name: str) -> list[str]:
        """Paths of the files that call something by this last part of its name."""
        return self._by_method.get(name, [])


def method_of(call: Call) -> str:
    """The last part of the name that a call is written with."""
    return call.method or call.local.rpartition(".")[2]
