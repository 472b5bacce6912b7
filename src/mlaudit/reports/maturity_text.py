"""The maturity table for people."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.maturity.model import Capability, Dimension, Maturity
from mlaudit.reports.escape import terminal
from mlaudit.reports.painting import Painter, wrapped
from mlaudit.reports.words import evidence_text, score_text

MAX_EVIDENCE = 3
"""Places named for a capability; the JSON report has all."""

_STYLES = {0: "red", 1: "yellow", 2: "green", 3: "bold green"}


def lines(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """One block a dimension: capability, score, where it shows or why there is no score."""
    yield painter.paint("MLOps maturity", "bold") + f" (profile: {terminal(maturity.profile)})"
    yield ""
    names = [one.name for dimension in maturity.dimensions for one in dimension.capabilities]
    name_width = max(map(len, names), default=0)
    for dimension in maturity.dimensions:
        yield f"  {painter.paint(terminal(dimension.name), 'bold')}  {_level(dimension)}"
        for capability in dimension.capabilities:
            yield from _capability(capability, name_width, painter)
        yield ""


def _level(dimension: Dimension) -> str:
    if dimension.score is None:
        return "not determined yet"
    thin = ", on few capabilities" if dimension.thin else ""
    level = f"level {dimension.level}, " if dimension.level is not None else ""
    return f"{level}{dimension.score:.0%} of what can be reached{thin}"


def _capability(capability: Capability, name_width: int, painter: Painter) -> Iterator[str]:
    score = score_text(capability)
    style = _STYLES.get(capability.score, "dim") if capability.score is not None else "dim"
    name = f"    {terminal(capability.name):<{name_width}}  "
    indent = len(name) + 20
    first, *rest = wrapped(_because(capability), painter.width, first=indent, rest=indent)
    yield f"{name}{painter.paint(f'{score:<18}', style)}  {first}"
    yield from (" " * indent + line for line in rest)


def _because(capability: Capability) -> str:
    parts = []
    if capability.capped_by and capability.by_signs is not None:
        parts.append(
            f"{capability.by_signs} by signs, capped by {', '.join(capability.capped_by)};"
        )
    if capability.reason:
        parts.append(capability.reason)
    seen = [
        f"{evidence_text(one)} ({one.path}:{one.line})"
        for one in capability.evidence[:MAX_EVIDENCE]
    ]
    more = len(capability.evidence) - MAX_EVIDENCE
    if seen:
        parts.append("; ".join(seen) + (f"; {more} more" if more > 0 else ""))
    return terminal(" ".join(parts))
