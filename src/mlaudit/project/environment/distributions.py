"""What is known of distributions on PyPI: `rules/apis/distributions.yaml`."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from mlaudit.knowledge import shipped


class Distributions(Struct, frozen=True, forbid_unknown_fields=True):
    """Names are those that PyPI compares: lower case, with dashes."""

    critical: frozenset[str]
    """Their versions decide what a model computes."""
    variants: dict[str, str]
    """Other builds and conda's names, by the distribution that they stand for."""
    indirect: frozenset[str]
    """Hardly ever asked for by hand: their presence tells a frozen list from a written one."""

    def names_of(self, distribution: str) -> tuple[str, ...]:
        """The distribution and the variants that stand for it."""
        others = (name for name, main in self.variants.items() if main == distribution)
        return (distribution, *others)


@cache
def known_distributions() -> Distributions:
    """The table as shipped."""
    return shipped("apis/distributions", Distributions)
