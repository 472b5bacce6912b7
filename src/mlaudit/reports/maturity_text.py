"""The maturity of a repository, for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from mlaudit.maturity.model import Capability, Dimension, Maturity, Outcome, Rung, Step
from mlaudit.reports.escape import terminal
from mlaudit.reports.painting import Painter, Plain, painter_for, wrapped
from mlaudit.reports.words import evidence_text, score_text

MAX_EVIDENCE = 3
"""Places named for a capability; the JSON report has all."""
MAX_STEPS = 3
WIDTH = 100
BAR = 20
"""Characters of a bar."""

_STYLES = {0: "red", 1: "yellow", 2: "green", 3: "bold green"}
_MARKS = {
    Outcome.TRUE: "yes",
    Outcome.FALSE: "no",
    Outcome.NOT_AVAILABLE: "not known",
    Outcome.NOT_APPLICABLE: "not asked",
}


def render(maturity: Maturity) -> str:
    """Plain text, the same everywhere."""
    return _joined(lines(maturity, Plain(WIDTH)))


def write(maturity: Maturity, stream: TextIO = sys.stdout) -> None:
    """Writes the whole of it as fits the stream: with colour when it is a terminal."""
    stream.write(_joined(lines(maturity, painter_for(stream) or Plain(WIDTH))))


def _joined(several: Iterable[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in several)


def summary(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """Level, dimensions and the next steps: the end of an audit."""
    yield from _headline(maturity, painter)
    yield ""
    width = max((len(one.name) for one in maturity.dimensions), default=0)
    for dimension in maturity.dimensions:
        yield f"  {_bar(dimension, width, painter)}"
    yield ""
    yield from _steps(maturity, painter)
    yield "  `mlaudit maturity` shows the evidence for each capability."
    yield ""


def lines(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """The whole of it: ladder, dimensions, capabilities with where each shows, next steps."""
    yield from _headline(maturity, painter)
    yield ""
    names = [one.name for dimension in maturity.dimensions for one in dimension.capabilities]
    name_width = max(map(len, names), default=0)
    width = max((len(one.name) for one in maturity.dimensions), default=0)
    for dimension in maturity.dimensions:
        yield f"  {_bar(dimension, width, painter)}"
        for capability in dimension.capabilities:
            yield from _capability(capability, name_width, painter)
        yield ""
    for rung in maturity.ladder.rungs[1 : maturity.ladder.reachable + 1]:
        yield from _rung(rung, maturity.ladder.level, painter)
    yield from _steps(maturity, painter)


def _headline(maturity: Maturity, painter: Painter) -> Iterator[str]:
    ladder = maturity.ladder
    name = ladder.rungs[ladder.level].name if ladder.rungs else ""
    level = f"level {ladder.level} of {ladder.reachable}, {name}"
    yield painter.paint(f"MLOps maturity: {terminal(level)}", "bold")
    score = "" if maturity.score is None else f"; {maturity.score:.0%} of what could be reached"
    yield f"  profile: {terminal(maturity.profile)}{score}"


def _bar(dimension: Dimension, width: int, painter: Painter) -> str:
    name = painter.paint(f"{terminal(dimension.name):<{width}}", "bold")
    if dimension.score is None:
        return f"{name}  {' ' * BAR}  nothing of it applies"
    filled = round(dimension.score * BAR)
    bar = painter.paint("#" * filled, "green") + painter.paint("-" * (BAR - filled), "dim")
    thin = ", from few capabilities" if dimension.thin else ""
    return f"{name}  {bar}  {dimension.score:4.0%}, level {dimension.level}{thin}"


def _rung(rung: Rung, reached: int, painter: Painter) -> Iterator[str]:
    state = "reached" if rung.level <= reached else "not reached"
    yield "  " + painter.paint(f"Level {rung.level}, {terminal(rung.name)}: {state}", "bold")
    for one in rung.requirements:
        mark = _MARKS[one.outcome]
        style = {"yes": "green", "no": "red"}.get(mark, "dim")
        text = f"{one.says}; {one.reason}" if one.reason else one.says
        first, *rest = wrapped(terminal(text), painter.width, first=15, rest=15)
        yield f"    {painter.paint(f'{mark:<9}', style)}  {first}"
        yield from (" " * 15 + line for line in rest)
    yield ""


def _steps(maturity: Maturity, painter: Painter) -> Iterator[str]:
    steps = maturity.ladder.steps
    if not steps:
        return
    following = maturity.ladder.rungs[maturity.ladder.level + 1]
    yield "  " + painter.paint(f"To level {following.level}, {terminal(following.name)}:", "bold")
    for step in steps[:MAX_STEPS]:
        yield from _step(step, painter)
    if len(steps) > MAX_STEPS:
        yield f"    and {len(steps) - MAX_STEPS} more"
    yield ""


def _step(step: Step, painter: Painter) -> Iterator[str]:
    first, *rest = wrapped(terminal(step.do), painter.width, first=20, rest=20)
    effort = painter.paint(f"{f'{step.effort} effort':<14}", "dim")
    yield f"    {effort}  {first}"
    yield from (" " * 20 + line for line in rest)


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
