"""The page in a real browser: filtered, grouped, printed, read aloud."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from maturity_samples import build_maturity
from msgspec import structs
from report_samples import build_audit

from mlaudit.reports import report

pytestmark = pytest.mark.slow
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install the package 'chromium'")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    file = tmp_path / "report.html"
    audit = structs.replace(build_audit(), maturity=build_maturity())
    file.write_text(report("html")(audit), "utf-8", "replace")
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.faults = []
    opened.asked = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("dialog", lambda dialog: opened.faults.append(dialog.message))
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.goto(file.as_uri())
    yield opened
    assert opened.faults == []
    assert opened.asked == [file.as_uri()]
    opened.close()


def test_search_and_severities_filter(page: Any) -> None:
    assert page.inner_text("#count") == "5 findings"
    page.fill("#search", "no-such-thing")
    assert page.inner_text("#count") == "0 findings of 5"
    page.fill("#search", "")
    page.uncheck("input[value=error]")
    assert page.inner_text("#count") == "3 findings of 5"


def test_keys_alone_are_enough(page: Any) -> None:
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("split")
    shown = page.inner_text("#count")
    page.keyboard.press("Escape")
    assert shown != page.inner_text("#count") == "5 findings"
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.locator(".group[open]").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    assert page.locator(".group[open]").count() == 0


def test_groups_by_file(page: Any) -> None:
    by_rule = page.locator(".group").count()
    page.check("input[value=file]")
    paths = page.locator(".group .title").all_inner_texts()
    assert page.locator(".group").count() == len(set(paths))
    assert (by_rule, "pyproject.toml" in paths) == (4, True)


def test_print_shows_every_finding(page: Any, tmp_path: Path) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".item").count() == 5
    printed = page.pdf(path=str(tmp_path / "report.pdf"))
    assert printed.startswith(b"%PDF")


def test_no_width_makes_the_page_scroll_sideways(page: Any) -> None:
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Any, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not here")
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.click("#theme")
    page.click("#expand")
    results = axe.Axe().run(page)
    serious = [
        (one["id"], [node["html"] for node in one["nodes"]])
        for one in results.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_maturity_says_each_thing_once(page: Any) -> None:
    capability = page.locator("#capabilities details").first
    capability.locator("summary").click()
    evidence = capability.locator(".evidence li").all_inner_texts()
    assert len(evidence) == 2
    assert evidence[0].count("requirements.txt") == 2


def test_projects_are_a_table(page: Any) -> None:
    assert page.locator("#roots tbody tr").count() == 12
    assert page.locator("#roots > .card > .wide tbody tr").count() == 10


def test_maturity_shows_gaps_lines_and_steps(page: Any) -> None:
    assert page.locator(".chain").count() == 1
    assert page.locator("#patterns .plain li").count() == 2
    assert "1 of 3" in page.inner_text("#checklist")
    assert page.locator("#checklist-lines > ul > li").count() == 3
    titles = page.locator("#next h3").all_inner_texts()
    assert titles == ["To level 2: Training", "Loose ends", "Small steps that pay at any level"]
    assert page.locator("#phases .by-name").count() == 1
