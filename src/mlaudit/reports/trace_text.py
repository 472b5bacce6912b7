"""The tree of what a program reaches, for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TextIO

from mlaudit.analyses.tracing import Branch, Leaf, Traced
from mlaudit.reports.escape import terminal
from mlaudit.reports.painting import Painter, Plain, painter_for

WIDTH = 100
STYLES = {
    "seeds": "bold green",
    "may seed": "green",
    "draws": "bold yellow",
    "loads": "cyan",
    "splits": "bold cyan",
    "fits": "bold magenta",
    "records": "blue",
    "saves": "bold blue",
}


def render(traced: Traced) -> str:
    """Plain text, the same everywhere."""
    return _render(traced, Plain(WIDTH))


def write(traced: Traced, stream: TextIO = sys.stdout) -> None:
    """Writes the tree as fits the stream: with colour when it is a terminal."""
    stream.write(_render(traced, painter_for(stream) or Plain(WIDTH)))


def _render(traced: Traced, painter: Painter) -> str:
    lines = [painter.paint(terminal(traced.root.name), "bold")]
    if not traced.root.steps:
        lines.append("  reaches no seed, draw, load, split, fit, record or save")
    lines += _steps(traced.root, painter)
    if traced.verdicts:
        lines.append("")
        lines += [f"{terminal(verdict)}" for verdict in traced.verdicts]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _steps(root: Branch, painter: Painter) -> Iterator[str]:
    """Depth first, on a stack of its own: call chains may be deeper than Python's."""
    stack = [("", iter(enumerate(root.steps, 1)), len(root.steps))]
    while stack:
        before, steps, count = stack[-1]
        number, step = next(steps, (0, None))
        if step is None:
            stack.pop()
            continue
        last = number == count
        yield f"{painter.paint(before + ('`-- ' if last else '|-- '), 'dim')}{_line(step, painter)}"
        if isinstance(step, Branch):
            below = before + ("    " if last else "|   ")
            stack.append((below, iter(enumerate(step.steps, 1)), len(step.steps)))


def _line(step: Leaf | Branch, painter: Painter) -> str:
    place = painter.paint(terminal(step.place), "dim")
    if isinstance(step, Branch):
        how = "" if step.how == "runs" else f"{step.how} "
        return f"{how}{painter.paint(terminal(step.name), 'bold')}  {place}"
    about = f" ({step.about})" if step.about else ""
    times = f"  x{step.times}" if step.times > 1 else ""
    kind = painter.paint(step.kind, STYLES[step.kind])
    return f"{kind}{about} {terminal(step.name)}  {place}{times}"
