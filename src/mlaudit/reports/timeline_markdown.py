"""The maturity of a repository over its history as Markdown, for pull requests and pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlaudit.maturity.timeline import Point, Timeline
from mlaudit.reports.escape import markdown, markdown_code, markdown_prose
from mlaudit.reports.timeline_words import (
    SHORT,
    change_text,
    circumstances,
    dimension_names,
    headline,
    level_text,
    mark_text,
    score_text,
)


def render(timeline: Timeline) -> str:
    """The whole of it as one document."""
    blocks = [
        f"### MLOps maturity over time: {headline(timeline)}",
        f"{markdown(timeline.chosen)}; {timeline.commits} commits in all.",
        "\n".join(_table(timeline)),
        *(f"Note: {markdown_prose(note)}" for note in timeline.notes),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(timeline: Timeline) -> Iterator[str]:
    names = dimension_names(timeline)
    columns = ["Date", "Commit", "Level", "Score", *map(markdown, names), "What changed"]
    yield f"| {' | '.join(columns)} |"
    yield "|" + "-|" * len(columns)
    more = circumstances(timeline)
    for point in timeline.points:
        cells = _cells(point, len(names), more.get(point.commit, ()))
        yield f"| {' | '.join(cells)} |"


def _cells(point: Point, dimensions: int, more: Sequence[str]) -> list[str]:
    tags = "".join(f" {markdown_code(tag)}" for tag in point.tags)
    start = [point.date, markdown_code(point.commit[:SHORT]) + tags]
    if point.level is None:
        return [*start, *[""] * (dimensions + 2), f"not judged: {markdown(point.problem)}"]
    marks = [mark_text(mark) for mark in point.dimensions]
    changes = [markdown(text) for text in more]
    changes += [f"+ {markdown(change_text(one))}" for one in point.changes if one.rose]
    changes += [f"\\- {markdown(change_text(one))}" for one in point.changes if one.fell]
    return [*start, level_text(point), score_text(point), *marks, "; ".join(changes)]
