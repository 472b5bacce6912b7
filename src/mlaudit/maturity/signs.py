"""The signs that speak for a level: each looks for one practice and gives what it saw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeAlias

from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import Names, api_table
from mlaudit.maturity.data_signs import data_asserted
from mlaudit.maturity.deployment_signs import (
    deploy_command_in_ci,
    gitops_application,
    serving_unit,
)
from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.pattern_signs import route_of_a_model
from mlaudit.maturity.reproducibility_signs import (
    ci_file,
    git_remote,
    image_built,
    is_application,
    notebook_kept,
    readme_trains,
)
from mlaudit.maturity.trigger_signs import training_triggered
from mlaudit.maturity.view import View
from mlaudit.project.catalogue import Strength

Sign: TypeAlias = Callable[[View], Iterator[Evidence]]


def _called(table: str, says: str) -> Sign:
    """The sign that a function of an API table is called."""

    def sign(view: View) -> Iterator[Evidence]:
        for number, (facts, call) in enumerate(view.calls(api_table("maturity", table))):
            if number == MOST:
                return
            yield Evidence(True, says.format(call.callee), facts.path, facts.raw_line(call.line))

    return sign


# data versioning


def dvc_tracked_data(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        if path.endswith(".dvc") and facts.document is not None:
            yield Evidence(True, "DVC tracks this data", path, tool="DVC")


def lfs_tracked_data(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        if facts.blob is not None and facts.blob.lfs and _DATA.search(path):
            yield Evidence(True, "Git LFS keeps this data", path, tool="Git LFS")


_DATA = re.compile(r"\.(csv|tsv|parquet|feather|npy|npz|h5|hdf5|jsonl|tfrecord|arrow|sqlite|db)$")


def pinned_dataset_revision(view: View) -> Iterator[Evidence]:
    for facts, call in view.calls(Names(["datasets.load_dataset"])):
        revision = call.keyword("revision")
        if isinstance(revision, Const) and revision.value not in (None, "main"):
            yield Evidence(
                True, "a data set of a fixed revision", facts.path, facts.raw_line(call.line)
            )


def shared_dvc_remote(view: View) -> Iterator[Evidence]:
    """A default remote that is no folder of one machine."""
    for root in view.project.dvc:
        remote = root.config.remotes.get(root.config.default)
        if remote is not None and _SHARED.match(remote.url):
            says = "DVC data lies in a shared remote"
            yield Evidence(True, says, root.config_path, remote.url_line, tool="DVC")


_SHARED = re.compile(r"(?:s3|gs|gdrive|azure|https?|ssh|hdfs|oss|webdavs?)://")


def lakefs_address(view: View) -> Iterator[Evidence]:
    for facts in view.counted:
        for text in facts.python.texts if facts.python else ():
            if text.value.startswith("lakefs://"):
                yield Evidence(True, "data of a lakeFS reference", facts.path, text.line)
                break


def pachyderm_input(view: View) -> Iterator[Evidence]:
    """A pipeline of Pachyderm, which keeps a commit of all data that goes in."""
    for facts in view.counted:
        for entry in facts.document.entries if facts.document is not None else ():
            if entry.path[-2:] == ("pfs", "repo") and isinstance(entry.value, str):
                yield Evidence(True, "data of a Pachyderm repository", facts.path, entry.line)
                break


def dataset_artifact(view: View) -> Iterator[Evidence]:
    """Data kept as an artifact with versions; W&B's artifacts may be models as well."""
    calls = view.calls(api_table("maturity", "maturity.dataset-artifacts"))
    data = (one for one in calls if not _keeps_model(one[1]))
    for facts, call in islice(data, MOST):
        says = f"'{call.callee}' gives data a version"
        yield Evidence(True, says, facts.path, facts.raw_line(call.line))


def _keeps_model(call: Call) -> bool:
    kind = call.keyword("type")
    if kind is None and call.callee == "wandb.Artifact" and len(call.args) > 1:
        kind = call.args[1]
    return isinstance(kind, Const) and "model" in str(kind.value)


# reproducibility


