"""Which distributions bring a module, and what they require: `rules/apis/imports.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from mlaudit.knowledge import shipped


class ImportTable:
    """Modules and the distributions that bring them, as their wheels show."""

    def __init__(self, modules: Mapping[str, tuple[str, ...]], requires: Mapping[str, str]) -> None:
        self.modules = modules
        """Distributions by module, the usual one first; dotted names lie in namespaces."""
        self._requires = requires
        self._known: dict[str, tuple[str, ...]] = {}
        self._main: dict[str, str] = {}
        for main, *others in modules.values():
            self._main.update((other, main) for other in others)

    def distributions_of(self, module: str) -> tuple[str, ...]:
        """Those that may bring a dotted module or something in it; none when that is not known."""
        found = self._known.get(module)
        if found is None:
            found = self._known[module] = self.modules.get(self.module_of(module), ())
        return found

    def module_of(self, name: str) -> str:
        """The row that speaks of a dotted name; empty without one."""
        while name and name not in self.modules:
            name = name.rpartition(".")[0]
        return name

    def main_of(self, name: str) -> str:
        """The usual distribution that another build, or a name of conda's, stands for."""
        return name if name in self._requires else self._main.get(name, name)

    def brought_along(self, names: Iterable[str]) -> frozenset[str]:
        """All that the distributions require, at any remove, on every platform."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            for name in self._requires.get(self.main_of(waiting.pop()), "").split():
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return frozenset(found)

    def is_described(self, name: str) -> bool:
        """Whether it is known what the distribution requires."""
        return self.main_of(name) in self._requires


@cache
def import_table() -> ImportTable:
    """The table as shipped."""
    blocks = shipped("apis/imports", dict[str, str])
    modules: dict[str, tuple[str, ...]] = {
        name: (_as_distribution(name),) for name in blocks["alike"].split()
    }
    for line in blocks["modules"].splitlines():
        module, *names = line.split()
        modules[module] = tuple(names)
    rows = (line.partition(" ") for line in blocks["requires"].splitlines())
    return ImportTable(modules, {name: required for name, _, required in rows})


def _as_distribution(module: str) -> str:
    return module.lower().replace("_", "-").replace(".", "-")
