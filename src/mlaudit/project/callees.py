"""Which files call what: one look spares a rule all files that have nothing for it."""

from __future__ import annotations

from collections.abc import Container, Mapping

from mlaudit.facts.records import FileFacts
from mlaudit.knowledge import Names


class Callees:
    """Files by the resolved names that they call."""

    def __init__(self, facts: Mapping[str, FileFacts]) -> None:
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
