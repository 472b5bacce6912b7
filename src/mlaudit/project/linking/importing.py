"""Which files of the repository import which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from mlaudit.facts.syntax import PythonFacts
from mlaudit.project.linking.modules import Modules


class Importing:
    """The imports between files: a cheap answer to what a program cannot come to."""

    def __init__(self, modules: Modules, python: Mapping[str, PythonFacts]) -> None:
        self._modules = modules
        self._python = python
        self._leading: dict[str, frozenset[str]] = {}

    @cached_property
    def importers(self) -> dict[str, set[str]]:
        """For each file that is imported: the files that import it, or something in it."""
        found: dict[str, set[str]] = defaultdict(set)
        for path, python in self._python.items():
            for target in {name for one in python.imports for name in (one.target, one.module)}:
                module = self._modules.find(target, path)
                if module is not None and module.path != path:
                    found[module.path].add(path)
        return found

    def leading_to(self, path: str) -> frozenset[str]:
        """The file, and all whose imports lead to it, at any remove."""
        known = self._leading.get(path)
        if known is None:
            known = self._leading[path] = self._climb([path])
        return known

    def _climb(self, paths: Iterable[str]) -> frozenset[str]:
        found = set(paths)
        waiting = list(found)
        while waiting:
            more = self.importers.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return frozenset(found)
