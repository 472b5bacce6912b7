"""`file`: a file that should be there and is not, or the other way round.

absent: [PATTERNS]     # none of them exists; letters' case does not matter
present: [PATTERNS]    # every file that fits is a finding
look: root             # where `absent` looks: `root` of the repository (default), `anywhere`
place: [PATTERNS]      # where an absence is shown: on the first file that fits
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
    data = paths.known(rule.detect["file"], "absent", "present", "look", "place")
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

    def find(project: Project) -> Iterator[Match]:
        if any(fits(file.path) for file in project.repo.files):
            return
        place = place_of_absence(project.repo.files, places)
        if place:
            yield Match(rule.id, Spot(place), identity="absent")

    return find


def place_of_absence(files: Sequence[File], places: Sequence[str]) -> str:
    """The first file of the first pattern that has one; empty when there is none."""
    for pattern in places:
        fits = paths.glob([pattern])
        for file in files:
            if fits(file.path) and not file.missing:
                return file.path
    return ""
