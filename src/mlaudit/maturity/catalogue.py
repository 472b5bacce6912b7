"""The maturity model as data: capabilities, what lifts them, and the ladder."""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct, field

from mlaudit.knowledge import shipped, shipped_names
from mlaudit.project.practices.looks import SignModel

DIMENSIONS = {
    "data-management": "Data management",
    "model-development": "Model development",
    "deployment": "Deployment",
    "monitoring": "Monitoring",
    "governance": "Governance",
}


Effort: TypeAlias = Literal["small", "medium", "large"]
RoadmapPhase: TypeAlias = Literal["foundation", "automation", "production", "optimization"]


class Level(Struct, frozen=True, forbid_unknown_fields=True):
    """A level holds when all of `all`, and one of `any` if there are any, are seen."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()


class Advice(Struct, frozen=True, forbid_unknown_fields=True):
    """A step, and what fits better where a tool is in use."""

    effort: Effort
    do: str
    tool: str = ""
    """What `do` brings in, if it is of a group of rivals."""
    plain: str = ""
    """The same for any other of the group, as `{tool}`, that has no text of its own."""
    instead: dict[str, str] = field(default_factory=dict)
    """Tool: what to do where it is called."""
    alternatives: dict[str, str] = field(default_factory=dict, name="or")
    """Where nothing is in use yet: other tools, and when each fits."""
    touch: tuple[str, ...] = ()
    """Signs that show the file to change: the first place of the first that is seen."""
    new: str = ""
    """Without one, the file to make."""
    phase: RoadmapPhase | None = None
    """Of the roadmap; without one, that of the capability."""


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
    """Rule id or sign: the highest score while the rule has findings, or the sign is seen. A rule
    that is not there never has any."""
    lifted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Rule or sign: signs, one of which lifts its cap."""
    not_applicable: dict[str, str] = field(default_factory=dict)
    """Circumstance: the reason."""
    signs: dict[str, SignModel] = field(default_factory=dict)
    """What to look for, for signs that are no more than that; all capabilities may use them."""
    phase: RoadmapPhase = "foundation"
    steps: tuple[Advice, ...] = ()
    """What lifts it to 1, 2 and 3."""
    waived: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Sign: circumstances in which it is not asked for."""


class RequirementModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One line of a level: capabilities, rules that are silent, and signs, all of which it asks."""

    id: str
    says: str
    core: bool = False
    asks: dict[str, int] = field(default_factory=dict)
    """Capability: the least score."""
    silent: tuple[str, ...] = ()
    sign: str = ""
    also: str = ""
    """A second sign that must be seen, too."""
    not_applicable: tuple[str, ...] = ()
    """Circumstances in which nobody asks."""
    step: Advice | None = None


class LevelModel(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    alias: str
    requirements: tuple[RequirementModel, ...] = ()


class LadderModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """`rules/ladder/levels.yaml`: levels from 0 upwards, and signs that only they ask for."""

    levels: tuple[LevelModel, ...]
    not_attestable: tuple[str, ...]
    """Capabilities and requirements that a checkout can show, so that nobody needs to declare."""
    signs: dict[str, SignModel] = field(default_factory=dict)


def is_rule(name: str) -> bool:
    """Whether a cap names a rule (`TRK001`) rather than a sign."""
    return name.isupper()


@cache
def capabilities() -> tuple[CapabilityModel, ...]:
    """All twenty, in their order."""
    models = [shipped(name, CapabilityModel) for name in shipped_names("maturity")]
    return tuple(sorted(models, key=lambda model: model.order))


@cache
def ladder_model() -> LadderModel:
    return shipped("ladder/levels", LadderModel)
