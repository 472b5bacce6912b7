"""What the repository is for: research, production or a library."""

from __future__ import annotations

from enum import Enum

from mlaudit.project.nature import Nature
from mlaudit.project.practices.deploying import deploy_commands
from mlaudit.project.practices.sights import Sights
from mlaudit.project.project import Project

_DEPLOYED = frozenset(
    {
        "apps/Deployment", "apps/StatefulSet", "extensions/Deployment", "argoproj.io/Application",
        "kustomize.toolkit.fluxcd.io/Kustomization",
    }
)  # fmt: skip


class Profile(str, Enum):
    """What its people owe to whom."""

    RESEARCH = "research"
    PRODUCTION = "production"
    """A model is served, deployed or promoted."""
    LIBRARY = "library"


_CHOSEN = {"research": Profile.RESEARCH, "library": Profile.LIBRARY}
"""What else can be chosen, applications and platforms, is in production."""


def profile(project: Project) -> Profile:
    """The profile that the user chose, else the one that the files show."""
    chosen = project.options.profile
    if chosen != "auto":
        return _CHOSEN.get(chosen, Profile.PRODUCTION)
    if project.nature(project.environment.root_of("")) is Nature.LIBRARY:
        return Profile.LIBRARY
    return Profile.PRODUCTION if is_served(project.sights) else Profile.RESEARCH


def is_served(sights: Sights) -> bool:
    """Whether anything in use answers requests with a model, or is deployed.

    Of a deployed object one knows that only beside code that answers: a database is deployed alike.
    """
    serving = sights.project.serving
    if any(unit.path in sights.files for unit in serving.units):
        return True
    if any(True for _ in deploy_commands(sights)):
        return True
    if any(handler.path in sights.files for handler in serving.of_models):
        return True
    return any(thing.kind in _DEPLOYED for thing in sights.objects) and any(
        handler.path in sights.files for handler in serving.handlers
    )
