"""What a rule is. Its file is the only home of all that is known about it."""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct

from mlaudit.facts.records import Span


class Severity(str, Enum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return ("note", "warning", "error").index(self.value)


class Confidence(str, Enum):
    """How sure mlaudit is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return ("low", "medium", "high").index(self.value)


class Persona(str, Enum):
    """Who wants to see it: everybody, those who like things tidy, those who look into all."""

    REGULAR = "regular"
    PEDANTIC = "pedantic"
    AUDITOR = "auditor"

    @property
    def rank(self) -> int:
        return ("regular", "pedantic", "auditor").index(self.value)


class Example(Struct, frozen=True, omit_defaults=True):
    """A case that is run as a test: exactly one of `bad` and `good` is set.

    `files` are other files of the small repository that the example stands for; `path` is where
    its own text lies. Findings are expected on the lines marked `#! RULE`, and at `expect`.
    """

    bad: str = ""
    good: str = ""
    fixed: str = ""
    path: str = ""
    files: dict[str, str] = {}
    blobs: dict[str, str] = {}
    """Files that no YAML can hold, by path: a size and perhaps a format, as in `Blob.format`:
    `3 MB`, `160 kB torch-zip`. Without a format they hold bytes of none that is known."""
    expect: tuple[str, ...] = ()
    """`path:line` of findings where no marker can stand: JSON, notebooks, absent files."""
    note: str = ""


class InProduction(Struct, frozen=True, omit_defaults=True):
    """What counts instead where a model is served, deployed or promoted; None: what counts else."""

    severity: Severity | None = None
    persona: Persona | None = None

    @property
    def words(self) -> str:
        """`warning, persona regular`; empty where nothing changes."""
        said = (
            self.severity.value if self.severity else "",
            f"persona {self.persona.value}" if self.persona else "",
        )
        return ", ".join(filter(None, said))


class Rule(Struct, frozen=True, omit_defaults=True):
    id: str
    name: str
    summary: str
    severity: Severity
    confidence: Confidence
    persona: Persona
    since: str
    contexts: tuple[str, ...]
    detect: dict[str, Any]
    """One key, the kind of detection, with its parameters."""
    message: str
    why: str
    remedy: str
    """What the reader should do, in a sentence."""
    examples: tuple[Example, ...]
    references: tuple[str, ...] = ()
    fix: dict[str, Any] | None = None
    scope: str = "file"
    """`file`, or `repository` for what only the whole can show."""
    applies: tuple[str, ...] = ("application", "library")
    production: InProduction = InProduction()
    security: float | None = None
    """CVSS-like figure that GitHub orders security alerts by."""

    @property
    def family(self) -> str:
        return self.id.rstrip("0123456789")


class Spot(Struct, frozen=True, gc=False):
    """A place as the facts know it. `code`: in the coordinates of `PythonFacts`."""

    path: str
    span: Span = Span()
    code: bool = False
    commit: str = ""
    """Id of the commit that holds the file; empty for the working tree."""


class Related(Struct, frozen=True):
    spot: Spot
    message: str


class Match(Struct, frozen=True):
    """What a matcher or an analysis saw."""

    rule: str
    spot: Spot
    values: dict[str, str] = {}
    """Fill the placeholders of the rule's message, and tell a fix what it is about."""
    identity: str = ""
    """What stays the same when lines move; empty: the text at the place."""
    severity: Severity | None = None
    confidence: Confidence | None = None
    persona: Persona | None = None
    related: tuple[Related, ...] = ()
    flow: tuple[Related, ...] = ()
    """The way of the program that leads to the place, step by step."""
    remedy: str = ""
    """Replaces the rule's remedy where the facts allow a better one."""
