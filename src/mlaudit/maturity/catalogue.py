"""The capabilities as data: what is asked, which signs speak for each level, what caps it."""

from __future__ import annotations

from functools import cache

from msgspec import Struct, convert, field

from mlaudit.knowledge import knowledge_root
from mlaudit.maturity.looks import SignModel

DIMENSIONS = {
    "data-management": "Data management",
    "model-development": "Model development",
    "deployment": "Deployment",
    "monitoring": "Monitoring",
    "governance": "Governance",
}


class Level(Struct, frozen=True, forbid_unknown_fields=True):
    """A level holds when all of `all`, and one of `any` if there are any, are seen."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()


class Advice(Struct, frozen=True, forbid_unknown_fields=True):
    """What lifts a capability by one. `instead`: what fits better where a tool is in use."""

    effort: str
    do: str
    instead: dict[str, str] = field(default_factory=dict)


class CapabilityModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One file of `rules/maturity`. Signs are its own, or those of `signs.SIGNS`."""

    id: str
    name: str
    dimension: str
    order: int
    question: str
    levels: tuple[Level, ...] = ()
    """From level 1 upwards; those that mlaudit cannot judge yet are missing at the end."""
    caps: dict[str, int] = field(default_factory=dict)
    """Rule id: the highest score while it has findings."""
    not_applicable: dict[str, str] = field(default_factory=dict)
    """Circumstance: the reason."""
    signs: dict[str, SignModel] = field(default_factory=dict)
    """What to look for, for signs that are no more than that; all capabilities may use them."""
    phase: str = "foundation"
    steps: tuple[Advice, ...] = ()
    """What lifts it to 1, 2 and 3."""
    waived: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Sign: circumstances in which it is not asked for."""


@cache
def capabilities() -> tuple[CapabilityModel, ...]:
    """All twenty, in their order."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    models = [
        convert(yaml.load(file.read_bytes(), loader), CapabilityModel)  # noqa: S506  # safe
        for file in (knowledge_root() / "maturity").rglob("*.yaml")
    ]
    return tuple(sorted(models, key=lambda model: model.order))
