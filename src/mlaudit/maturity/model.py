"""Records of the maturity model: evidence, capabilities, levels."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct, structs

from mlaudit.project.practices.catalogue import Strength
from mlaudit.project.practices.tools import ToolSign

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


class StepKind(str, Enum):
    """Why a step is on the roadmap."""

    NEXT_LEVEL = "next level"
    QUICK_WIN = "quick win"
    """Small, and worth it at any level."""
    MIGRATE = "migrate"
    """Away from what ended."""
    CHOOSE = "choose"
    """Between tools that do the same work."""
    FINISH = "finish or remove"
    """What is declared and not used."""


class Step(Struct, frozen=True):
    """Something to do next."""

    effort: str
    """`small`: one file, no new service; `medium`: several files or a new dependency; `large`: new
    infrastructure or organisation."""
    phase: str
    """`foundation`, `automation`, `production`, `optimization`."""
    do: str
    capability: str = ""
    kind: StepKind = StepKind.NEXT_LEVEL
    file: str = ""
    """The one to change, or to make; empty where it is not one."""
    alternatives: tuple[str, ...] = ()
    """Other tools and when each fits, as `Aim: local only`."""
    horizon: str = ""
    """`now`, `soon` or `later`: when a team that begins takes the capability up."""


class Declaration(Struct, frozen=True):
    """What people say of a practice that no checkout can show. It is never evidence seen."""

    about: str
    """Id of a capability or of a requirement."""
    level: int
    owner: str
    link: str
    date: str
    """`2026-10-01`"""
    expires: str


class Accepted(Struct, frozen=True):
    """A rule whose findings were all accepted with a reason, so that they hold nothing down."""

    rule: str
    reason: str
    path: str


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
    """The true score may be higher: of the next level something could not be settled."""
    possible: int | None = None
    """The score if all that could not be settled were there."""
    unsettled: tuple[str, ...] = ()
    """What could not be settled, and why."""
    capped_by: tuple[str, ...] = ()
    """Rule ids or facts that lowered it."""
    accepted: tuple[Accepted, ...] = ()
    """What would lower it, had nobody given a reason."""
    declared: Declaration | None = None
    """What is declared above what was seen."""
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    next_step: Step | None = None
    """What lifts it by one; None at the top and where it does not apply."""


class Dimension(Struct, frozen=True):
    id: str
    name: str
    capabilities: tuple[Capability, ...]
    score: float | None = None
    """Share of what could be reached, 0 to 1, over settled capabilities; None without any."""
    level: int | None = None
    thin: bool = False
    """Fewer than two settled capabilities."""


class Requirement(Struct, frozen=True):
    """One line of a level of the ladder."""

    id: str
    says: str
    core: bool = False
    outcome: Outcome = Outcome.NOT_AVAILABLE
    capability: str = ""
    """The one that it asks; empty when it asks none, or several."""
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    declared: Declaration | None = None
    """By whom it is said to be met, where that could not be seen."""


class Rung(Struct, frozen=True):
    level: int
    name: str
    alias: str
    requirements: tuple[Requirement, ...] = ()


class Ladder(Struct, frozen=True):
    level: int = 0
    reachable: int = 0
    """The highest level that applies to such a repository at all."""
    possible: int = 0
    """The level if all that could not be settled were met."""
    unsettled: tuple[str, ...] = ()
    """What stands between the level and the possible one, and why it could not be settled."""
    declared: int = 0
    """The level with what is declared."""
    rungs: tuple[Rung, ...] = ()
    steps: tuple[Step, ...] = ()
    """What is missing for the next level, the smallest effort first."""
    banked: tuple[str, ...] = ()
    """Ids of requirements of higher levels that are met already."""


class Phase(Struct, frozen=True):
    """One phase of a model's life."""

    id: str
    name: str
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    """The first place that shows it."""
    by_name: bool = False
    """Only the name of a stage says so."""


class Stage(Struct, frozen=True):
    """One step of a pattern."""

    name: str
    outcome: Outcome
    """NOT_AVAILABLE: it cannot be told apart from the steps beside it."""
    evidence: tuple[Evidence, ...] = ()


class Gap(Struct, frozen=True):
    """What is missing at a step of a pattern, or between two."""

    edge: str
    """`Evaluate > Register`"""
    says: str
    path: str
    line: int = 1
    rule: str = ""


class Pattern(Struct, frozen=True):
    """A chain of steps that a model goes through."""

    id: str
    """`training`, `serving`, `monitoring`"""
    name: str
    outcome: Outcome
    """TRUE: without a gap."""
    reason: str = ""
    """Why it does not apply."""
    stages: tuple[Stage, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Principle(Struct, frozen=True):
    """The same evidence, grouped in another way; never a second level."""

    name: str
    capabilities: tuple[str, ...]
    rules: tuple[str, ...]
    """By id or family."""
    score: float | None = None
    findings: int = 0
    """Of these rules, in code and configuration in use."""


class Artefact(Struct, frozen=True):
    """What a run leaves behind; tracked: it has an identity, a shared place, a link to its run."""

    name: str
    outcome: Outcome
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class ChecklistLine(Struct, frozen=True):
    """One line of the checklist of reproducibility."""

    id: str
    """`dependencies-locked`"""
    says: str
    informative: bool = False
    """Evidence that nobody demands: it decides nothing."""
    outcome: Outcome = Outcome.NOT_AVAILABLE
    reason: str = ""
    """Why it does not apply, or could not be told."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it decides on reproducibility here."""
        return not self.informative and self.outcome is not Outcome.NOT_APPLICABLE

    def settled(
        self, outcome: Outcome, evidence: tuple[Evidence, ...] = (), reason: str = ""
    ) -> ChecklistLine:
        return structs.replace(self, outcome=outcome, evidence=evidence, reason=reason)


class RootLevel(Struct, frozen=True):
    """Where one project root stands."""

    path: str
    """Its folder; empty for that of the repository."""
    profile: str
    trains: bool
    serves: bool
    level: int
    possible: int
    declared: int
    reachable: int
    score: float | None


class Maturity(Struct, frozen=True):
    """Of a repository: that of its lowest root that trains or serves."""

    profile: str
    """`research`, `application`, `library`, `platform`."""
    dimensions: tuple[Dimension, ...] = ()
    ladder: Ladder = Ladder()
    score: float | None = None
    """Mean of the dimensions that have a score, 0 to 1."""
    tools: tuple[ToolSign, ...] = ()
    """The strongest sign of each tool that was seen."""
    lifecycle: tuple[Phase, ...] = ()
    principles: tuple[Principle, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    """Training, serving, monitoring: where the chain has gaps."""
    artefacts: tuple[Artefact, ...] = ()
    checklist: tuple[ChecklistLine, ...] = ()
    """Of reproducibility."""
    roadmap: tuple[Step, ...] = ()
    """The steps to the next level, quick wins, and loose ends, in this order."""
    root: str = ""
    """Folder of the project root that all this is about."""
    roots: tuple[RootLevel, ...] = ()
    """All roots that have code of their own, by path, where there are several."""
    warnings: tuple[str, ...] = ()
    """Declarations that were ignored, and why."""
