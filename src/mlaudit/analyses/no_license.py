"""Repositories that do not say who may use them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.absences import place_in
from mlaudit.facts.records import FileFacts
from mlaudit.patterns import Gated
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Rule, Spot

_FILE = Gated(
    r"(?:[^/]+/)?(?:(?:un|mit-|apache-)?licen[cs]es?(?:[-_.][^/]*)?|[^/]+[-_.]licen[cs]e(?:\.\w+)?"
    r"|copying[^/]*|copyright[^/]*|legal[^/]*|reuse\.toml|eula[^/]*)|(?:\.reuse|licenses)/.+",
    re.IGNORECASE,
)
_SAID = Gated(
    r"(?i)licen[cs]e|SPDX|copyright|all rights reserved|proprietary|confidential|internal use"
)
_SETUP = Gated(r"\blicen[cs]e(?:_files?|_expression)?\s*=|License ::|Private ::", re.IGNORECASE)
_MOST = 300_000
_SPDX = b"SPDX-License-Identifier"


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match, on the file that a licence would be named in."""
    if any(_FILE.fullmatch(path) for path in project.files):
        return
    if any(_FILE.fullmatch(link.path) for link in project.repo.links):
        return
    if any(_declares(project, facts) for facts in project.facts.values()):
        return
    place = place_in(project)
    if place and not _says(project):
        yield Match(rule.id, Spot(place), identity="absent")


def _declares(project: Project, facts: FileFacts) -> bool:
    """Whether a manifest or a file about the project names a licence, or says it is private."""
    for one in facts.manifest.classifiers if facts.manifest is not None else ():
        if one.startswith(("License", "Private")):
            return True
    if facts.kind in (Kind.SETUP_PY, Kind.SETUP_CFG):
        return _SETUP.search(_text(project, facts.path)) is not None
    name = facts.path.rpartition("/")[2].lower()
    if facts.document is None or name not in ("pyproject.toml", "package.json", "citation.cff"):
        return False
    return any(
        "license" in str(key).lower() or (key == "private" and entry.value is True)
        for entry in facts.document.entries
        for key in entry.path[:3]
    )


def _says(project: Project) -> bool:
    """Whether a README speaks of the licence, or the code bears its name."""
    for path, file in project.files.items():
        name = path.rpartition("/")[2].lower()
        if name.startswith("readme") and path.count("/") < 2 and not file.missing:
            if _SAID.search(_text(project, path)):
                return True
        elif file.kind is Kind.PYTHON and not file.missing:
            try:
                if _SPDX in project.repo.read_head(path, 1000):
                    return True
            except OSError:
                continue
    return False


def _text(project: Project, path: str) -> str:
    try:
        return project.repo.read_head(path, _MOST).decode("utf-8", "replace")
    except OSError:
        return ""
