"""JSON for programs. `rules/schema/report.schema.json` says what is in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlaudit.findings.model import Finding, Place, RelatedPlace
from mlaudit.fixes.model import safety_of
from mlaudit.reports.encoding import encode
from mlaudit.reports.model import Audit, by_severity, exit_status
from mlaudit.rules.model import Rule

SCHEMA = "mlaudit-report-v1"


def render(audit: Audit) -> str:
    """One document in one line; findings sorted by path, line, column and rule."""
    funnel = audit.funnel
    findings = [*funnel.shown, *(finding for finding, _ in funnel.suppressed)]
    rules = {finding.rule.id: finding.rule for finding in findings}
    return encode(
        {
            "schema": SCHEMA,
            "tool": {"name": "mlaudit", "version": audit.version},
            "repository": _repository(audit),
            "summary": _summary(audit),
            "findings": [_finding(finding) for finding in funnel.shown],
            "suppressed": [
                {"reason": reason, "finding": _finding(finding)}
                for finding, reason in funnel.suppressed
            ],
            "unused_suppressions": funnel.unused,
            "unread": audit.unread,
            "internal_errors": [
                {"where": crash.where, "error": crash.error} for crash in audit.crashes
            ],
            "rules": [_rule(rules[id_]) for id_ in sorted(rules)],
            "maturity": audit.maturity,
        }
    )


def _repository(audit: Audit) -> dict[str, Any]:
    git = audit.git
    revision = (git.head or None, git.branch or None, git.remote or None) if git else (None,) * 3
    return {
        "name": audit.root,
        "commit": revision[0],
        "branch": revision[1],
        "remote": revision[2],
        "files": audit.files_total,
        "files_read": audit.files_read,
        "bytes_read": audit.bytes_read,
    }


def _summary(audit: Audit) -> dict[str, Any]:
    counts = by_severity(audit.funnel.shown)
    return {
        **{severity.value: count for severity, count in counts.items()},
        "held_back": audit.funnel.held,
        "fixes": audit.fixes,
        "fail_on": audit.fail_on,
        "exit_status": exit_status(audit),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "message": finding.message,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "persona": finding.persona,
        "place": _place(finding.place),
        "remedy": finding.remedy,
        "fix": safety_of(finding),
        "excerpt": {"first_line": finding.excerpt.first_line, "lines": finding.excerpt.lines},
        "fingerprint": finding.fingerprint,
        "whole_repository": finding.whole_repository,
        "related": _related(finding.related),
        "flow": _related(finding.flow),
    }


def _related(others: Iterable[RelatedPlace]) -> list[dict[str, Any]]:
    return [{"place": _place(other.place), "message": other.message} for other in others]


def _place(place: Place) -> dict[str, Any]:
    cell = None
    if place.cell:
        cell = {"number": place.cell, "line": place.cell_line, "column": place.cell_column}
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "cell": cell,
        "commit": place.commit or None,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "summary": rule.summary,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "why": rule.why,
        "remedy": rule.remedy,
        "references": rule.references,
    }
