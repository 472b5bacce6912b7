"""Pipelines of DVC whose record no longer holds: what `dvc repro` would run again."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from mlaudit.analyses.artefact_severity import severity_at
from mlaudit.facts.records import Span
from mlaudit.project.dvc.changes import Change, Status
from mlaudit.project.dvc.ignoring import IgnoreFiles, IgnoringLine, ignore_lines
from mlaudit.project.dvc.repositories import PipelineFile
from mlaudit.project.dvc.status import StatusOf
from mlaudit.project.project import Project
from mlaudit.rules.model import Match, Related, Rule, Spot

NAMED = 4
"""Changes that are named in one finding."""
_RERUN = "Run `dvc repro` and commit dvc.lock with what changed, or take the change back."


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each stage, pointer or ignored file; for a missing lock, one for all."""
    if not (project.repo.whole and project.dvc):
        return
    git = IgnoreFiles(ignore_lines(project.facts, ".gitignore"), ".gitignore")
    for root in project.dvc:
        of = StatusOf(project, root, git)
        for file in root.pipelines:
            ignored = None if file.lock_there else git.ignoring(file.lock_path)
            if ignored is not None:
                yield _ignored(project, rule, file.lock_path, ignored)
            else:
                yield from _of_pipeline(project, rule, file, list(of.pipeline(file)))
        for status in of.pointers():
            if status.changes:
                yield _of_pointer(project, rule, status)
        for path in root.hidden_pointers:
            ignored = git.ignoring(path)
            if ignored is not None:
                yield _ignored(project, rule, path, ignored)


def _of_pipeline(
    project: Project, rule: Rule, file: PipelineFile, statuses: list[Status]
) -> Iterator[Match]:
    changed = [status for status in statuses if status.changes]
    if file.lock_there:
        for status in changed:
            yield _of_stage(project, rule, status)
    elif changed:
        first = changed[0]
        yield Match(
            rule=rule.id,
            spot=Spot(file.path, Span(first.line)),
            values={
                "subject": f"'{file.path}'",
                "problem": "has no dvc.lock beside it, so nobody knows what its stages ran with",
            },
            identity=f"{file.path} lock",
            severity=severity_at(project, rule, file.path),
            remedy="Run `dvc repro` and commit the dvc.lock that it writes.",
        )


def _of_stage(project: Project, rule: Rule, status: Status) -> Match:
    if status.changes[0].what == "stage":
        problem = "is not in dvc.lock: it was never run, or under another name"
    else:
        problem = f"is not what dvc.lock records: {_listing(status.changes)}"
    return Match(
        rule=rule.id,
        spot=Spot(status.path, Span(status.line)),
        values={"subject": f"Stage '{status.name}'", "problem": problem},
        identity=f"{status.path}:{status.name}",
        severity=severity_at(project, rule, status.path),
        related=tuple(_related(project, status)),
        remedy=_remedy(status),
    )


def _listing(changes: tuple[Change, ...]) -> str:
    named = "; ".join(_words(change) for change in changes[:NAMED])
    more = len(changes) - NAMED
    return f"{named}; and {more} more" if more > 0 else named


def _words(change: Change) -> str:
    match change.what, change.how:
        case "command", _:
            return "the command changed"
        case what, "modified":
            return f"{what} '{change.name}' changed"
        case what, "missing":
            return f"{what} '{change.name}' is missing"
        case what, _:
            return f"{what} '{change.name}' is new"


def _related(project: Project, status: Status) -> Iterator[Related]:
    for change in status.changes[:NAMED]:
        words = _words(change)
        if change.path in project.files and (change.path_line or change.what != "parameter"):
            yield Related(Spot(change.path, Span(change.path_line or 1)), words)
        elif change.line:
            yield Related(Spot(status.path, Span(change.line)), words)


def _remedy(status: Status) -> str:
    missing = [change for change in status.changes if change.how == "missing"]
    if not missing:
        return _RERUN
    return f"Add '{missing[0].name}' or take it out of the stage, then run `dvc repro`."


def _of_pointer(project: Project, rule: Rule, status: Status) -> Match:
    first = status.changes[0]
    name = posixpath.basename(status.path)
    return Match(
        rule=rule.id,
        spot=Spot(status.path, Span(first.line or 1)),
        values={"subject": f"'{first.name}'", "problem": f"is not what {name} records"},
        identity=status.path,
        severity=severity_at(project, rule, status.path),
        remedy=f"Run `dvc commit {name}` or `dvc checkout {name}`.",
    )


def _ignored(project: Project, rule: Rule, path: str, by: IgnoringLine) -> Match:
    return Match(
        rule=rule.id,
        spot=Spot(by.path, Span(by.line)),
        values={"subject": f"'{path}'", "problem": "is ignored by git, so a clone lacks it"},
        identity=path,
        severity=severity_at(project, rule, by.path),
        remedy=f"Write `!{posixpath.basename(path)}` below that line, and commit the file.",
    )
