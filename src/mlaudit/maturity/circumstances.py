"""What decides whether a question has an object at all."""

from __future__ import annotations

from mlaudit.maturity.looking import counted, training_of
from mlaudit.maturity.signs import SIGNS
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project

SERVING = ("serving-unit", "deploy-command-in-ci", "gitops-application")

FITS = frozenset({"fit", "fit_predict", "partial_fit", "backward", "fine_tune", "apply_gradients"})


def circumstances(project: Project) -> frozenset[str]:
    """`library`, `no-training`, `nothing-served`: those that hold."""
    found = set()
    if project.nature(project.environment.root_of("")) is Nature.LIBRARY:
        return frozenset({"library"})
    if not training_of(project) and not _fits_anywhere(project):
        found.add("no-training")
    if not any(evidence for name in SERVING for evidence in SIGNS[name](project)):
        found.add("nothing-served")
    return frozenset(found)


def _fits_anywhere(project: Project) -> bool:
    """Whether something may train that no entry point could be followed to."""
    return any(
        (call.local or call.callee or call.method).rpartition(".")[2] in FITS
        for facts in counted(project)
        for call in (facts.python.calls if facts.python else ())
    )


def profile(given: frozenset[str]) -> str:
    """`library`, `application` (something is served) or `research`."""
    if "library" in given:
        return "library"
    return "research" if "nothing-served" in given else "application"
