"""What is known of distributions on PyPI: `rules/apis/distributions.yaml`."""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import Struct

from mlaudit.knowledge import knowledge_root


class Distributions(Struct, frozen=True, forbid_unknown_fields=True):
    """Names are those that PyPI compares: lower case, with dashes."""

    critical: frozenset[str]
    """Their versions decide what a model computes."""
    variants: dict[str, str]
    """Other builds and conda's names, by the distribution that they stand for."""
    imports: dict[str, tuple[str, ...]]
    """Distributions that bring a top-level module, where the names differ."""
    namespaces: frozenset[str]
    """Top-level modules that many distributions share."""
    indirect: frozenset[str]
    """Hardly ever asked for by hand: their presence tells a frozen list from a written one."""

    def names_of(self, distribution: str) -> tuple[str, ...]:
        """The distribution and the variants that stand for it."""
        others = (name for name, main in self.variants.items() if main == distribution)
        return (distribution, *others)

    def of_import(self, module: str) -> tuple[str, ...]:
        """Distributions that may bring a top-level module: by its own name if no other is known,
        none for a namespace, which tells nothing."""
        if module in self.namespaces:
            return ()
        return self.imports.get(module) or (module.lower().replace("_", "-"),)


@cache
def known_distributions() -> Distributions:
    """The table as shipped."""
    import yaml

    text = (knowledge_root() / "apis" / "distributions.yaml").read_bytes()
    return msgspec.convert(yaml.load(text, Loader=yaml.CSafeLoader), Distributions)
