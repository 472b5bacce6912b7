"""Models or packages that are released, and no record of what a version brought."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.absences import place_in
from mlaudit.facts.records import FileFacts
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.nature import Nature
from mlaudit.project.papers import change_logs, readmes, text_of
from mlaudit.project.profile import Profile, profile
from mlaudit.project.project import Project
from mlaudit.repo.tags import is_tagged
from mlaudit.rules.model import Match, Rule, Spot

_SECTION = Gated(
    r"^[#=*\s]*(?:change ?log|changes|what'?s new|release notes|releases?|news|latest news|updates?"
    r"|version history|history)\b",
    re.IGNORECASE | re.MULTILINE,
)
_BY_TAG = Gated(
    r"setuptools[-_]scm|hatch-vcs|versioneer|dunamai|poetry-dynamic-versioning|versioningit|pbr"
    r"|semantic[-_]release|release-please|release-drafter|commitizen|bump2?version|bumpver|git-cliff"
    r"|towncrier|changesets|gto (?:register|assign)|git tag|github\.ref_name|GITHUB_REF_NAME"
    r"|CI_COMMIT_TAG|gh release|action-gh-release|create-release|uv-dynamic-versioning|flit-scm",
    re.IGNORECASE,
)
"""What gives versions by tags, or writes the record."""
_LESSONS = Gated(
    r"\b(?:examples?|tutorials?|workshop|course|lessons?|samples|demos?|labs|cookbook|book|template"
    r"|boilerplate|starter|guides?)\b",
    re.IGNORECASE,
)
_BEGINNING = 2000
_FIRST = Gated(r"0(?:\.0)*(?:\.[01])?(?:\.0)?(?:\.?(?:dev|a|b|rc)\w*)?|0\.1\.\d+|1\.0(?:\.0)?")
"""A version that a new project begins with: nothing has changed since."""
_LINE = Gated(r"(?m)^\s*(?:__)?version(?:__)?\s*=\s*[\"']([^\"']+)")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match, where the version stands, or on the file that one would edit."""
    if next(change_logs(project), None) is not None or is_tagged(project.repo) is not False:
        return
    released = _released(project)
    if released is None or _is_told_otherwise(project):
        return
    path, what = released
    place = path or place_in(project)
    if place:
        yield Match(rule.id, Spot(place), {"what": what}, identity="absent")


def _released(project: Project) -> tuple[str, str] | None:
    """What others rely on, and the file that says so; None while nothing is released."""
    root = project.environment.root_of("")
    for path in project.environment.project_files(root):
        found = _LINE.search(text_of(project, path))
        if found and _FIRST.fullmatch(found[1]) is None and _is_published(project):
            return path, f"version {found[1]} of the package"
    if profile(project) is not Profile.PRODUCTION or _teaches(project):
        return None
    registries = api_table("phases", "phases.registration")
    for name, paths in project.callees.files.items():
        if name in registries:
            return paths[0], "a new version of the model in the registry"
    return "", "a new version of the service"


def _is_published(project: Project) -> bool:
    return project.nature(project.environment.root_of("")) is Nature.LIBRARY


def _teaches(project: Project) -> bool:
    """Whether the beginning of the README says that all of this is there to be read."""
    tops = (text_of(project, path) for path in readmes(project) if "/" not in path)
    return any(_LESSONS.search(text[:_BEGINNING]) for text in tops)


def _is_told_otherwise(project: Project) -> bool:
    if any(_SECTION.search(text_of(project, path)) for path in readmes(project) if "/" not in path):
        return True
    return any(map(_goes_by_tags, project.facts.values()))


def _goes_by_tags(facts: FileFacts) -> bool:
    """Whether versions come from tags, or a tool or job writes the record."""
    if any(_BY_TAG.search(command.text) for command in facts.commands):
        return True
    if facts.manifest is not None and any(
        _BY_TAG.search(one.name) for one in facts.manifest.dependencies
    ):
        return True
    entries = facts.document.entries if facts.document is not None else ()
    return any(
        (
            ("tags" in entry.path or "tags-ignore" in entry.path or "release" in entry.path)
            and str(entry.path[0]) in ("on", "true")
        )
        or (isinstance(entry.value, str) and _BY_TAG.search(entry.value) is not None)
        or (len(entry.path) > 1 and entry.path[0] == "tool" and _is_tool(entry.path[1]))
        for entry in entries
        if entry.path
    )


def _is_tool(name: str | int) -> bool:
    return isinstance(name, str) and _BY_TAG.search(name) is not None
