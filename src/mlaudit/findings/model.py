"""What the user sees of the audit."""

from __future__ import annotations

from msgspec import Struct

from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity


class Place(Struct, frozen=True):
    """A stretch of a file as an editor counts it: lines and characters from 1, end exclusive.

    For a notebook, `line` and `column` are those of the .ipynb file; the cell's stand beside them.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    cell: int = 0
    """Number of the notebook cell from 1; 0 outside notebooks."""
    cell_line: int = 0
    cell_column: int = 0
    commit: str = ""
    """Id of the commit that holds the file; empty for the working tree."""


class Excerpt(Struct, frozen=True):
    """Source around a place. Secrets in it are masked already.

    `lines` are for people (a notebook's code as in its cell), the rest is for machines (a
    notebook as written in the .ipynb file). What is too long is cut.
    """

    first_line: int = 0
    """Number of `lines[0]` (in the cell, for a notebook); 0 when there is no excerpt."""
    lines: tuple[str, ...] = ()
    focus: int = 0
    """Index in `lines` of the place's first line."""
    mark_start: int = 0
    """Where the place begins and ends in `lines[focus]`, in characters from 0."""
    mark_end: int = 0
    snippet: str = ""
    """The text of the place, in the file."""
    context: str = ""
    """The lines around the place, in the file; empty when they are too long to show."""
    context_line: int = 0
    context_end_line: int = 0


class RelatedPlace(Struct, frozen=True):
    place: Place
    message: str


class Finding(Struct, frozen=True):
    rule: Rule
    message: str
    severity: Severity
    confidence: Confidence
    persona: Persona
    place: Place
    excerpt: Excerpt
    fingerprint: str
    """Of the content: the same when lines move. Equal findings of a file count up."""
    line_hash: str
    """`primaryLocationLineHash` as GitHub's upload action computes it; empty without a file."""
    remedy: str
    whole_repository: bool = False
    values: dict[str, str] = {}
    """What filled the message, without secrets: a fix needs it, too."""
    related: tuple[RelatedPlace, ...] = ()
    flow: tuple[RelatedPlace, ...] = ()
    """The way of the program that leads to the place, step by step."""


class Unread(Struct, frozen=True):
    """A file, or a part of it, that could not be read, and why."""

    path: str
    reason: str
    line: int = 0


class Crash(Struct, frozen=True):
    """An error of mlaudit's own, in one rule or reader. All else was still reported."""

    where: str
    """`rule REP001`, `reader of src/a.py`."""
    error: str
    trace: str


class UnusedSuppression(Struct, frozen=True):
    """A suppression, or a part of it, that suppressed nothing."""

    path: str
    line: int
    """Of the comment; for a notebook, in the .ipynb file."""
    rules: tuple[str, ...]
    """As written; those of the comment that were of use are left out."""
    why: str
    """`nothing to suppress`, `no such rule` or `expired on 2026-01-31`."""


class Funnel(Struct, frozen=True):
    """What came out at the end, and how much was held back on the way, by reason."""

    shown: tuple[Finding, ...] = ()
    held: dict[str, int] = {}
    """`not selected`, `path`, `context`, `duplicate`, `suppressed`, `allowed`, `severity`,
    `confidence`, `persona`, in this order: those above 0."""
    suppressed: tuple[tuple[Finding, str], ...] = ()
    """With the reason that was given, by a comment or by the settings."""
    unused: tuple[UnusedSuppression, ...] = ()
    accepted: tuple[tuple[Match, str], ...] = ()
    """All matches that a comment or the settings accept, with the reason that was given."""
