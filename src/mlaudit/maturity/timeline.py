"""The maturity of a repository over its history: points in time, and what changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from mlaudit.maturity.model import Ladder, Maturity, Outcome

HOLDS = (Outcome.TRUE, Outcome.NOT_APPLICABLE)
"""Outcomes of a requirement that stand in no level's way."""


class Change(Struct, frozen=True):
    """A capability that another score was given than at the point before."""

    capability: str
    name: str
    before: int | None
    """None: it did not apply, or could not be told."""
    after: int | None

    @property
    def rose(self) -> bool:
        """What begins to apply starts from nothing."""
        return (self.after or 0) > (self.before or 0)

    @property
    def fell(self) -> bool:
        """What ceases to apply has not become worse."""
        return self.after is not None and self.after < (self.before or 0)


class Turn(Struct, frozen=True):
    """A requirement of the ladder that began or ceased to hold, and so moved the level."""

    requirement: str
    says: str
    holds: bool


class Mark(Struct, frozen=True):
    """Where a dimension stood."""

    id: str
    name: str
    level: int | None
    """None: nothing of it applied."""
    score: float | None


class Point(Struct, frozen=True):
    """A commit, and how mature the practice was there."""

    commit: str
    date: str
    """`2024-03-31`, in UTC. Points are in the order of the history, and dates never go back."""
    tags: tuple[str, ...] = ()
    problem: str = ""
    """Why it could not be judged; all below is empty then."""
    missing: int = 0
    """Files that this clone lacks."""
    unread: int = 0
    """Files that could not be read in full: what else they show is not seen."""
    level: int | None = None
    reachable: int | None = None
    possible: int | None = None
    """The level if all that could not be settled were met."""
    declared: int | None = None
    """The level with what the settings declare."""
    score: float | None = None
    profile: str = ""
    root: str = ""
    """Folder of the project root that all this is about."""
    dimensions: tuple[Mark, ...] = ()
    capabilities: dict[str, int | None] = {}  # msgspec copies it
    """Scores by id, None for what did not apply or could not be told."""
    requirements: dict[str, Outcome] = {}  # the same
    """Outcomes of the ladder's requirements by id."""
    changes: tuple[Change, ...] = ()
    """Since the last point before that could be judged, in the order of the capabilities."""
    turns: tuple[Turn, ...] = ()
    """Why the level is another than at that point; empty where it is not."""


class Timeline(Struct, frozen=True):
    name: str
    """Of the repository."""
    points: tuple[Point, ...]
    """The oldest first; at least one."""
    commits: int
    """That the points were chosen from."""
    chosen: str
    """How, for people: `the last commit of each 3 months`."""
    levels: tuple[str, ...] = ()
    """Names of the levels of the ladder, from 0 upwards."""
    notes: tuple[str, ...] = ()
    """What is missing, and why."""
    faults: tuple[str, ...] = ()
    """What failed in mlaudit itself; all else was still judged."""

    @property
    def judged(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.level is not None)


def point_of(blank: Point, maturity: Maturity, before: Point | None) -> Point:
    """The point of a commit whose maturity was found; `before` is the last one with a level."""
    judged = [one for dimension in maturity.dimensions for one in dimension.capabilities]
    ladder = maturity.ladder
    point = structs.replace(
        blank,
        level=ladder.level,
        reachable=ladder.reachable,
        possible=ladder.possible,
        declared=ladder.declared,
        score=maturity.score,
        profile=maturity.profile,
        root=maturity.root,
        dimensions=tuple(
            Mark(one.id, one.name, one.level, one.score) for one in maturity.dimensions
        ),
        capabilities={one.id: one.score for one in judged},
        requirements={one.id: one.outcome for rung in ladder.rungs for one in rung.requirements},
    )
    if before is None:
        return point
    names = {one.id: one.name for one in judged}
    changes = tuple(_changes(before.capabilities, point.capabilities, names))
    return structs.replace(point, changes=changes, turns=tuple(_turns(before, point, ladder)))


def _changes(
    before: Mapping[str, int | None], after: Mapping[str, int | None], names: Mapping[str, str]
) -> Iterator[Change]:
    for capability, score in after.items():
        if score != before.get(capability):
            yield Change(capability, names[capability], before.get(capability), score)


def _turns(before: Point, after: Point, ladder: Ladder) -> Iterator[Turn]:
    """Of the levels that were reached, or no longer are."""
    levels = sorted((before.level or 0, after.level or 0))
    for rung in ladder.rungs[levels[0] + 1 : levels[1] + 1]:
        for one in rung.requirements:
            was = before.requirements.get(one.id, Outcome.NOT_AVAILABLE)
            begins = one.outcome in HOLDS and was not in HOLDS
            if begins or (one.outcome is Outcome.TRUE) != (was is Outcome.TRUE):
                yield Turn(one.id, one.says, holds=begins or one.outcome is Outcome.TRUE)
