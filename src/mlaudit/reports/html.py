"""One page that needs nothing else: maturity, findings, search. It opens offline."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from mlaudit.findings.model import Finding
from mlaudit.project.practices.catalogue import catalogue
from mlaudit.reports.encoding import encode
from mlaudit.reports.model import Audit, by_severity
from mlaudit.reports.words import place_text
from mlaudit.rules.model import Severity

FEW = 1000
"""Findings up to which each has the lines around it; beyond, its own line alone."""
LONGEST_LINE = 160
_SEVERITIES = tuple(Severity)


def render(audit: Audit) -> str:
    """The page. What comes from the repository stands in it as JSON, and becomes text only."""
    page = _asset("page.html")
    parts = {
        "%TITLE%": "mlaudit report",
        "%STYLE%": _asset("page.css"),
        "%CHART%": _asset("chart.umd.min.js"),
        "%SCRIPT%": _script(),
        "%DATA%": _harmless(encode(_data(audit))),
    }
    for mark, text in parts.items():
        page = page.replace(mark, text, 1)
    return page


def _asset(name: str) -> str:
    return (files("mlaudit.reports") / "page" / name).read_text("utf-8")


def _script() -> str:
    """The parts of the script, which see each other and nothing else sees."""
    parts = (_asset(name) for name in ("shared.js", "maturity.js", "findings.js"))
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def _harmless(text: str) -> str:
    """JSON that no HTML parser takes for the end of a script."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _data(audit: Audit) -> dict[str, Any]:
    git, maturity = audit.git, audit.maturity
    table = _Table(len(audit.funnel.shown))
    findings = [table.row(finding) for finding in audit.funnel.shown]
    return {
        "name": audit.root,
        "version": audit.version,
        "commit": git.head if git else "",
        "branch": git.branch if git else "",
        "totals": {key.value: count for key, count in by_severity(audit.funnel.shown).items()},
        "rules": table.rules,
        "paths": list(table.paths),
        "messages": list(table.messages),
        "findings": findings,
        "unread": audit.unread[:200],
        "maturity": maturity,
        "tools": list(_tools(audit)),
    }


def _tools(audit: Audit) -> Iterator[dict[str, Any]]:
    known = catalogue()
    for sign in audit.maturity.tools if audit.maturity is not None else ():
        tool = known[sign.tool]
        yield {
            "name": tool.name,
            "strength": sign.strength,
            "path": sign.path,
            "line": sign.line,
            "note": tool.note,
        }


class _Table:
    """Findings as rows of numbers: what many share is written once."""

    def __init__(self, total: int) -> None:
        self.rules: list[dict[str, str]] = []
        self.paths: dict[str, int] = {}
        self.messages: dict[str, int] = {}
        self._rules: dict[str, int] = {}
        self._around = total <= FEW

    def row(self, finding: Finding) -> list[Any]:
        excerpt = finding.excerpt
        first, focus, lines = excerpt.first_line, excerpt.focus, excerpt.lines
        if not self._around and lines:
            first, focus, lines = first + focus, 0, lines[focus : focus + 1]
        return [
            self._rule(finding),
            self.paths.setdefault(finding.place.path, len(self.paths)),
            finding.place.line,
            _SEVERITIES.index(finding.severity),
            self.messages.setdefault(finding.message, len(self.messages)),
            place_text(finding.place),
            "" if finding.remedy == finding.rule.remedy else finding.remedy,
            first,
            focus,
            [line[:LONGEST_LINE] for line in lines],
        ]

    def _rule(self, finding: Finding) -> int:
        rule = finding.rule
        if rule.id not in self._rules:
            self._rules[rule.id] = len(self.rules)
            self.rules.append(
                {
                    "id": rule.id,
                    "name": rule.name,
                    "summary": rule.summary,
                    "why": rule.why,
                    "remedy": rule.remedy,
                }
            )
        return self._rules[rule.id]
