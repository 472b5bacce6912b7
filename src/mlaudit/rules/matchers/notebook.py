"""`notebook`: what a saved notebook says of how it was run.

check: execution-order     # counts of code cells decrease from top to bottom
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlaudit.facts.records import Cell, Span
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import in_context, paths
from mlaudit.rules.model import Match, Related, Rule, Spot

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = paths.known(rule.detect["notebook"], "check")
    if data.get("check") != "execution-order":
        raise RulePackError("needs `execution-order`", key="check")

    def find(project: Project) -> Iterator[Match]:
        for facts in in_context(project, rule):
            if facts.notebook is not None:
                yield from _disorder(rule, facts.path, facts.notebook.cells)

    return find


def _disorder(rule: Rule, path: str, cells: tuple[Cell, ...]) -> Iterator[Match]:
    """The first place where the counts decrease; gaps and repeated counts are no disorder."""
    highest: Cell | None = None
    count = 0
    for cell in cells:
        if cell.kind != "code" or cell.execution_count is None:
            continue
        if highest is not None and cell.execution_count < count:
            yield Match(
                rule=rule.id,
                spot=_spot(path, cell),
                values={
                    "first": str(highest.index),
                    "second": str(cell.index),
                    "higher": str(count),
                    "lower": str(cell.execution_count),
                },
                # The notebook is in disorder as a whole; which cells show it changes at each run.
                identity="execution order",
                related=(Related(_spot(path, highest), f"run as number {count}"),),
            )
            return
        highest, count = cell, cell.execution_count


def _spot(path: str, cell: Cell) -> Spot:
    if cell.lines:
        return Spot(path, Span(cell.first_line, 0, cell.first_line), code=True)
    return Spot(path, Span(cell.raw_line))
