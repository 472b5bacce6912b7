"""Repositories that others rely on, and that name nobody to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.absences import place_in
from mlaudit.facts.records import Entry, FileFacts
from mlaudit.patterns import Gated
from mlaudit.project.profile import Profile, profile
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Rule, Spot

_FILE = Gated(
    r"(?:[^/]+/)?(?:codeowners|owners(?:_aliases)?|authors[^/]*|maintainers[^/]*|contributors[^/]*"
    r"|credits[^/]*|citation\.cff|governance[^/]*|support[^/]*|security[^/]*|catalog-info\.ya?ml"
    r"|\.all-contributorsrc|contact[^/]*)",
    re.IGNORECASE,
)
_KEY = Gated(r"(?i)(?:.*[./-])?(?:owners?|maintainers?|authors?|contacts?|team|creators?)")
_SAID = Gated(
    r"(?i)maintain|author|contact|owner|created by|developed by|written by|made (?:with \W+ )?by"
    r"|team|[\w.+-]+@[\w-]+\.\w+|support|slack|discord|questions|reach out|citation"
    r"|@inproceedings|@article"
)
_SETUP = Gated(r"(?i)\b(?:author|maintainer)(?:_email)?\s*=")
_LONGEST = 400_000


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match. Research is somebody's own until it is served or published."""
    if any(_FILE.fullmatch(path) for path in project.files):
        return
    place = place_in(project)
    if not place or profile(project) is Profile.RESEARCH:
        return
    if any(_names(project, facts) for facts in project.facts.values()):
        return
    yield Match(rule.id, Spot(place), identity="absent")


def _names(project: Project, facts: FileFacts) -> bool:
    name = facts.path.rpartition("/")[2].lower()
    if name.startswith("readme") and facts.path.count("/") < 2:
        return _SAID.search(_text(project, facts.path)) is not None
    if facts.kind in (Kind.SETUP_PY, Kind.SETUP_CFG):
        return _SETUP.search(_text(project, facts.path)) is not None
    entries = facts.document.entries if facts.document is not None else ()
    return any(map(_is_owner, entries))


def _is_owner(entry: Entry) -> bool:
    """An author of a manifest, a label of Kubernetes, an owner of a DAG or a data set."""
    return any(isinstance(key, str) and _KEY.fullmatch(key) for key in entry.path[-3:])


def _text(project: Project, path: str) -> str:
    try:
        return project.repo.read_head(path, _LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""
