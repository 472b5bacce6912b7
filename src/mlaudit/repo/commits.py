"""The line of commits that a branch stood at, one after the other, and its tags.

That is the history by first parents: what was merged counts on the day of the merge, which is
when it became part of the project.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone

from msgspec import Struct

from mlaudit.repo.git import GitError, run_git
from mlaudit.repo.gitfolder import GitFolder

_OID = re.compile(r"[0-9a-f]{40,64}")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


class Commit(Struct, frozen=True):
    oid: str
    date: date
    """When it was committed, in UTC. Never before the date of the commit before it."""


class UnknownCommitError(ValueError):
    """There is no such commit, or it has nothing to do with the branch. The message says so."""


def commits_of(folder: GitFolder) -> tuple[Commit, ...]:
    """The commits that the branch stood at, the oldest first. Raises GitError.

    A shallow clone ends at its border.
    """
    listing = run_git(folder, "rev-list", "--first-parent", "--timestamp", "HEAD").decode("ascii")
    lines = [line.split(" ") for line in reversed(listing.splitlines())]
    days = in_order([int(seconds) for seconds, _ in lines])
    return tuple(Commit(oid, day) for (_, oid), day in zip(lines, days, strict=True))


def in_order(seconds: Sequence[int]) -> list[date]:
    """Days that never go back, from the dates that commits claim.

    Clocks go wrong, for an hour or by fifty years. The longest run of dates that agree with the
    order of the commits is believed (found by patience sorting); any other commit gets the date
    of the one before it, and those at the start that of the first that is believed.
    """
    believed = _longest_run(seconds)
    day = _day(seconds[min(believed)]) if believed else _EPOCH.date()
    days = []
    for position, second in enumerate(seconds):
        day = _day(second) if position in believed else day
        days.append(day)
    return days


def _longest_run(seconds: Sequence[int]) -> set[int]:
    """Positions of a longest run that never falls, among dates from 1970 to 9999."""
    lowest: list[int] = []
    """What a run of each length ends with at least."""
    ends: list[int] = []
    before: list[int] = []
    for position, second in enumerate(seconds):
        if not 0 < second <= _LAST_SECOND:
            before.append(-1)
            continue
        length = bisect_right(lowest, second)
        before.append(ends[length - 1] if length else -1)
        lowest[length : length + 1] = [second]
        ends[length : length + 1] = [position]
    found = set()
    position = ends[-1] if ends else -1
    while position >= 0:
        found.add(position)
        position = before[position]
    return found


def _day(second: int) -> date:
    return (_EPOCH + timedelta(seconds=second)).date()


def position_of(folder: GitFolder, commits: Sequence[Commit], name: str) -> int:
    """Where a commit, tag, branch or day lies on the line; a day is written as 2024-01-31.

    One of the commits lies at itself; one of another branch where that branch began, at the last
    commit that both have; a day at the last commit until its end, or the first at all. Raises
    UnknownCommitError, and GitError when git cannot tell.
    """
    oid = _oid(folder, name)
    if not oid:
        return _position_of_day(commits, name)
    later = run_git(folder, "rev-list", "--count", "--first-parent", "HEAD", f"^{oid}")
    position = len(commits) - 1 - int(later)
    if position < 0:
        raise UnknownCommitError(f"{name} has no commit in common with what is checked out")
    return position


def _position_of_day(commits: Sequence[Commit], name: str) -> int:
    try:
        day = date.fromisoformat(name)
    except ValueError:
        what = "names no commit here, nor is it a day such as 2024-01-31"
        raise UnknownCommitError(f"{name} {what}") from None
    return max(bisect_right([commit.date for commit in commits], day) - 1, 0)


def _oid(folder: GitFolder, name: str) -> str:
    """The id of the commit that a name stands for; empty when there is none."""
    if not name or name.startswith("-") or "\0" in name:
        return ""
    try:
        answer = run_git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except GitError:
        return ""
    oid = answer.decode("ascii", "replace").strip()
    return oid if _OID.fullmatch(oid) else ""


def tags_of(folder: GitFolder) -> dict[str, tuple[str, ...]]:
    """The tags of each commit, by its id, in the order of their names.

    None where git cannot tell.
    """
    form = "--format=%(objectname) %(*objectname) %(refname:strip=2)"
    try:
        listing = run_git(folder, "for-each-ref", form, "refs/tags")
    except GitError:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for line in listing.decode("utf-8", "replace").splitlines():
        oid, pointed_to, name = line.split(" ", 2)
        commit = pointed_to or oid
        found[commit] = (*found.get(commit, ()), name)
    return found
