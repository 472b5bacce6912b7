"""Writes `rules.md` from the rule files. A test fails when the page is stale."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from mlaudit.rules.loading import load_rules
from mlaudit.rules.model import Rule

PAGE = Path(__file__).with_name("rules.md")
HEAD = """# Rules

What mlaudit looks for. `mlaudit explain RULE` says the same on the terminal. This page is generated
by `docs/generate.py` from the files in `rules/`, whose examples are run as tests.
"""
MARKER = re.compile(r"[ \t]*#! .*$", re.MULTILINE)
FAMILIES = {
    "REP": "Randomness and repeatability",
    "ENV": "Dependencies, interpreter, images",
    "ART": "Data and models in git",
    "TRK": "Experiment tracking",
    "SEC": "Credentials",
    "SAF": "Unsafe loading",
    "NBK": "Notebooks",
    "TST": "Tests, gates, pipelines",
    "OPS": "Serving, deployment, monitoring",
    "DOC": "Documentation and ownership",
}


def page() -> str:
    """The whole page."""
    rules = sorted(
        load_rules().rules, key=lambda rule: (list(FAMILIES).index(rule.family), rule.id)
    )
    parts = [HEAD, _table(rules)]
    for family, members in groupby(rules, lambda rule: rule.family):
        parts.append(f"## {FAMILIES[family]}\n")
        parts += [_section(rule) for rule in members]
    return "\n".join(parts)


def _table(rules: list[Rule]) -> str:
    rows = [
        f"| [{rule.id}](#{rule.id.lower()}-{rule.name}) | {rule.name} | {rule.summary} "
        f"| {rule.severity.value} | {rule.confidence.value} | {rule.persona.value} |"
        for rule in rules
    ]
    head = "| id | name | finds | severity | confidence | persona |\n|-|-|-|-|-|-|\n"
    return head + "\n".join(rows) + "\n"


def _section(rule: Rule) -> str:
    bad = MARKER.sub("", next(example.bad for example in rule.examples if example.bad))
    links = "".join(f"- <{url}>\n" for url in rule.references)
    fix = f"\nA fix is there ({rule.fix['safety']}).\n" if rule.fix else ""
    more = rule.production.words
    served = f"Where a model is served, deployed or promoted: {more}.\n\n" if more else ""
    return (
        f"### {rule.id} {rule.name}\n\n{rule.summary}.\n\n{rule.why.strip()}\n\n{served}"
        f"What to do: {rule.remedy.strip()}\n{fix}\n```\n{bad.rstrip()}\n```\n\n{links}"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
