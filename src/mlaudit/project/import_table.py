"""Which distributions bring a module, and what they require: `rules/apis/imports.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from mlaudit.knowledge import knowledge_root


class ImportTable:
    """Modules and the distributions that bring them, as their wheels show."""

    def __init__(self, modules: Mapping[str, tuple[str, ...]], requires: Mapping[str, str]) -> None:
        self.modules = modules
        """Distributions by module, the usual one first; dotted names lie in namespaces."""
        self._requires = requires
        self._known: dict[str, tuple[str, ...]] = {}
        self._needed = frozenset(name for many in requires.values() for name in many.split())

    def distributions_of(self, module: str) -> tuple[str, ...]:
        """Those that may bring a dotted module or something in it; none when that is not known."""
        found = self._known.get(module)
        if found is None:
            name = module
            while name and name not in self.modules:
                name = name.rpartition(".")[0]
            found = self._known[module] = self.modules.get(name, ())
        return found

    def brought_along(self, names: Iterable[str]) -> frozenset[str]:
        """All that the distributions require, at any remove, on every platform."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            for name in self._requires.get(waiting.pop(), "").split():
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return frozenset(found)

    def is_described(self, name: str) -> bool:
        """Whether it is known what the distribution requires."""
        return name in self._requires

    def is_needed(self, name: str) -> bool:
        """Whether some distribution that is described requires this one."""
        return name in self._needed


@cache
def import_table() -> ImportTable:
    """The table as shipped."""
    import yaml

    text = (knowledge_root() / "apis" / "imports.yaml").read_bytes()
    blocks: dict[str, str] = yaml.load(text, Loader=yaml.CSafeLoader)
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
