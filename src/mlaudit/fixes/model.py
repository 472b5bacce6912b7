"""Which findings can be fixed, and how, as the files of their rules say."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, NamedTuple

from msgspec import Struct

from mlaudit.findings.model import Finding
from mlaudit.repo.model import Context, File, Kind, Repo

KINDS = (
    "set_argument", "call_method", "wrap_call", "rename_attributes", "ignore_line",
    "read_environment", "hide_error", "clear_outputs", "declare",
)  # fmt: skip
IGNORE_FILE = ".gitignore"
"""Of the root: where `ignore_line` adds lines."""

_CODE = frozenset({Kind.PYTHON, Kind.SETUP_PY, Kind.NOTEBOOK})
MANIFESTS = frozenset({Kind.REQUIREMENTS, Kind.PYPROJECT})
"""Where `declare` adds a dependency."""
_FOREIGN = frozenset({Context.VENDORED, Context.GENERATED})


class Safety(str, Enum):
    """Whether a fix may change what the program computes."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Fixes(Struct, frozen=True):
    """What was done, and how many of the findings that are left could be fixed, and how.

    The latter as their rules say; in a single case it may turn out that nothing can be done.
    """

    fixed: int = 0
    safe: int = 0
    unsafe: int = 0


class Recipe(NamedTuple):
    """How a finding is fixed: the kind of edit, and its parameter."""

    kind: str
    parameter: Any


def recipe_of(finding: Finding) -> Recipe | None:
    """What the rule's file says for this finding; None where nothing can be done.

    `calls` are the callables that the fix is for, all without it; `by_callee` has a word of its own
    for single ones, and an empty one means that there is no fix.
    """
    fix = finding.rule.fix or {}
    callee = finding.values.get("callee", "")
    if callee not in fix.get("calls", (callee,)):
        return None
    if "ignore_line" in fix and not lines_to_ignore(finding):
        return None
    if "declare" in fix and not finding.values.get("manifest"):
        return None
    chosen = fix.get("by_callee", {}).get(callee, fix)
    return next((Recipe(kind, chosen[kind]) for kind in KINDS if kind in chosen), None)


def lines_to_ignore(finding: Finding) -> list[str]:
    """What a matcher would have .gitignore say; nothing where it was cut or masked."""
    lines = finding.values.get("ignore", "")
    return [] if lines.endswith("...") else lines.splitlines()


def target_of(finding: Finding) -> str:
    """Path of the file that is edited."""
    fix = finding.rule.fix or {}
    if "declare" in fix:
        return finding.values.get("manifest", "")
    return IGNORE_FILE if "ignore_line" in fix else finding.place.path


def safety_of(finding: Finding) -> Safety | None:
    """None where the finding has no fix."""
    if finding.rule.fix is None or recipe_of(finding) is None:
        return None
    return Safety(finding.rule.fix["safety"])


def may_be_fixed(file: File) -> bool:
    """Whether it is code or a manifest that somebody here wrote, or says what git ignores."""
    if file.path == IGNORE_FILE:
        return not file.missing
    return file.kind in _CODE | MANIFESTS and file.context not in _FOREIGN and not file.missing


def fixable(findings: Iterable[Finding], repo: Repo) -> Fixes:
    """How many findings have a fix, by their rules."""
    promised = [(finding, safety) for finding in findings if (safety := safety_of(finding))]
    if not promised:
        return Fixes()
    own = {file.path for file in repo.files if may_be_fixed(file)}
    own.add(IGNORE_FILE)  # made where there is none
    found = [safety for finding, safety in promised if target_of(finding) in own]
    return Fixes(safe=found.count(Safety.SAFE), unsafe=found.count(Safety.UNSAFE))