def manifest(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        if facts.manifest is not None and facts.manifest.dependencies:
            yield Evidence(True, "dependencies are declared", path, strength=Strength.DECLARED)


def lock(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        if facts.lock is not None and facts.lock.packages:
            yield Evidence(True, f"{facts.lock.manager} lock", path, tool=facts.lock.manager)
        elif facts.manifest is not None and facts.manifest.compiled_by:
            yield Evidence(True, "compiled requirements", path, tool=facts.manifest.compiled_by)


def interpreter_named(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        if facts.manifest is not None and facts.manifest.python:
            line = facts.manifest.python_span.line
            yield Evidence(True, f"Python {facts.manifest.python}", path, line)


def training_seeded(view: View) -> Iterator[Evidence]:
    """No training entry point draws what nobody seeds, as far as its calls could be followed."""
    unseeded = {match.spot.path for match in view.matches if match.rule in _UNSEEDED}
    training = view.training
    if any(entry.path in unseeded for entry in training):
        return
    for entry in training[:MOST]:
        yield Evidence(True, "this program seeds what it draws with", entry.path, entry.line)


_UNSEEDED = frozenset({"REP001", "REP002", "REP003", "REP005", "REP006"})

# documentation


def readme_with_run_steps(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        name = path.rpartition("/")[2].lower()
        if "/" not in path and name.startswith("readme") and facts.prose is not None:
            for step in facts.prose.commands:
                yield Evidence(True, "says how to run it", path, step.line)
                return


def model_card(view: View) -> Iterator[Evidence]:
    for path in view.files:
        if re.search(r"(^|/)model[-_ ]?card[^/]*\.(md|rst|ya?ml|json)$", path, re.IGNORECASE):
            yield Evidence(True, "a model card", path)


def changes_recorded(view: View) -> Iterator[Evidence]:
    """A history, and a change log that says what it means."""
    for path in view.files if view.project.repo.git is not None else ():
        if re.fullmatch(r"(?i)(?:CHANGELOG|CHANGES|HISTORY|NEWS)(?:\.(?:md|rst|txt))?", path):
            yield Evidence(True, "git keeps the changes, and a log explains them", path)


def something_trains(view: View) -> Iterator[Evidence]:
    for entry in view.training[:MOST]:
        yield Evidence(True, "this program trains", entry.path, entry.line)


def in_git(view: View) -> Iterator[Evidence]:
    if view.project.repo.git is not None:
        yield Evidence(True, "git keeps the history", ".")


SIGNS: Mapping[str, Sign] = {
    "in-git": in_git,
    "something-trains": something_trains,
    "data-asserted": data_asserted,
    "training-triggered": training_triggered,
    "changes-recorded": changes_recorded,
    "dvc-tracked-data": dvc_tracked_data,
    "lfs-tracked-data": lfs_tracked_data,
    "pinned-dataset-revision": pinned_dataset_revision,
    "dataset-artifact": dataset_artifact,
    "shared-dvc-remote": shared_dvc_remote,
    "lakefs-address": lakefs_address,
    "pachyderm-input": pachyderm_input,
    "tracker-called": _called("maturity.tracker-starts", "'{}' starts a tracked run"),
    "tensorboard-or-metric-file": _called("maturity.metric-logs", "'{}' keeps metrics"),
    "parameters-logged": _called("maturity.parameters", "'{}' records parameters"),
    "metrics-logged": _called("maturity.metrics", "'{}' records metrics"),
    "experiment-named": _called("maturity.experiments", "'{}' names the experiment"),
    "manifest": manifest,
    "lock": lock,
    "interpreter-named": interpreter_named,
    "training-seeded": training_seeded,
    "serving-unit": serving_unit,
    "deploy-command-in-ci": deploy_command_in_ci,
    "gitops-application": gitops_application,
    "readme-with-run-steps": readme_with_run_steps,
    "model-card": model_card,
    "is-application": is_application,
    "image-built": image_built,
    "ci-file": ci_file,
    "route-of-a-model": route_of_a_model,
    "git-remote": git_remote,
    "notebook-kept": notebook_kept,
    "readme-trains": readme_trains,
}
