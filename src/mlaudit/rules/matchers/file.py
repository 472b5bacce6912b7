"""`file`: a file that should be there and is not, or the other way round.

absent: [PATTERNS]     # none of them exists; letters' case does not matter
present: [PATTERNS]    # every file that fits is a finding
look: root             # where `absent` looks: `root` of the repository (default), `anywhere`
place: [PATTERNS]      # where an absence is shown: on the first file that fits
git: true              # only of a repository, not of a plain folder
research: note         # the severity of an absence where nothing is served and nothing published
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlaudit.repo.model import File
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Match, Rule, Spot
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = paths.known(rule.detect["file"], "absent", "present", "look", "place", "git", "research")
    if "absent" in data and "present" not in data:
        return _absence(rule, data)
    if "present" in data and "absent" not in data:
        return _presence(rule, data)
    raise RulePackError("needs `absent` or `present`")


def _presence(rule: Rule, data: Mapping[str, Any]) -> Matcher:
    fits = paths.glob(words(data["present"]))

    def find(project: Project) -> Iterator[Match]:
        for file in paths.selected(project, rule):
            if fits(file.path):
                name = file.path.rpartition("/")[2]
                yield Match(rule.id, Spot(file.path), {"name": name, "path": file.path}, file.path)

    return find


def _absence(rule: Rule, data: Mapping[str, Any]) -> Matcher:
    look = data.get("look", "root")
    if look not in ("root", "anywhere"):
        raise RulePackError("needs `root` or `anywhere`", key="look")
    patterns = words(data["absent"])
    fits = paths.glob(patterns if look == "root" else [f"**/{pattern}" for pattern in patterns])
    places = words(data.get("place", []))
    in_git = data.get("git", False)
    research = paths.level(data["research"]) if "research" in data else None

    def find(project: Project) -> Iterator[Match]:
        if in_git and project.repo.git is None:
            return
        if any(fits(file.path) for file in project.repo.files):
            return
        place = place_of_absence(project.repo.files, places)
        if place:
            severity = research if research is not None and _is_research(project) else None
            yield Match(rule.id, Spot(place), identity="absent", severity=severity)

    return find


def _is_research(project: Project) -> bool:
    from mlaudit.project.profile import Profile, profile

    return profile(project) is Profile.RESEARCH


def place_of_absence(files: Sequence[File], places: Sequence[str]) -> str:
    """The first file of the first pattern that has one; empty when there is none."""
    for pattern in places:
        fits = paths.glob([pattern])
        for file in files:
            if fits(file.path) and not file.missing:
                return file.path
    return ""
