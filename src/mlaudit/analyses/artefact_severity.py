"""How bad it is where tests and documentation keep files as samples."""

from __future__ import annotations

from mlaudit.project.project import Project
from mlaudit.repo.model import Context
from mlaudit.rules.model import Rule, Severity

_LOWER = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.NOTE}


def severity_at(project: Project, rule: Rule, path: str) -> Severity | None:
    """One level lower in tests and docs; None for the rule's own."""
    file = project.files.get(path)
    if file is None or file.context not in (Context.TESTS, Context.DOCS):
        return None
    return _LOWER.get(rule.severity)
