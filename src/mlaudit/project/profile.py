"""What the repository is for: research, production or a library."""

from __future__ import annotations

import re
from enum import Enum

from mlaudit.facts.records import Document
from mlaudit.knowledge import api_table
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.project.tools import COUNTED
from mlaudit.repo.model import Kind

_SERVED = re.compile(r"(?:.+/)?(?:bentofile\.ya?ml|cog\.yaml|model-?store\.ya?ml)")
_KINDS = frozenset(
    {"Deployment", "InferenceService", "SeldonDeployment", "BentoDeployment", "RayService"}
)


class Profile(str, Enum):
    """What its people owe to whom."""

    RESEARCH = "research"
    PRODUCTION = "production"
    """A model is served, deployed or promoted."""
    LIBRARY = "library"


def profile(project: Project) -> Profile:
    """The profile that the user chose, else the one that the files show."""
    if project.options.profile != "auto":
        return Profile(project.options.profile)
    if project.nature(project.environment.root_of("")) is Nature.LIBRARY:
        return Profile.LIBRARY
    return Profile.PRODUCTION if is_served(project) else Profile.RESEARCH


def is_served(project: Project) -> bool:
    """Whether anything in use answers requests with a model, deploys or promotes one."""
    if any(_SERVED.fullmatch(path) for path in project.files):
        return True
    frameworks = api_table("maturity", "maturity.web-frameworks")
    endpoints = api_table("maturity", "maturity.endpoints")
    for path, facts in project.facts.items():
        if project.files[path].context not in COUNTED:
            continue
        if facts.python is not None and any(
            item.target.partition(".")[0] in frameworks for item in facts.python.imports
        ):
            return True
        if facts.kind is Kind.YAML and facts.document is not None and _deploys(facts.document):
            return True
    return any(
        project.files[path].context in COUNTED
        for name, paths in project.callees.files.items()
        if name in endpoints
        for path in paths
    )


def _deploys(document: Document) -> bool:
    objects = {entry.document for entry in document.entries if entry.path == ("apiVersion",)}
    return any(
        entry.path == ("kind",) and entry.value in _KINDS and entry.document in objects
        for entry in document.entries
    )
