"""Files that DVC and git both keep."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from mlaudit.analyses.artefact_severity import severity_at
from mlaudit.facts.records import Span
from mlaudit.project.dvc.repositories import Owned
from mlaudit.project.project import Project
from mlaudit.rules.model import Match, Related, Rule, Spot

NAMED = 5
"""Files that are named in one finding."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each output in the cache of DVC that is in the index of git, too.

    DVC refuses to run such a stage again, and to add such a file. Metrics and plots are small, and
    often kept in git on purpose.
    """
    if project.repo.git is None or not project.dvc:
        return
    tracked = sorted(file.path for file in project.repo.files if file.tracked)
    for root in project.dvc:
        for owned in root.outputs:
            if owned.output.cached and owned.output.kind == "outs":
                files = _at(owned.path, tracked)
                if files:
                    yield _match(project, rule, owned, files)


def _at(path: str, tracked: list[str]) -> list[str]:
    """The tracked file at a path, or those below it."""
    first = bisect_left(tracked, path)
    if first < len(tracked) and tracked[first] == path:
        return [path]
    below = f"{path}/"
    end = bisect_left(tracked, f"{path}0")  # "0" comes right after "/"
    return [file for file in tracked[bisect_left(tracked, below) : end] if file.startswith(below)]


def _match(project: Project, rule: Rule, owned: Owned, files: list[str]) -> Match:
    many = len(files) > 1 or files[0] != owned.path
    count = f" ({len(files)} file{'s' if len(files) > 1 else ''})" if many else ""
    return Match(
        rule=rule.id,
        spot=Spot(owned.declared, Span(owned.output.line)),
        values={"path": owned.path, "files": count},
        identity=owned.path,
        severity=severity_at(project, rule, owned.declared),
        related=tuple(Related(Spot(file), "git tracks this file") for file in files[:NAMED]),
    )
