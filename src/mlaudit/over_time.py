"""The story of the past: which commits to look at, how mature each was, and what changed between.

One yardstick for all: the rules, the model and the settings of today. What expires, a suppression
or a declaration, is judged on the day of the commit, as the team was told then. Only what git
holds counts, so the last point is the commit that is checked out, without what was not committed
yet.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from mlaudit.audit import options_of, uncollected
from mlaudit.config import Settings
from mlaudit.facts.credentials import redact
from mlaudit.facts.reading import read_facts
from mlaudit.facts.records import FileFacts
from mlaudit.findings.funnel import funnel
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.catalogue import ladder_model
from mlaudit.maturity.declared import declared
from mlaudit.maturity.model import Maturity
from mlaudit.maturity.timeline import Point, Timeline, point_of
from mlaudit.project.project import Project
from mlaudit.repo.commits import Commit, UnknownCommitError, commits_of, position_of, tags_of
from mlaudit.repo.describing import describe
from mlaudit.repo.exclusion import without
from mlaudit.repo.git import GitError
from mlaudit.repo.gitfolder import GitFolder, find_git_folder
from mlaudit.repo.model import Kind, Repo
from mlaudit.repo.objects import Blobs
from mlaudit.repo.opening import RepoError
from mlaudit.repo.past import open_commit
from mlaudit.repo.periods import Period, evenly, last_of_each, no_more_than, tagged
from mlaudit.rules.engine import match_rules
from mlaudit.rules.loading import load_rules

MOST = 40
"""Points of one timeline."""
FEW = 12
"""Points when nobody says how many."""
BEARABLE = 0.1
"""Share of files that a clone may lack before a commit is not judged at all."""
SHALLOW = "this is a shallow clone, and `git fetch --unshallow` brings the rest"
LEAST_TAGS = 3
"""From which tags tell more of a history than commits evenly spread."""


class Asked(NamedTuple):
    """What part of the history to look at."""

    since: str = ""
    """A commit, tag, branch or day; empty for the whole history."""
    every: Period | None = None
    """None: the tags since then, or some commits evenly spread."""
    as_of: date | None = None
    """The day that decides what has expired; None: that of each commit."""


def maturity_over_time(
    path: Path, settings: Settings, asked: Asked, tell: Callable[[str], None] = lambda _: None
) -> Timeline:
    """The maturity of a repository at chosen commits of its history, the oldest first.

    Nothing is checked out and nothing is written. `tell` hears of the progress. Raises RepoError
    where there is no history to look at or no such commit, and RulePackError.
    """
    folder = find_git_folder(path.resolve())
    if folder is None:
        raise RepoError(f"{path} is not in a git repository, so it has no history to look at")
    if not describe(folder).head:
        raise RepoError(f"{path} has no commit yet, so it has no history to look at")
    if path.resolve() != folder.worktree:
        raise RepoError(f"maturity is a matter of a whole repository; name {folder.worktree}")
    try:
        chosen = _choose(folder, asked)
        with Blobs(folder) as blobs:
            settings = structs.replace(settings, history=False)
            walk = _Walk(folder, blobs, settings, asked.as_of)
            points = walk.points(chosen.points, tell)
    except GitError as error:
        raise RepoError(f"the history of {path} cannot be read: {error}") from None
    except UnknownCommitError as error:
        hint = f"; {SHALLOW}" if describe(folder).shallow else ""
        raise RepoError(f"{error}{hint}") from None
    return Timeline(
        name=folder.worktree.name,
        points=points,
        commits=chosen.total,
        chosen=chosen.how,
        levels=tuple(level.name for level in ladder_model().levels),
        notes=(*chosen.notes, *_lacking(points)),
        faults=tuple(walk.faults()),
    )


class _Chosen(NamedTuple):
    points: Sequence[Point]
    """Nothing is known of them yet but their names and dates."""
    total: int
    how: str
    notes: Sequence[str]


def _choose(folder: GitFolder, asked: Asked) -> _Chosen:
    line = commits_of(folder)
    commits = line[position_of(folder, line, asked.since) :] if asked.since else line
    tags = tags_of(folder)
    notes = []
    if asked.every is not None:
        every = no_more_than(MOST - 1, commits, asked.every)
        positions, how = last_of_each(commits, every), f"the last commit of every {every}"
        if every != asked.every:
            notes.append(
                f"every {asked.every} would give more than {MOST} points, so this is every {every}"
            )
    else:
        positions, how = _telling(commits, tags)
    if asked.since:
        positions, how = sorted({0, *positions}), f"since {asked.since}, {how}"
    if describe(folder).shallow:
        notes.append(f"the history begins on {line[0].date} here: {SHALLOW}")
    points = [
        Point(commits[one].oid, str(commits[one].date), tags.get(commits[one].oid, ()))
        for one in positions
    ]
    return _Chosen(points, len(commits), how, notes)


def _telling(commits: Sequence[Commit], tags: Mapping[str, object]) -> tuple[list[int], str]:
    """Positions of releases where there are some, or of commits evenly spread, and the last."""
    releases = tagged(commits, tags)
    if len(releases) < LEAST_TAGS:
        positions = evenly(range(len(commits)), FEW)
        return positions, f"{len(positions)} of {len(commits)} commits, evenly spread"
    wanted = sorted({*releases, len(commits) - 1})
    positions = evenly(wanted, FEW)
    some = f"{len(positions)} of {len(wanted)}, " if len(positions) < len(wanted) else ""
    return positions, f"{some}the commits with a tag, and the last"


def _lacking(points: Sequence[Point]) -> Iterator[str]:
    lacking = [point for point in points if point.missing]
    if lacking:
        yield (
            f"this clone lacks files of {len(lacking)} of the commits, and nothing is fetched: "
            "levels may be too low there"
        )


class _Walk:
    """Judges commits one after the other. What a file says is read once as long as it stays."""

    def __init__(
        self, folder: GitFolder, blobs: Blobs, settings: Settings, as_of: date | None
    ) -> None:
        self._folder = folder
        self._blobs = blobs
        self._settings = settings
        self._as_of = as_of
        self._knowledge = load_rules([Path(pack) for pack in settings.rule_packs])
        self._known: dict[tuple[str, str, Kind], FileFacts] = {}
        self._faults: dict[str, list[str]] = {}
        """The commits at which each happened."""

    def points(self, blanks: Sequence[Point], tell: Callable[[str], None]) -> tuple[Point, ...]:
        points: list[Point] = []
        before = None
        for number, blank in enumerate(blanks, 1):
            tell(f"commit {number} of {len(blanks)}, {blank.date}")
            point = self._point(blank, before)
            before = before if point.problem else point
            points.append(point)
            gc.collect()  # the project of this commit
        return tuple(points)

    @uncollected()
    def _point(self, blank: Point, before: Point | None) -> Point:
        try:
            with open_commit(self._folder, self._blobs, blank.commit) as opened:
                repo = without(opened, self._settings.exclude)
                return self._judged(blank, repo, before)
        except GitError as error:
            return structs.replace(blank, problem=str(error))

    def _judged(self, blank: Point, repo: Repo, before: Point | None) -> Point:
        missing = sum(file.missing for file in repo.files)
        blank = structs.replace(blank, missing=missing)
        if missing > len(repo.files) * BEARABLE:
            reason = f"this clone lacks {missing} of its {len(repo.files)} files"
            return structs.replace(blank, problem=reason)
        try:
            facts = self._facts(repo)
            unread = sum(bool(one.problems) for one in facts.values()) - missing
            blank = structs.replace(blank, unread=unread)
            day = self._as_of or date.fromisoformat(blank.date)
            return point_of(blank, self._maturity(repo, facts, day), before)
        except Exception as error:  # a fault of ours at one commit must not cost the others
            self._fault(repo, f"maturity: {type(error).__name__}: {error}")
            return structs.replace(blank, problem="mlaudit itself failed")

    def _maturity(self, repo: Repo, facts: Mapping[str, FileFacts], day: date) -> Maturity:
        settings, knowledge = self._settings, self._knowledge
        rules = {rule.id: rule for rule in knowledge.rules}
        project = Project(repo, facts, options_of(repo, settings))
        matched = match_rules(project, knowledge.rules, knowledge.apis)
        for crash in matched.crashes:
            self._fault(repo, f"rule {crash.rule}: {crash.error}")
        found = funnel(matched.matches, rules, facts, repo, settings, day)
        return assess(project, matched.matches, found.accepted, declared(settings.attest, day))

    def _facts(self, repo: Repo) -> dict[str, FileFacts]:
        """The facts of all files. Those of contents that lay there at the last commit are known."""
        keys = {file.path: (file.path, file.oid, file.kind) for file in repo.files}
        new = [file for file in repo.files if keys[file.path] not in self._known]
        reading = read_facts(repo, new)
        for crash in reading.crashes:
            self._fault(repo, f"reader of {crash.path}: {crash.error}")
        read = reading.facts
        facts = {
            path: fact
            for path, key in keys.items()
            if (fact := read.get(path) or self._known.get(key)) is not None
        }
        self._known = {keys[path]: fact for path, fact in facts.items()}
        return facts

    def _fault(self, repo: Repo, what: str) -> None:
        self._faults.setdefault(redact(what), []).append(repo.git.head if repo.git else "")

    def faults(self) -> Iterator[str]:
        """What failed in mlaudit itself."""
        for what, commits in self._faults.items():
            more = f" and {len(commits) - 1} more" if len(commits) > 1 else ""
            yield f"{what} (at commit {commits[0][:10]}{more})"
