"""`git: {bypasses: lfs}`: files that .gitattributes sends through Git LFS and git holds raw.

Somebody committed them without Git LFS being installed, or before the attribute was set. An empty
file is none: Git LFS leaves it as it is. `lower-in` as for other files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlaudit.repo.model import File
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Match, Rule, Spot

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.matchers import Matcher


def prepare(rule: Rule, data: Any) -> Matcher:
    paths.known(data, "bypasses", "lower-in")
    if data["bypasses"] != "lfs":
        raise RulePackError("knows only `lfs`", key="bypasses")
    return _Bypassing(rule, data)


class _Bypassing:
    """One finding a directory, for what went wrong once went wrong for all that was added."""

    def __init__(self, rule: Rule, data: Mapping[str, Any]) -> None:
        self.rule = rule
        self.lower_in = paths.contexts(data.get("lower-in", []))

    def __call__(self, project: Project) -> Iterator[Match]:
        groups: dict[str, list[File]] = {}
        for file in paths.selected(project, self.rule) if project.stored.in_lfs else ():
            if file.path in project.stored.in_lfs and project.stored.is_raw(file):
                groups.setdefault(file.path.rpartition("/")[0], []).append(file)
        for directory, files in groups.items():
            yield self._match(directory, files, project)

    def _match(self, directory: str, files: list[File], project: Project) -> Match:
        sizes = {file: project.stored.size(file) or 0 for file in files}
        files.sort(key=lambda file: (-sizes[file], file.path))
        names = [file.path.rpartition("/")[2] for file in files]
        lower = all(file.context in self.lower_in for file in files)
        return Match(
            rule=self.rule.id,
            spot=Spot(files[0].path),
            values={
                "names": paths.listing(names),
                "directory": directory or ".",
                "files": paths.counted(len(files), "file"),
                "size": paths.readable(sum(sizes.values())),
            },
            identity=" ".join(sorted(names)),
            severity=paths.lowered(self.rule.severity) if lower else None,
        )
