"""Signs that CI scans for secrets and known faults, and whether a scan stops anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mlaudit.maturity.deployment_signs import releases_after
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.patterns import Gated
from mlaudit.project.practices.deploying import job_at
from mlaudit.project.practices.jobs import Job, JobStep
from mlaudit.project.practices.places import commands_behind

_ACTIONS = frozenset(
    {
        "aquasecurity/trivy-action", "gitleaks/gitleaks-action", "trufflesecurity/trufflehog",
        "pypa/gh-action-pip-audit", "actions/dependency-review-action", "anchore/scan-action",
        "returntocorp/semgrep-action",
    }
)  # fmt: skip
_NEEDS_CODE = "aquasecurity/trivy-action"
"""Reports, and passes, unless it is told which status to exit with."""
_OF_GITHUB = ("actions/", "github/", "./")
_COMMIT = Gated(r"[0-9a-f]{40}")


@cache
def _scans() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w-])(?:pip-audit|trivy (?:image|fs|config|repo)|gitleaks (?:detect|git|dir|protect)"
        r"|bandit|safety (?:check|scan)|detect-secrets-hook|trufflehog|semgrep (?:ci|scan)"
        r"|osv-scanner|grype|snyk test)(?![\w-])"
    )


@cache
def _excused() -> re.Pattern[str]:
    return re.compile(
        r"\|\| *(?:true|:|exit 0|echo)|; *(?:true|exit 0)|--exit-zero|--exit-code[ =]0"
    )


class Scan(NamedTuple):
    path: str
    line: int
    says: str
    job: Job | None
    ignored: bool
    """Its failure stops nothing, by what is written beside it."""
    stops: bool


def scan_blocks(view: View) -> Iterator[Evidence]:
    """A scan that makes CI fail; an action of others only at a commit, for a tag may move."""
    for one in _all(view):
        if one.stops:
            yield Evidence(True, f"{one.says} and stops CI", one.path, one.line)


def scan_ignored(view: View) -> Iterator[Evidence]:
    """A scan whose result is thrown away."""
    for one in _all(view):
        if one.ignored:
            yield Evidence(True, f"{one.says}, whatever it finds", one.path, one.line)


def scan_gates_release(view: View) -> Iterator[Evidence]:
    """A release that waits for a scan."""
    for one in _all(view):
        waiting = tuple(releases_after(view, [one.job])) if one.stops and one.job else ()
        if waiting:
            yield Evidence(True, one.says, one.path, one.line)
            yield from waiting


def _all(view: View) -> Iterator[Scan]:
    for line in view.ci_commands:
        behind = sorted(commands_behind(view, line))
        found = next((one for text in behind if (one := _scans().search(text.text))), None)
        if found:
            job = job_at(view, line.path, line.line)
            step = _step_at(job, line.line)
            excused = any(_excused().search(text) for text in (line.text, found.string))
            ignored = excused or _is_ignored(job, step)
            off = job is not None and (job.off or (step is not None and step.off))
            says = f"'{found[0]}' scans"
            yield Scan(line.path, line.line, says, job, ignored, not (ignored or off))
    for job in view.jobs:
        for step in job.steps:
            if step.uses.partition("@")[0] in _ACTIONS:
                yield _of_action(job, step)


def _of_action(job: Job, step: JobStep) -> Scan:
    action, _, ref = step.uses.partition("@")
    code = str(step.given.get("exit-code", ""))
    ignored = code == "0" or _is_ignored(job, step)
    fixed = action.startswith(_OF_GITHUB) or _COMMIT.fullmatch(ref) is not None
    passes = action == _NEEDS_CODE and code in ("", "0")
    stops = fixed and not (passes or ignored or job.off or step.off)
    return Scan(job.path, step.line, f"'{action}' scans", job, ignored, stops)


def _step_at(job: Job | None, line: int) -> JobStep | None:
    holding = [step for step in job.steps if step.line <= line] if job is not None else []
    return holding[-1] if holding else None


def _is_ignored(job: Job | None, step: JobStep | None) -> bool:
    return (job is not None and job.ignored) or (step is not None and step.ignored)
