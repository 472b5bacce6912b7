"""The signs that speak for a level: each looks for one practice and gives what it saw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeAlias

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import Names, api_table
from mlaudit.maturity import (
    data_signs,
    deployment_signs,
    document_signs,
    drift_signs,
    finding_signs,
    model_signs,
    monitoring_signs,
    reproducibility_signs,
    scan_signs,
)
from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.pattern_signs import body_for_a_model, route_of_a_model
from mlaudit.maturity.view import View

Sign: TypeAlias = Callable[[View], Iterator[Evidence]]


# data versioning


def dvc_tracked_data(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        if path.endswith(".dvc") and facts.document is not None and _is_cached(facts):
            yield Evidence(True, "DVC tracks this data", path, tool="DVC")


def _is_cached(facts: FileFacts) -> bool:
    """Whether DVC keeps the bytes of any output, rather than their names alone."""
    entries = facts.document.entries if facts.document is not None else ()
    outputs = {entry.path[1] for entry in entries if entry.path[:1] == ("outs",) and entry.path[1:]}
    without = {e.path[1] for e in entries if e.path[2:] == ("cache",) and e.value is False}
    return not outputs or bool(outputs - without)


def lfs_tracked_data(view: View) -> Iterator[Evidence]:
    for path, facts in view.facts.items():
        if facts.blob is not None and facts.blob.lfs and _DATA.search(path):
            yield Evidence(True, "Git LFS keeps this data", path, tool="Git LFS")


_DATA = re.compile(r"\.(csv|tsv|parquet|feather|npy|npz|h5|hdf5|jsonl|tfrecord|arrow|sqlite|db)$")


_MOVING = (None, "main", "master", "refs/convert/parquet", "convert")


def pinned_dataset_revision(view: View) -> Iterator[Evidence]:
    for facts, call in view.calls(Names(["datasets.load_dataset"])):
        revision = call.keyword("revision")
        if isinstance(revision, Const) and revision.value not in _MOVING:
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
                line = facts.raw_line(text.line)
                yield Evidence(True, "data of a lakeFS reference", facts.path, line)
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
            yield Evidence(True, "dependencies are declared", path)


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


# the whole


def something_trains(view: View) -> Iterator[Evidence]:
    for entry in view.training[:MOST]:
        yield Evidence(True, "this program trains", entry.path, entry.line)


def in_git(view: View) -> Iterator[Evidence]:
    if view.project.repo.git is not None:
        yield Evidence(True, "git keeps the history", ".")


SIGNS: Mapping[str, Sign] = {
    "alerts-on-nothing": monitoring_signs.alerts_on_nothing,
    "alias-set-by-training": model_signs.alias_set_by_training,
    "card-with-content": document_signs.card_with_content,
    "card-without-content": document_signs.card_without_content,
    "changes-recorded": document_signs.changes_recorded,
    "ci-file": reproducibility_signs.ci_file,
    "data-asserted": data_signs.data_asserted,
    "dataset-artifact": dataset_artifact,
    "deploy-command-in-ci": deployment_signs.deploy_command_in_ci,
    "deploy-disabled": deployment_signs.deploy_disabled,
    "deploy-untested": deployment_signs.deploy_untested,
    "drift-acted": drift_signs.drift_acted,
    "drift-only-drawn": drift_signs.drift_only_drawn,
    "dvc-tracked-data": dvc_tracked_data,
    "feature-module-shared": data_signs.feature_module_shared,
    "features-computed-twice": data_signs.features_computed_twice,
    "git-remote": reproducibility_signs.git_remote,
    "image-built": reproducibility_signs.image_built,
    "in-git": in_git,
    "interpreter-named": interpreter_named,
    "is-application": reproducibility_signs.is_application,
    "lakefs-address": lakefs_address,
    "lfs-tracked-data": lfs_tracked_data,
    "lock": lock,
    "manifest": manifest,
    "metrics-unseen": monitoring_signs.metrics_unseen,
    "model-alert": monitoring_signs.model_alert,
    "model-card": document_signs.model_card,
    "model-file-of-run": model_signs.model_file_of_run,
    "models-routed": model_signs.models_routed,
    "notebook-kept": reproducibility_signs.notebook_kept,
    "notebooks-out-of-order": finding_signs.notebooks_out_of_order,
    "pachyderm-input": pachyderm_input,
    "paths-portable": finding_signs.paths_portable,
    "pinned-dataset-revision": pinned_dataset_revision,
    "pipeline-at-rest": deployment_signs.pipeline_at_rest,
    "promotion-ordered": deployment_signs.promotion_ordered,
    "readme-trains": reproducibility_signs.readme_trains,
    "readme-with-run-steps": document_signs.readme_with_run_steps,
    "rebuilt-per-stage": deployment_signs.rebuilt_per_stage,
    "receiver-empty": monitoring_signs.receiver_empty,
    "release-started-by-model": deployment_signs.release_started_by_model,
    "route-of-a-model": route_of_a_model,
    "body-for-a-model": body_for_a_model,
    "request-schema": data_signs.request_schema,
    "same-data-on-both-sides": drift_signs.same_data_on_both_sides,
    "sampler-unseeded": finding_signs.sampler_unseeded,
    "scan-blocks": scan_signs.scan_blocks,
    "scan-gates-release": scan_signs.scan_gates_release,
    "scan-ignored": scan_signs.scan_ignored,
    "serving-unit": deployment_signs.serving_unit,
    "settings-kept": finding_signs.settings_kept,
    "shared-dvc-remote": shared_dvc_remote,
    "something-trains": something_trains,
    "training-paused": deployment_signs.training_paused,
    "training-seeded": finding_signs.training_seeded,
    "training-triggered": deployment_signs.training_triggered,
    "training-without-tracking": finding_signs.training_without_tracking,
    "validation-after-fit": data_signs.validation_after_fit,
    "validation-result-dropped": data_signs.validation_result_dropped,
    "version-to-release": deployment_signs.version_to_release,
    "winner-tested": model_signs.winner_tested,
}
