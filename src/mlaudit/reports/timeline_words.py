"""What the reports of a timeline say in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlaudit.maturity.timeline import Change, Mark, Point, Timeline
from mlaudit.reports.words import counted

SHORT = 10
"""Characters of a commit id."""
NONE = "-"
"""What stands where a dimension does not apply."""
NO_FOLDER = "the top folder"
_MOST_NAMES = 4


def headline(timeline: Timeline) -> str:
    """`level 0 to 2, 2019-03-01 to 2024-12-20`."""
    judged = timeline.judged
    first, last = timeline.points[0], timeline.points[-1]
    days = first.date if first.date == last.date else f"{first.date} to {last.date}"
    if not judged:
        return f"not known, {days}"
    levels = dict.fromkeys((judged[0].level, judged[-1].level))
    return f"level {' to '.join(map(str, levels))}, {days}"


def level_text(point: Point) -> str:
    """`1 of 4`."""
    return f"{point.level} of {point.reachable}"


def score_text(point: Point) -> str:
    return NONE if point.score is None else f"{point.score:.0%}"


def mark_text(mark: Mark) -> str:
    return NONE if mark.level is None else str(mark.level)


def dimension_names(timeline: Timeline) -> tuple[str, ...]:
    """`Data`, `Model` ...: the first words of their names."""
    judged = timeline.judged
    return tuple(one.name.partition(" ")[0] for one in judged[0].dimensions) if judged else ()


def change_text(change: Change) -> str:
    """`Experiment tracking 0 to 2`; what was not asked before is said to begin."""
    if change.before is None:
        return f"{change.name} {change.after}, not asked before"
    return f"{change.name} {change.before} to {change.after}"


def circumstances(timeline: Timeline) -> dict[str, tuple[str, ...]]:
    """By commit: what else must be known to understand what changed there."""
    found = {}
    before: Point | None = None
    for point in timeline.judged:
        if before is not None:
            found[point.commit] = tuple(_circumstances(point, before))
        before = point
    return found


def _circumstances(point: Point, before: Point) -> Iterator[str]:
    if point.root != before.root:
        yield f"judged by {point.root or NO_FOLDER}, before by {before.root or NO_FOLDER}"
    if point.profile != before.profile:
        yield f"profile {point.profile}, before {before.profile}: other questions apply"
    if point.unread != before.unread:
        files = counted(point.unread, "file")
        more = f"{files} could not be read in full, before {before.unread}"
        yield more if point.unread else "every file can be read again"
    if point.declared != before.declared and point.declared != point.level:
        yield f"level {point.declared} with what is declared"
    for turn in point.turns:
        yield f"{'now' if turn.holds else 'no longer'}: {turn.says}"
    gone = [one.name for one in point.changes if one.after is None]
    if gone:
        yield f"does not apply any more: {_listed(gone)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _MOST_NAMES else f"{len(names)} capabilities"
