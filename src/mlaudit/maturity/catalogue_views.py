"""Other views of the same evidence as data: phases, patterns, the checklist, the roadmap."""

from __future__ import annotations

from functools import cache

from msgspec import Struct, field

from mlaudit.knowledge import shipped
from mlaudit.maturity.catalogue import Advice
from mlaudit.project.practices.looks import SignModel


class PhaseModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    id: str
    name: str
    any: tuple[str, ...]
    """Signs, one of which is enough."""
    not_applicable: tuple[str, ...] = ()


class PrincipleModel(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    capabilities: tuple[str, ...]
    rules: tuple[str, ...]
    """Rules, by id or family, whose findings stand beside it."""


class ArtefactModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """Tracked when all of it holds that applies."""

    name: str
    tracked_by: dict[str, int] = field(default_factory=dict)
    """Capability: the least score."""
    lines: tuple[str, ...] = ()
    """Of the checklist of reproducibility."""
    all: tuple[str, ...] = ()
    """Signs."""
    lacks: str = ""
    """What a missing sign means."""
    silent: dict[str, str] = field(default_factory=dict)
    """Rule id: what its finding means."""
    not_applicable: tuple[str, ...] = ()


class ViewsModel(Struct, frozen=True, forbid_unknown_fields=True):
    """`rules/ladder/views.yaml`."""

    lifecycle: tuple[PhaseModel, ...]
    principles: tuple[PrincipleModel, ...]
    artefacts: tuple[ArtefactModel, ...]
    signs: dict[str, SignModel] = field(default_factory=dict)


class StepModel(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a pattern: a phase of the lifecycle, or what signs show; or neither."""

    name: str
    phase: str = ""
    any: tuple[str, ...] = ()
    absent: str = ""
    """What it means that it was not seen."""


class GapModel(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be wrong at a step, or between two."""

    edge: str
    """`Evaluate > Register`"""
    says: str
    rules: tuple[str, ...] = ()
    """One of them found something; without any, the signs alone say so."""
    sees: tuple[str, ...] = ()
    """Signs that are all seen."""
    lacks: tuple[str, ...] = ()
    """Signs of which none is seen."""


class PatternModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    id: str
    name: str
    steps: tuple[StepModel, ...]
    gaps: tuple[GapModel, ...]
    absent: str = ""
    """What it means that no step was seen at all."""
    not_applicable: dict[str, str] = field(default_factory=dict)
    """Circumstance: the reason."""


class PatternsModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """`rules/ladder/patterns.yaml`."""

    patterns: tuple[PatternModel, ...]
    many_phases: int
    """Phases from which a lone notebook is too much."""
    signs: dict[str, SignModel] = field(default_factory=dict)


class ObjectModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What a line of the checklist is about: there when one of its signs is seen."""

    any: tuple[str, ...]
    absent: str
    """Why the question does not arise without it."""
    unclear: tuple[str, ...] = ()
    """Signs that it may be there all the same."""
    unclear_says: str = ""


class LineModel(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One line of the checklist of reproducibility."""

    id: str
    says: str
    needs: tuple[str, ...] = ()
    """Objects that must be there."""
    silent: dict[str, str] = field(default_factory=dict)
    """Rule id: what its finding means for the line."""
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    """Signs that are named as evidence, and not demanded."""
    lacks: str = ""
    """What a missing sign means."""
    searched: str = ""
    """A sign that shows where it was looked for; without it, where the objects are."""
    unsettled: str = ""
    """Instead: why nothing can be said without the sign."""
    informative: bool = False


class ChecklistModel(Struct, frozen=True, forbid_unknown_fields=True):
    """`rules/ladder/reproducibility.yaml`."""

    objects: dict[str, ObjectModel]
    lines: tuple[LineModel, ...]
    signs: dict[str, SignModel] = field(default_factory=dict)


class EndedModel(Struct, frozen=True, forbid_unknown_fields=True):
    """A service or version that ended, and where to go from there."""

    tool: str
    step: Advice
    sign: str = ""
    """What shows that the part that ended is used; without it, any use of the tool does."""


class RoadmapModel(Struct, frozen=True, forbid_unknown_fields=True):
    """`rules/ladder/roadmap.yaml`: how steps are chosen so that they fit what is in use."""

    rivals: dict[str, tuple[str, ...]]
    """A kind of work: tools that do it, one of which is enough."""
    together: tuple[tuple[str, ...], ...]
    """Rivals that are made for each other."""
    platforms: tuple[str, ...]
    cluster: tuple[str, ...]
    """Tools that need Kubernetes."""
    horizons: dict[str, tuple[str, ...]]
    """`now`, `soon`, `later`: capabilities, as a team that begins takes them up."""
    ended: tuple[EndedModel, ...]
    signs: dict[str, SignModel] = field(default_factory=dict)


@cache
def views_model() -> ViewsModel:
    return shipped("ladder/views", ViewsModel)


@cache
def checklist_model() -> ChecklistModel:
    return shipped("ladder/reproducibility", ChecklistModel)


@cache
def roadmap_model() -> RoadmapModel:
    return shipped("ladder/roadmap", RoadmapModel)


@cache
def patterns_model() -> PatternsModel:
    return shipped("ladder/patterns", PatternsModel)
