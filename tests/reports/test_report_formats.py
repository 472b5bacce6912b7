"""What every format holds to, and each by itself."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from report_samples import HOSTILE, LOCK, SPLIT, finding

from mlaudit.findings.model import Crash, Excerpt, Finding, Funnel, Place
from mlaudit.knowledge import knowledge_root
from mlaudit.reports import FORMATS, report
from mlaudit.reports.model import Audit, exit_status
from mlaudit.reports.text import write
from mlaudit.rules.model import Confidence, Severity

DATA = Path(__file__).parents[1] / "data"


def with_findings(audit: Audit, *findings: Finding, **changes: object) -> Audit:
    return msgspec.structs.replace(audit, funnel=Funnel(shown=findings), crashes=(), **changes)


def split_at(line: int, severity: Severity = Severity.WARNING, **changes: object) -> Finding:
    place = Place("a.py", line, 1, line, 5)
    return finding(SPLIT, place, f"finding {line}", severity=severity, **changes)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_the_same_bytes_twice(name: str, audit: Audit) -> None:
    text = report(name)(audit)
    assert text == report(name)(audit)
    assert text.encode().endswith(b"\n")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_an_audit_without_anything(name: str, audit: Audit) -> None:
    empty = with_findings(audit, git=None, unread=(), rules=(), maturity=None)
    report(name)(empty).encode()


@pytest.mark.parametrize("name", ["text", "github", "markdown"])
def test_what_people_read_holds_no_control_character(name: str, audit: Audit) -> None:
    text = report(name)(audit)
    assert not set(text) & set("\x1b\x07\x9b\r\u202e\u2066\u2028\ud83d")


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_imports_what_it_does_not_need(name: str) -> None:
    code = (
        "import sys, mlaudit.reports as r; r.report(sys.argv[1]);"
        "print([m for m in ('rich', 'sarif_om', 'jsonschema', 'yaml') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, name], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ("['sarif_om']" if name == "sarif" else "[]")


# The exit status


@pytest.mark.parametrize(
    ("fail_on", "severity", "confidence", "status"),
    [
        (Severity.WARNING, Severity.ERROR, Confidence.HIGH, 1),
        (Severity.WARNING, Severity.WARNING, Confidence.MEDIUM, 1),
        (Severity.WARNING, Severity.NOTE, Confidence.HIGH, 0),
        (Severity.NOTE, Severity.ERROR, Confidence.LOW, 0),
        (None, Severity.ERROR, Confidence.HIGH, 0),
    ],
)
def test_exit_status(
    audit: Audit, fail_on: Severity | None, severity: Severity, confidence: Confidence, status: int
) -> None:
    found = with_findings(audit, split_at(1, severity, confidence=confidence), fail_on=fail_on)
    assert exit_status(found) == status
    assert exit_status(msgspec.structs.replace(found, crashes=(Crash("rule X", "e", "t"),))) == 2


# Text


def test_text_is_as_it_was_looked_at(audit: Audit) -> None:
    assert report("text")(audit) == (DATA / "report.txt").read_text(encoding="utf-8")


def test_text_explains_a_rule_once(audit: Audit) -> None:
    other = split_at(3, remedy="Something better.")
    text = report("text")(with_findings(audit, split_at(1), split_at(2), other))
    assert text.count("  why: ") == 1
    assert text.count("  fix: ") == 2
    assert "3 warnings (18 files read" in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colour_and_the_words_stay(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.text import Text

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    write(audit, stream)
    coloured = stream.getvalue()
    assert "\x1b[1;31merror" in coloured
    assert "\x1b[2J" not in coloured
    plain = Text.from_ansi(coloured).plain
    assert plain.splitlines() == report("text")(audit).splitlines()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colour_gets_none(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    stream = Terminal()
    write(audit, stream)
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("\tx = split(a)", 5, 10),
        ("漢字 = split(a)", 5, 10),
        ("a" * 180 + "split(b)" + "c" * 52, 180, 185),
        ("e\u0301 = split(a)", 5, 10),
        ("\x1b[0m = split(a)", 7, 12),
    ],
)
def test_the_underline_stands_under_the_place(
    audit: Audit, line: str, start: int, end: int
) -> None:
    from rich.cells import cell_len

    excerpt = Excerpt(8, (line,), 0, start, end)
    text = report("text")(with_findings(audit, split_at(8, excerpt=excerpt)))
    shown, under = next(
        (a, b) for a, b in zip(text.split("\n"), text.split("\n")[1:], strict=False) if "^" in b
    )
    assert under.count("^") == 5
    assert cell_len(shown[: shown.index("split")]) == under.index("^")
    assert cell_len(shown) <= 100


# JSON


def test_json_is_what_its_schema_says(audit: Audit) -> None:
    schema = json.loads((knowledge_root() / "schema" / "report.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for each in (audit, with_findings(audit, git=None, maturity=None, unread=())):
        assert list(validator.iter_errors(json.loads(report("json")(each)))) == []
    data = json.loads(report("json")(audit))
    data["findings"][0]["severity"] = "fatal"
    assert not validator.is_valid(data)


def test_json_keeps_what_is_not_text_readable(audit: Audit) -> None:
    data = json.loads(report("json")(audit))
    hostile = next(one for one in data["findings"] if one["severity"] == "note" and one["related"])
    assert hostile["message"] == HOSTILE.replace("\ud83d", "\ufffd")
    assert [one["id"] for one in data["rules"]] == ["ENV003", "LEA001", "REP001", "SEC001"]
    assert data["summary"]["held_back"] == {"suppressed": 1, "persona": 3}


# GitHub


def test_github_gets_ten_of_each_the_surest_first(audit: Audit) -> None:
    findings = [split_at(n, Severity.WARNING, confidence=Confidence.LOW) for n in range(1, 10)]
    findings += [split_at(n) for n in range(10, 16)]
    findings += [split_at(n, Severity.ERROR) for n in range(20, 31)]
    findings += [split_at(n, Severity.NOTE) for n in range(40, 51)]
    lines = report("github")(with_findings(audit, *findings)).splitlines()
    commands = [line.split()[0] for line in lines if line.startswith("::")]
    assert commands == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert "line=10," in lines[11]
    assert [line for line in lines if not line.startswith("::")] == [
        "mlaudit: 1 more error not shown as annotations",
        "mlaudit: 5 more warnings not shown as annotations",
        "mlaudit: 1 more note not shown as annotations",
    ]


def test_github_annotations_of_a_hostile_finding(audit: Audit) -> None:
    lines = report("github")(audit).splitlines()
    assert len(lines) == 5
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert not any("##[" in line for line in lines)


# Markdown


def test_markdown_has_one_row_a_finding_and_no_markup_of_others(audit: Audit) -> None:
    text = report("markdown")(audit)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    rows = [token.type for token in tokens].count("tr_open")
    assert rows == 4 + 5 + 1 + 3 + (1 + 2) + (1 + 2)
    inline = {child.type for token in tokens for child in token.children or ()}
    assert "html_inline" not in inline
    assert "image" not in inline
    links = [c for t in tokens for c in t.children or () if c.type == "link_open"]
    assert {link.attrGet("href") for link in links} == {SPLIT.references[0]}
    assert "pyproject\\.toml" in text


def test_markdown_fits_into_a_step(audit: Audit) -> None:
    rules = [msgspec.structs.replace(LOCK, id=f"ENV{n:03}", name=f"r{n}") for n in range(400)]
    findings = [
        finding(rule, Place("é" * 200, n), "x" * 600) for rule in rules for n in range(1, 121)
    ]
    text = report("markdown")(with_findings(audit, *findings))
    assert len(text.encode()) < 1_000_000
    assert "And 20 more of this rule." in text
    assert "do not fit in here" in text
    assert "MLOps maturity" in text
