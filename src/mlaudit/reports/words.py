"""Words that several reports share."""

from __future__ import annotations

from collections.abc import Mapping

from mlaudit.findings.model import Place
from mlaudit.fixes.model import Fixes
from mlaudit.maturity.model import Capability, Evidence, Outcome
from mlaudit.reports.model import Audit, by_severity
from mlaudit.rules.model import Rule

RULE_PAGES = ""
"""Where the page of each rule lies, ending in `/`; empty until there is such a site."""

PROJECT_PAGE = "https://pypi.org/project/mlaudit/"

_HELD = {
    "not selected": "not selected",
    "path": "outside the given paths",
    "context": "where the rule does not apply",
    "duplicate": "reported already",
    "suppressed": "suppressed",
    "allowed": "allowed by the settings",
    "severity": "below the severity asked for",
    "confidence": "below the confidence asked for",
    "persona": "for another persona",
}


def counted(count: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def place_text(place: Place) -> str:
    """`src/a.py:3:7`; for a notebook `nb.ipynb:cell 3:2:7`, in lines and columns of the cell.

    A file of a commit is written as git does: `1a2b3c4d5e:src/a.py:3:7`.
    """
    if place.commit:
        return f"{place.commit[:10]}:{place.path}:{place.line}:{place.column}"
    if place.cell_line:
        return f"{place.path}:cell {place.cell}:{place.cell_line}:{place.cell_column}"
    if place.cell:
        return f"{place.path}:cell {place.cell} (line {place.line} of the file)"
    return f"{place.path}:{place.line}:{place.column}"


def totals(audit: Audit) -> str:
    """`2 errors, 1 warning, 0 notes in 14 files`."""
    counts = by_severity(audit.funnel.shown)
    found = ", ".join(counted(count, severity.value) for severity, count in counts.items())
    return f"{found} in {counted(audit.files_read, 'file')}"


def held_back(held: Mapping[str, int]) -> str:
    """`3 suppressed, 1 for another persona`; empty when nothing was."""
    return ", ".join(f"{count} {_HELD.get(reason, reason)}" for reason, count in held.items())


def fixes_text(fixes: Fixes) -> str:
    """`3 fixed; 2 more may be fixed with --fix`; empty when there is nothing to say."""
    parts = [f"{fixes.fixed} fixed"] if fixes.fixed else []
    for count, flags in ((fixes.safe, "--fix"), (fixes.unsafe, "--fix --unsafe-fixes")):
        if count:
            parts.append(f"{count} may be fixed with {flags}")
    return "; ".join(parts)


def rule_page(rule: Rule) -> str:
    """Where to read more; empty when there is nothing."""
    if RULE_PAGES:
        return f"{RULE_PAGES}{rule.name}/"
    return rule.references[0] if rule.references else ""


def score_text(capability: Capability) -> str:
    """`2 of 3`, `1+ of 3` where more may be there, or why there is no score."""
    if capability.outcome is Outcome.NOT_APPLICABLE:
        return "not applicable"
    if capability.score is None:
        return "not determined yet"
    return f"{capability.score}{'+' if capability.at_least else ''} of 3"


def evidence_text(evidence: Evidence) -> str:
    """What was seen, without its place."""
    return evidence.says if evidence.supports else f"against it: {evidence.says}"
