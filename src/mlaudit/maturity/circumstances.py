"""What kind of project it is, and which questions have an object at all.

Presence beats the profile: what is there is judged, whatever the profile would waive.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mlaudit.maturity.doubts import clouds_of
from mlaudit.maturity.signing import seen
from mlaudit.maturity.view import View
from mlaudit.project.nature import Nature, importable
from mlaudit.project.practices.catalogue import Strength, catalogue
from mlaudit.project.profile import is_served

FITS = frozenset({"fit", "fit_predict", "partial_fit", "backward", "fine_tune", "apply_gradients"})
_FIT = re.compile(rf"\.(?:{'|'.join(sorted(FITS))})\(")
_DATA = re.compile(r"\.(?:csv|tsv|parquet|feather|npy|npz|h5|hdf5|jsonl|tfrecord|arrow|sqlite|db)$")
_BUILT = frozenset({"terraform", "pulumi", "cloudformation"})
"""Tools that describe the infrastructure."""
_SERVING_FILES = re.compile(r"(?:^|/)(?:bentofile\.ya?ml|cog\.yaml)$")
_SERVING_KINDS = frozenset({"InferenceService", "SeldonDeployment", "BentoDeployment"})


class Circumstances(NamedTuple):
    profile: str
    """`research`, `application`, `library`, `platform`."""
    holding: frozenset[str]
    """`library`, `no-training`, `nothing-served` ...: what the files of the model ask about."""
    trains: bool
    serves: bool


def circumstances(view: View) -> Circumstances:
    """The profile that the user chose, else the one that the files show, and what follows."""
    chosen = {"production": "application"}.get(
        view.project.options.profile, view.project.options.profile
    )
    if view.project.nature(view.root) is Nature.LIBRARY and chosen in ("auto", "library"):
        return Circumstances("library", _of_library(view), trains=False, serves=False)
    trains = bool(view.training) or _fits_anywhere(view)
    serves = is_served(view)
    profile = _shown(view, serves) if chosen == "auto" else chosen
    if profile == "library" and not trains and not serves:
        return Circumstances("library", _of_library(view), trains, serves)
    holding = frozenset(_holding(view, profile, trains, serves))
    return Circumstances(profile, holding, trains, serves)


def _holding(view: View, profile: str, trains: bool, serves: bool) -> set[str]:
    found = set()
    if not trains:
        found.add("no-training")
    if not serves and profile not in ("application", "platform"):
        found.add("nothing-served")
    if profile == "research" and not serves and not seen(view, "training-triggered"):
        found.add("research")
    if not serves and not seen(view, "model-registered"):
        found.add("nothing-promoted")
    if not seen(view, "feature-definitions") and not (trains and serves and _reads_tables(view)):
        found.add("no-features-shared")
    return found


def _of_library(view: View) -> frozenset[str]:
    packages = tuple(f"{one}/" for one in importable(view.project, view.root))
    ships = any(path.startswith(packages) and _DATA.search(path) for path in view.files)
    return frozenset({"library"} if ships else {"library", "no-data-shipped"})


def _shown(view: View, serves: bool) -> str:
    if not serves:
        return "research"
    return "platform" if _is_platform(view) else "application"


def _is_platform(view: View) -> bool:
    """Several models or project roots serve; or infrastructure as code, an orchestrator and a
    registry are in use together."""
    serving, root_of = view.project.serving, view.project.environment.root_of
    places = [one.path for one in serving.units] + [one.path for one in serving.of_models]
    roots = {root_of(path).path for path in places}
    manifests = {path for path in view.files if _SERVING_FILES.search(path)}
    models = {
        entry.value
        for thing in view.objects
        if thing.name in _SERVING_KINDS
        for entry in thing.entries
        if entry.path == ("metadata", "name")
    }
    if max(len(roots), len(manifests), len(models)) > 1:
        return True
    called = {one.tool for one in view.tools if one.strength is Strength.CALLED}
    orchestrates = any("pipeline" in catalogue()[tool].gives for tool in called)
    return bool(called & _BUILT) and orchestrates and bool(seen(view, "model-registered"))


def _reads_tables(view: View) -> bool:
    """Whether rows and columns are worked on, rather than images, sounds or texts alone."""
    return any(one.tool == "pandas" and one.strength is Strength.CALLED for one in view.tools)


def _fits_anywhere(view: View) -> bool:
    """Whether something may train that no entry point could be followed to, or nobody can read."""
    if any(
        (call.local or call.callee or call.method).rpartition(".")[2] in FITS
        for facts in view.counted
        for call in (facts.python.calls if facts.python else ())
    ):
        return True
    return any(cloud.code and _FIT.search(cloud.text) for cloud in clouds_of(view))
