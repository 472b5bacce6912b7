"""Rules as SARIF describes them."""

from __future__ import annotations

import sarif_om as om

from mlaudit.reports.words import rule_page
from mlaudit.rules.model import Rule, Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}

_PROBLEM_SEVERITY = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}
_PRECISION = {"high": "high", "medium": "medium", "low": "low"}
_SECURITY = {Severity.ERROR: 8.0, Severity.WARNING: 5.5, Severity.NOTE: 3.0}
"""For rules about security that give no figure of their own; GitHub calls from 7.0 on high."""
_SECURITY_FAMILIES = ("SEC", "SAF")
_TAGS = {
    "REP": "reproducibility",
    "ENV": "environment",
    "ART": "artefacts",
    "TRK": "tracking",
    "SEC": "credentials",
    "SAF": "loading",
    "LEA": "leakage",
    "API": "training",
    "NBK": "notebooks",
    "TST": "validation",
    "OPS": "serving",
    "DOC": "governance",
}


def descriptor(rule: Rule) -> om.ReportingDescriptor:
    """All that viewers show of a rule, whether it found something or not."""
    return om.ReportingDescriptor(
        id=rule.id,
        name="".join(part.capitalize() for part in rule.name.split("-")),
        short_description=_text(_sentence(rule.summary)),
        full_description=_text(_sentence(_line(rule.why))),
        help=om.MultiformatMessageString(text=_help(rule), markdown=_help_markdown(rule)),
        help_uri=rule_page(rule) or None,
        default_configuration=om.ReportingConfiguration(enabled=True, level=LEVELS[rule.severity]),
        properties=_properties(rule),
    )


def _properties(rule: Rule) -> dict[str, object]:
    security = rule.family in _SECURITY_FAMILIES
    tags = ["machine-learning", "security" if security else "maintainability"]
    properties: dict[str, object] = {
        "tags": sorted({*tags, _TAGS.get(rule.family, rule.family.lower())}),
        "precision": _PRECISION[rule.confidence.value],
        "problem.severity": _PROBLEM_SEVERITY[rule.severity],
    }
    if security:
        score = rule.security if rule.security is not None else _SECURITY[rule.severity]
        properties["security-severity"] = f"{score:.1f}"
    return properties


def _help(rule: Rule) -> str:
    return f"{_line(rule.why)}\n\nWhat to do: {_line(rule.remedy)}{_references(rule)}"


def _help_markdown(rule: Rule) -> str:
    head = f"**{rule.id} {rule.name}**: {_line(rule.summary)}\n\n"
    text = f"{_line(rule.why)}\n\n**What to do**: {_line(rule.remedy)}"
    return head + text + _examples(rule) + _references(rule)


def _examples(rule: Rule) -> str:
    example = next((example for example in rule.examples if example.bad), None)
    if example is None or (example.path and not example.path.endswith(".py")):
        return ""
    bad = _without_markers(example.bad)
    fixed = f"\n\nBetter:\n\n```python\n{example.fixed.strip()}\n```" if example.fixed else ""
    return f"\n\n```python\n{bad.strip()}\n```{fixed}"


def _without_markers(code: str) -> str:
    return "\n".join(line.partition("#!")[0].rstrip() for line in code.splitlines())


def _references(rule: Rule) -> str:
    if not rule.references:
        return ""
    return "\n\nReferences:\n" + "".join(f"\n- {url}" for url in rule.references)


def _text(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text)


def _line(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
