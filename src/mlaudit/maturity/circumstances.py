"""What decides whether a question has an object at all."""

from __future__ import annotations

from mlaudit.maturity.signs import SIGNS
from mlaudit.project.nature import Nature, nature
from mlaudit.project.project import Project

SERVING = ("serving-unit", "deploy-command-in-ci", "gitops-application")


def circumstances(project: Project) -> frozenset[str]:
    """`library`, `no-training`, `nothing-served`: those that hold."""
    found = set()
    if all(nature(project, root.path) is Nature.LIBRARY for root in project.environment.roots):
        found.add("library")
    if not project.program.training:
        found.add("no-training")
    if not any(evidence for name in SERVING for evidence in SIGNS[name](project)):
        found.add("nothing-served")
    return frozenset(found)


def profile(given: frozenset[str]) -> str:
    """`library`, `application` (something is served) or `research`."""
    if "library" in given:
        return "library"
    return "research" if "nothing-served" in given else "application"
