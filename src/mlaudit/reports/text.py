"""The report for people. With colour on a terminal, plain everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from typing import TextIO

from mlaudit.findings.model import Crash, Finding, RelatedPlace, Unread, UnusedSuppression
from mlaudit.reports import maturity_text
from mlaudit.reports.escape import terminal
from mlaudit.reports.excerpt_text import excerpt_lines
from mlaudit.reports.model import Audit, by_severity
from mlaudit.reports.painting import Painter, Plain, painter_for, wrapped
from mlaudit.reports.words import counted, fixes_text, held_back, place_text
from mlaudit.rules.model import Confidence, Rule, Severity

WIDTH = 100
"""Characters a line, where there is no terminal that says otherwise."""

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}


def render(audit: Audit) -> str:
    """Plain text, the same everywhere."""
    return _Text(Plain(WIDTH)).render(audit)


def write(audit: Audit, stream: TextIO = sys.stdout) -> None:
    """Writes the report as fits the stream: with colour and its width when it is a terminal."""
    painter = painter_for(stream) or Plain(WIDTH)
    stream.write(_Text(painter).render(audit))


class _Text:
    def __init__(self, painter: Painter) -> None:
        self._paint = painter.paint
        self._painter = painter
        self._explained: set[tuple[str, str]] = set()

    def render(self, audit: Audit) -> str:
        lines: list[str] = []
        for path, findings in groupby(audit.funnel.shown, lambda finding: finding.place.path):
            lines += self._file(path, list(findings))
        lines += self._troubles(audit)
        if audit.maturity is not None:
            lines += maturity_text.summary(audit.maturity, self._painter)
        lines += self._summary(audit)
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def _file(self, path: str, findings: list[Finding]) -> Iterator[str]:
        count = self._paint(f"  {counted(len(findings), 'finding')}", "dim")
        yield self._paint(f"== {terminal(path)}", "bold") + count
        yield ""
        for finding in findings:
            yield from self._finding(finding)
            yield ""

    def _finding(self, finding: Finding) -> Iterator[str]:
        severity, rule = finding.severity, finding.rule
        label = self._paint(severity.value, STYLES[severity])
        head, *rest = wrapped(
            terminal(finding.message), self._painter.width, first=len(severity.value) + 2
        )
        yield f"{label}: {self._paint(head, 'bold')}"
        yield from (self._paint(line, "bold") for line in rest)
        where = terminal(place_text(finding.place))
        name = self._paint(f"[{_about(finding)}]", "dim")
        yield f"  {self._paint('-->', 'blue')} {where}  {name}"
        yield from excerpt_lines(finding.excerpt, self._painter, STYLES[severity])
        for step in finding.flow:
            yield from self._step(step)
        for other in finding.related:
            yield from self._related(other)
        yield from self._labelled("why", rule, rule.why)
        yield from self._labelled("fix", rule, finding.remedy)

    def _step(self, step: RelatedPlace) -> Iterator[str]:
        """A step of the program on its way to the place."""
        where = terminal(place_text(step.place))
        yield f"  {self._paint('via', 'blue')} {where}  {terminal(step.message)}"

    def _related(self, related: RelatedPlace) -> Iterator[str]:
        where = terminal(place_text(related.place))
        first, *rest = wrapped(f"{where}  {terminal(related.message)}", self._painter.width, 6, 6)
        yield f"  {self._paint('...', 'blue')} {first}"
        yield from (f"      {line}" for line in rest)

    def _labelled(self, label: str, rule: Rule, text: str) -> Iterator[str]:
        """An explanation, unless the reader has had it in this report."""
        if (rule.id, text) in self._explained:
            return
        self._explained.add((rule.id, text))
        first, *rest = wrapped(
            terminal(" ".join(text.split())), self._painter.width, first=7, rest=7
        )
        yield f"  {self._paint(label, 'bold green')}: {first}"
        yield from (f"       {line}" for line in rest)

    def _troubles(self, audit: Audit) -> Iterator[str]:
        yield from self._section("Not read", [_unread(item) for item in audit.unread])
        yield from self._section("Suppressions", [_unused(item) for item in audit.funnel.unused])
        yield from self._section("Internal errors", [_crash(item) for item in audit.crashes])

    def _section(self, title: str, items: list[str]) -> Iterator[str]:
        if items:
            yield self._paint(title, "bold")
            yield from (f"  {terminal(item)}" for item in items)
            yield ""

    def _summary(self, audit: Audit) -> Iterator[str]:
        counts = by_severity(audit.funnel.shown)
        found = ", ".join(
            self._paint(counted(count, severity.value), STYLES[severity])
            for severity, count in counts.items()
            if count
        )
        read = f"{counted(audit.files_read, 'file')} read"
        unread = len({item.path for item in audit.unread})
        missed = f", {counted(unread, 'file')} not read in full" if unread else ""
        yield f"{found or self._paint('No findings', 'bold green')} ({read}{missed})"
        fixes = fixes_text(audit.fixes)
        if fixes:
            yield fixes
        held = held_back(audit.funnel.held)
        if held:
            yield self._paint(f"Held back: {held}", "dim")


def _about(finding: Finding) -> str:
    parts = [f"{finding.rule.id} {finding.rule.name}"]
    if finding.confidence is not Confidence.HIGH:
        parts.append(f"{finding.confidence.value} confidence")
    return ", ".join(parts)


def _unread(unread: Unread) -> str:
    line = f":{unread.line}" if unread.line else ""
    return f"{unread.path}{line}: {unread.reason}"


def _unused(unused: UnusedSuppression) -> str:
    return f"{unused.path}:{unused.line}: {', '.join(unused.rules)}: {unused.why}"


def _crash(crash: Crash) -> str:
    return f"{crash.where}: {crash.error}"
