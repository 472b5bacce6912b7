"""Markdown, made for the summary of a GitHub Actions step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlaudit.findings.model import Finding
from mlaudit.reports import maturity_markdown
from mlaudit.reports.escape import markdown, markdown_code, markdown_prose
from mlaudit.reports.model import Audit
from mlaudit.reports.words import (
    counted,
    fixes_text,
    held_back,
    place_text,
    rule_page,
    totals,
)

MAX_BYTES = 900_000
"""GitHub drops a step's summary of more than 1 MiB."""
MAX_ROWS = 100
"""Of one rule."""
MAX_LISTED = 50
"""Files not read, and errors of mlaudit's own."""


def render(audit: Audit) -> str:
    """Totals, findings by rule (the worst first), what was not read, maturity."""
    held = held_back(audit.funnel.held)
    head = [f"## mlaudit: {totals(audit)}", *([f"Held back: {held}."] if held else [])]
    fixes = fixes_text(audit.fixes)
    if fixes:
        head.append(f"{markdown_prose(fixes)}.")
    tail = [
        *_troubles(audit),
        *(maturity_markdown.blocks(audit.maturity) if audit.maturity else ()),
    ]
    room = MAX_BYTES - sum(_size(part) for part in (*head, *tail))
    return "\n\n".join([*head, *_fitting(_tables(audit), room), *tail]) + "\n"


def _size(part: str) -> int:
    return len(part.encode()) + 2


def _fitting(tables: Sequence[str], room: int) -> Iterator[str]:
    for number, table in enumerate(tables):
        room -= _size(table)
        if room < 0:
            left = counted(len(tables) - number, "more rule")
            yield f"The findings of {left} do not fit in here."
            return
        yield table


def _tables(audit: Audit) -> list[str]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in audit.funnel.shown:
        by_rule.setdefault(finding.rule.id, []).append(finding)

    def order(findings: list[Finding]) -> tuple[int, str]:
        return -max(finding.severity.rank for finding in findings), findings[0].rule.id

    return ["\n".join(_table(findings)) for findings in sorted(by_rule.values(), key=order)]


def _table(findings: list[Finding]) -> Iterator[str]:
    rule = findings[0].rule
    page = rule_page(rule)
    title = f"{rule.id} {markdown(rule.name)}"
    yield f"### {f'[{title}]({_link(page)})' if page else title} ({len(findings)})"
    yield ""
    yield markdown_prose(rule.why)
    yield ""
    yield "| | Place | Finding | What to do |"
    yield "|-|-|-|-|"
    for finding in findings[:MAX_ROWS]:
        what = f"{markdown(finding.message)} | {markdown_prose(finding.remedy)}"
        yield f"| {finding.severity.value} | {markdown_code(place_text(finding.place))} | {what} |"
    if len(findings) > MAX_ROWS:
        yield ""
        yield f"And {len(findings) - MAX_ROWS} more of this rule."


def _link(page: str) -> str:
    return page.replace("(", "%28").replace(")", "%29").replace(" ", "%20").replace("<", "%3C")


def _troubles(audit: Audit) -> Iterator[str]:
    unread = [f"{markdown_code(item.path)}: {markdown(item.reason)}" for item in audit.unread]
    unused = [
        f"{markdown_code(f'{one.path}:{one.line}')}: {markdown(', '.join(one.rules))}: {one.why}"
        for one in audit.funnel.unused
    ]
    crashes = [f"{markdown(item.where)}: {markdown(item.error)}" for item in audit.crashes]
    for title, items in (
        ("Not read", unread),
        ("Suppressions without effect", unused),
        ("Internal errors", crashes),
    ):
        if items:
            more = [f"- and {len(items) - MAX_LISTED} more"] if len(items) > MAX_LISTED else []
            listed = [f"- {item}" for item in items[:MAX_LISTED]]
            yield "\n".join([f"### {title}", "", *listed, *more])
