"""Whole repositories, with what is expected of them beside each.

`UPDATE=1 pytest tests/repos` writes the expectations anew; read the difference before committing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from repository_fixtures import NAMES, REPOS, lay_out

from mlaudit.audit import audit
from mlaudit.config import Settings, load_settings
from mlaudit.maturity.model import Capability, Outcome
from mlaudit.reports import report
from mlaudit.reports.model import Audit

SHOWN_WHOLE = ("service", "student")


def audited(name: str, tmp_path: Path) -> Audit:
    root = lay_out(name, tmp_path / name)
    return audit([root], load_settings([root]), date(2026, 1, 1))


def described(result: Audit) -> str:
    return "".join(f"{line}\n" for line in (*_findings(result), "", *_maturity(result)))


def _findings(result: Audit) -> Iterator[str]:
    for finding in result.funnel.shown:
        place = finding.place
        yield f"{finding.rule.id} {place.path}:{place.line} {finding.severity.value}"
    for unread in result.unread:
        yield f"unread {unread.path}: {unread.reason}"


def _maturity(result: Audit) -> Iterator[str]:
    assert result.maturity is not None
    ladder = result.maturity.ladder
    of = f" of {result.maturity.root}" if result.maturity.root else ""
    yield f"profile{of} {result.maturity.profile}, level {ladder.level} of {ladder.reachable}"
    for root in result.maturity.roots:
        does = " ".join(["trains"] * root.trains + ["serves"] * root.serves) or "neither"
        yield f"  {root.path} {root.profile}, level {root.level} of {root.reachable}, {does}"
    for dimension in result.maturity.dimensions:
        for capability in dimension.capabilities:
            if capability.outcome is not Outcome.NOT_AVAILABLE:
                yield f"{capability.id} {_score(capability)}"
                for evidence in capability.evidence:
                    sign = "+" if evidence.supports else "-"
                    yield f"  {sign} {evidence.path}:{evidence.line} {evidence.says}"


def _score(capability: Capability) -> str:
    if capability.score is None:
        return f"({capability.reason})"
    more = "+" if capability.at_least else ""
    capped = f", capped by {', '.join(capability.capped_by)}" if capability.capped_by else ""
    return f"{capability.score}{more}{capped}"


def agree(path: Path, text: str) -> None:
    if os.environ.get("UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_findings_and_maturity(name: str, tmp_path: Path) -> None:
    result = audited(name, tmp_path)
    assert result.crashes == ()
    agree(REPOS / f"{name}.expected", described(result))


@pytest.mark.parametrize("name", SHOWN_WHOLE)
def test_what_people_see(name: str, tmp_path: Path) -> None:
    agree(REPOS / f"{name}.report", report("text")(audited(name, tmp_path)))


def test_what_commits_of_the_past_hold(tmp_path: Path) -> None:
    root = lay_out("history", tmp_path / "history")
    result = audit([root], Settings(history=True, select=("ART",)), date(2026, 1, 1))
    agree(REPOS / "history.past", report("text")(result).split("MLOps")[0])


def test_every_expectation_belongs_to_a_repository() -> None:
    beside = {path.stem for path in REPOS.iterdir() if path.suffix in (".expected", ".report")}
    assert beside == set(NAMES)
