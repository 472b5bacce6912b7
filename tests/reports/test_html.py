"""The page is one file that loads nothing; what it shows of a repository is text, no markup."""

from __future__ import annotations

import json
import re

import pytest
from msgspec.structs import replace
from report_samples import HOSTILE, LEAK, build_audit, finding

from mlaudit.findings.model import Place
from mlaudit.reports import report
from mlaudit.reports.model import Audit


@pytest.fixture
def audit() -> Audit:
    return build_audit()


def data(page: str) -> dict[str, object]:
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    parsed: dict[str, object] = json.loads(found[1])
    return parsed


def test_page_loads_nothing_from_elsewhere(audit: Audit) -> None:
    page = report("html")(audit)
    assert not re.search(r"<(?:link|img|iframe|object|embed)\b|\b(?:src|href)=[\"']?https?:", page)
    assert "default-src 'none'" in page
    assert "@import" not in page
    assert "%DATA%" not in page


def test_what_comes_from_the_repository_ends_no_script(audit: Audit) -> None:
    page = report("html")(audit)
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>") == 3
    assert HOSTILE.encode("utf-8", "replace").decode() not in page


def test_all_findings_are_in_it(audit: Audit) -> None:
    found = data(report("html")(audit))
    assert isinstance(found["findings"], list)
    assert len(found["findings"]) == len(audit.funnel.shown)
    assert found["name"] == "demo"


def test_page_without_maturity(audit: Audit) -> None:
    found = data(report("html")(replace(audit, maturity=None)))
    assert found["maturity"] is None
    assert found["tools"] == []


def test_five_thousand_findings_fit_into_a_page(audit: Audit) -> None:
    lines = tuple(
        f"    value = transform(frame[{n}], columns=names)  # {'x' * 60}" for n in range(3)
    )
    many = []
    for number in range(5000):
        one = finding(
            LEAK, Place(f"src/package/module_{number % 400}.py", number), f"text {number}"
        )
        many.append(replace(one, excerpt=replace(one.excerpt, first_line=7, lines=lines, focus=1)))
    page = report("html")(replace(audit, funnel=replace(audit.funnel, shown=tuple(many))))
    assert len(page.encode()) < 1_500_000
    assert "transform(frame[1]" in page
