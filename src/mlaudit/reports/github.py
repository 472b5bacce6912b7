"""Workflow commands: GitHub Actions turns them into annotations."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.findings.model import Finding
from mlaudit.reports.escape import workflow_data, workflow_property
from mlaudit.reports.model import Audit
from mlaudit.reports.words import counted
from mlaudit.rules.model import Severity

MAX_ANNOTATIONS = 10
"""Of each severity; GitHub drops what a step writes beyond."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(audit: Audit) -> str:
    """The most severe findings first, then a line that says how many are left out."""
    lines = [line for severity in _COMMANDS for line in _lines(audit.funnel.shown, severity)]
    return "".join(f"{line}\n" for line in lines)


def _lines(findings: tuple[Finding, ...], severity: Severity) -> Iterator[str]:
    ours = [finding for finding in findings if finding.severity is severity]
    # What one is sure of comes first; the order is otherwise that of the files.
    ours.sort(key=lambda finding: -finding.confidence.rank)
    for finding in ours[:MAX_ANNOTATIONS]:
        yield _command(finding)
    rest = len(ours) - MAX_ANNOTATIONS
    if rest > 0:
        yield f"mlaudit: {counted(rest, f'more {severity.value}')} not shown as annotations"


def _command(finding: Finding) -> str:
    place = finding.place
    properties = {
        "file": place.path,
        "line": str(place.line),
        "endLine": str(place.end_line),
        "title": f"{finding.rule.id} {finding.rule.name}",
    }
    if place.line == place.end_line and place.column < place.end_column:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    written = ",".join(f"{key}={workflow_property(value)}" for key, value in properties.items())
    message = workflow_data(f"{finding.message}\n{finding.remedy}")
    return f"::{_COMMANDS[finding.severity]} {written}::{message}"
