"""What a fix is: edits of one file's text, as values."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from msgspec import Struct

from mlaudit.findings.model import Finding
from mlaudit.repo.model import Kind


class Safety(str, Enum):
    """Whether a fix may change what the program computes."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(NamedTuple):
    """Characters from `start` up to `end`, from 0, that make way for `text`.

    They count in the text of the file, without a byte order mark and with its own line ends.
    """

    start: int
    end: int
    text: str


class Fix(Struct, frozen=True):
    """The edits that mend one finding: all of them, or none."""

    path: str
    rule: str
    edits: tuple[Edit, ...]


class Fixes(Struct, frozen=True):
    """What was done, and how many of the findings that are left could be fixed, and how.

    The latter as their rules say; in a single case it may turn out that nothing can be done.
    """

    fixed: int = 0
    safe: int = 0
    unsafe: int = 0


class Change(Struct, frozen=True):
    """A file before and after all fixes."""

    path: str
    before: bytes
    after: bytes


class Shown(Struct, frozen=True):
    """The same for the eyes: secrets are masked."""

    path: str
    kind: Kind
    before: str
    after: str


class Unwritten(Struct, frozen=True):
    """A file that was left as it is, and why."""

    path: str
    reason: str


class Recipe(NamedTuple):
    """How findings of a rule are fixed: the kind of edit, and its parameter."""

    kind: str
    parameter: Any


KINDS = ("set_argument", "call_method", "wrap_call")


def recipe_of(finding: Finding) -> Recipe | None:
    """What the rule's file says for this finding; None where nothing can be done.

    `by_callee` has a word of its own for single callables; an empty one means that there is no fix.
    """
    fix = finding.rule.fix or {}
    callee = finding.values.get("callee", "")
    chosen = fix.get("by_callee", {}).get(callee, fix)
    return next((Recipe(kind, chosen[kind]) for kind in KINDS if kind in chosen), None)


def safety_of(finding: Finding) -> Safety | None:
    """None where the finding has no fix."""
    if finding.rule.fix is None or recipe_of(finding) is None:
        return None
    return Safety(finding.rule.fix["safety"])
