"""What decides whether a question has an object at all."""

from __future__ import annotations

from mlaudit.maturity.signing import sign
from mlaudit.maturity.view import View
from mlaudit.project.catalogue import Strength
from mlaudit.project.nature import Nature

SERVING = ("serving-unit", "deploy-command-in-ci", "gitops-application")

FITS = frozenset({"fit", "fit_predict", "partial_fit", "backward", "fine_tune", "apply_gradients"})


def circumstances(view: View) -> frozenset[str]:
    """`library`, `no-training`, `nothing-served` ...: those that hold."""
    found = set()
    if view.project.nature(view.project.environment.root_of("")) is Nature.LIBRARY:
        return frozenset({"library"})
    if not view.training and not _fits_anywhere(view):
        found.add("no-training")
    if not any(evidence for name in SERVING for evidence in sign(name)(view)):
        found.add("nothing-served")
    if "nothing-served" in found and not _has(view, "model-registered"):
        found.add("nothing-promoted")
    if not _has(view, "feature-definitions") and (found or not _reads_tables(view)):
        found.add("no-features-shared")
    return frozenset(found)


def _has(view: View, name: str) -> bool:
    return any(True for _ in sign(name)(view))


def _reads_tables(view: View) -> bool:
    """Whether rows and columns are worked on, rather than images, sounds or texts alone."""
    return any(one.tool == "pandas" and one.strength is Strength.CALLED for one in view.tools)


def _fits_anywhere(view: View) -> bool:
    """Whether something may train that no entry point could be followed to."""
    return any(
        (call.local or call.callee or call.method).rpartition(".")[2] in FITS
        for facts in view.counted
        for call in (facts.python.calls if facts.python else ())
    )


def profile(given: frozenset[str]) -> str:
    """`library`, `application` (something is served) or `research`."""
    if "library" in given:
        return "library"
    return "research" if "nothing-served" in given else "application"
