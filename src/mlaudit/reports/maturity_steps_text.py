"""What to do next, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlaudit.maturity.model import Maturity, Step, StepKind
from mlaudit.reports.escape import terminal
from mlaudit.reports.maturity_words import LOOSE, following, of_kind
from mlaudit.reports.painting import Painter, wrapped

MAX_STEPS = 3
INDENT = 20


def next_steps(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """The first steps to the next level."""
    rung = following(maturity.ladder)
    if maturity.ladder.steps and rung is not None:
        name = f"To level {rung.level}, {rung.name}:"
        yield from _steps(name, maturity.ladder.steps, painter)


def other_steps(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """Loose ends, and what is small and worth it at any level."""
    loose = of_kind(maturity.roadmap, *LOOSE)
    if loose:
        yield from _steps("Loose ends:", loose, painter, len(loose))
    wins = of_kind(maturity.roadmap, StepKind.QUICK_WIN)
    if wins:
        yield from _steps("Small steps that pay at any level:", wins, painter)


def _steps(
    name: str, steps: Sequence[Step], painter: Painter, most: int = MAX_STEPS
) -> Iterator[str]:
    yield "  " + painter.paint(terminal(name), "bold")
    for step in steps[:most]:
        yield from _step(step, painter)
    if len(steps) > most:
        yield f"    and {len(steps) - most} more"
    yield ""


def _step(step: Step, painter: Painter) -> Iterator[str]:
    named = step.file if step.file and step.file not in step.do else ""
    text = f"{step.do} ({named})" if named else step.do
    first, *rest = wrapped(terminal(text), painter.width, first=INDENT, rest=INDENT)
    effort = painter.paint(f"{f'{step.effort} effort':<{INDENT - 6}}", "dim")
    yield f"    {effort}  {first}"
    yield from (" " * INDENT + line for line in rest)
    if step.alternatives:
        others = f"or {'; '.join(step.alternatives)}"
        for line in wrapped(terminal(others), painter.width, first=INDENT, rest=INDENT):
            yield " " * INDENT + painter.paint(line, "dim")
