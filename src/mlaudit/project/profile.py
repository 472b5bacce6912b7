"""What the repository is for: research, production or a library."""

from __future__ import annotations

from enum import Enum

from mlaudit.project.nature import Nature
from mlaudit.project.project import Project

_GROUPS = frozenset({"apps", "extensions"})
_KINDS = frozenset({"Deployment", "StatefulSet"})


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
    """Whether anything in use answers requests with a model, or is deployed to a cluster."""
    return project.serving.served or any(
        thing.group in _GROUPS and thing.name in _KINDS for thing in project.sights.objects
    )
