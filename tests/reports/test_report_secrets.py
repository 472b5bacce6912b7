"""From bytes on disk to every format: the planted secret is in none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from report_samples import SPLIT, TOKEN

from mlaudit.config import Settings
from mlaudit.facts.credentials import find_credentials
from mlaudit.facts.records import FileFacts, Span
from mlaudit.findings.funnel import funnel
from mlaudit.repo.model import Context, File, Kind, Repo
from mlaudit.reports import FORMATS, report
from mlaudit.reports.model import Audit
from mlaudit.rules.model import Match, Related, Spot

SECRET = "hf_" + "QzXwYvUtSrPoNmLkJiHgFeDcBaZ9y8W7v6"


@pytest.mark.parametrize("name", FORMATS)
def test_a_planted_secret_is_in_no_report(name: str, audit: Audit, tmp_path: Path) -> None:
    text = f'import hub\nhub.login("{SECRET}")\nsplit(hub, key="{SECRET}")  # {SECRET}\n'
    (tmp_path / "a.py").write_text(text)
    repo = Repo(tmp_path, (File("a.py", Kind.PYTHON, Context.SRC, len(text)),))
    facts = {"a.py": FileFacts("a.py", Kind.PYTHON, credentials=find_credentials(text))}
    matches = [
        Match("SEC001", Spot("a.py", Span(2, 11, 2, 11 + len(SECRET) + 2), code=True)),
        Match(
            "REP001",
            Spot("a.py", Span(3, 0, 3, 30), code=True),
            {"callee": f"'{SECRET}'"},
            related=(Related(Spot("a.py", Span(2, 0, 2, 5), code=True), f"from '{SECRET}'"),),
        ),
    ]
    rules = {rule.id: rule for rule in (SPLIT, TOKEN)}
    found = funnel(matches, rules, facts, repo, Settings(), date(2027, 1, 1))
    assert len(found.shown) == 2

    shown = report(name)(msgspec.structs.replace(audit, funnel=found))
    assert "src/broken.py" in shown or name == "github"
    assert SECRET not in shown
    assert SECRET[:12] not in shown
    assert SECRET[-12:] not in shown
