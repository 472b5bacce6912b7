"""All that an audit found out: what every report is given."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from mlaudit.findings.model import Crash, Finding, Funnel, Unread
from mlaudit.fixes.model import Fixes
from mlaudit.maturity.model import Maturity
from mlaudit.repo.model import Git
from mlaudit.rules.model import Confidence, Rule, Severity


class Audit(Struct, frozen=True):
    """The result. It has no time and no absolute path in it: the same input gives the same one."""

    version: str
    """Of mlaudit."""
    root: str
    """Name of the repository's folder."""
    git: Git | None
    """None outside git."""
    files_total: int
    files_read: int
    bytes_read: int
    funnel: Funnel
    rules: tuple[Rule, ...]
    """All that were enabled, whether they found something or not."""
    fail_on: Severity | None
    unread: tuple[Unread, ...] = ()
    crashes: tuple[Crash, ...] = ()
    maturity: Maturity | None = None
    fixes: Fixes = Fixes()


def exit_status(audit: Audit) -> int:
    """0: nothing to fail for; 1: findings; 2: a part of mlaudit could not do its work.

    A finding of low confidence never fails an audit, however severe.
    """
    if audit.crashes:
        return 2
    return int(any(fails(finding, audit.fail_on) for finding in audit.funnel.shown))


def fails(finding: Finding, fail_on: Severity | None) -> bool:
    """Whether this finding makes the exit status 1."""
    if fail_on is None or finding.confidence is Confidence.LOW:
        return False
    return finding.severity.rank >= fail_on.rank


def by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many there are of each, the worst first, zeros included."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
