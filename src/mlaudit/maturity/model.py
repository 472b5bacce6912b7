"""Records of the maturity model: evidence, capabilities, levels."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from mlaudit.project.catalogue import Strength

__all__ = ["Strength"]

MOST = 5
"""Pieces of evidence of one sign that are worth naming."""


class Outcome(str, Enum):
    TRUE = "true"
    FALSE = "false"
    NOT_AVAILABLE = "not available"
    NOT_APPLICABLE = "not applicable"


class Evidence(Struct, frozen=True):
    """One thing seen, for or against."""

    supports: bool
    says: str
    path: str
    line: int = 1
    strength: Strength = Strength.CALLED
    tool: str = ""
    rule: str = ""


class Capability(Struct, frozen=True):
    """One of the twenty, judged or not."""

    id: str
    """`data-versioning`"""
    name: str
    dimension: str
    question: str
    outcome: Outcome = Outcome.NOT_AVAILABLE
    """TRUE: `score` was settled; otherwise it has none, and `reason` says why."""
    score: int | None = None
    by_signs: int | None = None
    """The score before caps."""
    at_least: bool = False
    """The next level is not judged yet: the true score may be higher."""
    capped_by: tuple[str, ...] = ()
    """Rule ids or facts that lowered it."""
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class Dimension(Struct, frozen=True):
    id: str
    name: str
    capabilities: tuple[Capability, ...]
    score: float | None = None
    """Share of what could be reached, 0 to 1, over settled capabilities; None without any."""
    level: int | None = None
    thin: bool = False
    """Fewer than two settled capabilities."""


class Maturity(Struct, frozen=True):
    profile: str
    """`research`, `application`, `library`, `platform`."""
    dimensions: tuple[Dimension, ...] = ()
