"""The signs that speak for a level: each looks for one practice and gives what it saw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeAlias

from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import Names, api_table
from mlaudit.maturity.deployment_signs import (
    deploy_command_in_ci,
    gitops_application,
    serving_unit,
)
from mlaudit.maturity.looking import MOST, calls_in, counted, line_of, training_of
from mlaudit.maturity.model import Evidence, Strength
from mlaudit.project.project import Project

Sign: TypeAlias = Callable[[Project], Iterator[Evidence]]


def _called(table: str, says: str) -> Sign:
    """The sign that a function of an API table is called."""

    def sign(project: Project) -> Iterator[Evidence]:
        for number, (facts, call) in enumerate(calls_in(project, api_table("maturity", table))):
            if number == MOST:
                return
            yield Evidence(True, says.format(call.callee), facts.path, line_of(facts, call))

    return sign


# data versioning


def dvc_tracked_data(project: Project) -> Iterator[Evidence]:
    for path, facts in project.facts.items():
        if path.endswith(".dvc") and facts.document is not None:
            yield Evidence(True, "DVC tracks this data", path, tool="DVC")


def lfs_tracked_data(project: Project) -> Iterator[Evidence]:
    for path, facts in project.facts.items():
        if facts.blob is not None and facts.blob.lfs and _DATA.search(path):
            yield Evidence(True, "Git LFS keeps this data", path, tool="Git LFS")


_DATA = re.compile(r"\.(csv|tsv|parquet|feather|npy|npz|h5|hdf5|jsonl|tfrecord|arrow|sqlite|db)$")


def pinned_dataset_revision(project: Project) -> Iterator[Evidence]:
    for facts, call in calls_in(project, Names(["datasets.load_dataset"])):
        revision = call.keyword("revision")
        if isinstance(revision, Const) and revision.value not in (None, "main"):
            yield Evidence(True, "a data set of a fixed revision", facts.path, line_of(facts, call))


def shared_dvc_remote(project: Project) -> Iterator[Evidence]:
    """A default remote that is no folder of one machine."""
    for path in project.files:
        if path == ".dvc/config" or path.endswith("/.dvc/config"):
            text = project.repo.read(path).decode("utf-8", "replace")
            url = re.search(r"^\s*url\s*=\s*((?:s3|gs|gdrive|azure|https?|ssh|hdfs|oss|webdavs?)://)",
                            text, re.MULTILINE)  # fmt: skip
            if url and re.search(r"^\s*remote\s*=", text, re.MULTILINE):
                line = text.count("\n", 0, url.start(1)) + 1
                yield Evidence(True, "DVC data lies in a shared remote", path, line, tool="DVC")


def lakefs_address(project: Project) -> Iterator[Evidence]:
    for facts in counted(project):
        for text in facts.python.texts if facts.python else ():
            if text.value.startswith("lakefs://"):
                yield Evidence(True, "data of a lakeFS reference", facts.path, text.line)
                break


def pachyderm_input(project: Project) -> Iterator[Evidence]:
    """A pipeline of Pachyderm, which keeps a commit of all data that goes in."""
    for facts in counted(project):
        for entry in facts.document.entries if facts.document is not None else ():
            if entry.path[-2:] == ("pfs", "repo") and isinstance(entry.value, str):
                yield Evidence(True, "data of a Pachyderm repository", facts.path, entry.line)
                break


def dataset_artifact(project: Project) -> Iterator[Evidence]:
    """Data kept as an artifact with versions; W&B's artifacts may be models as well."""
    calls = calls_in(project, api_table("maturity", "maturity.dataset-artifacts"))
    data = (one for one in calls if not _keeps_model(one[1]))
    for facts, call in islice(data, MOST):
        says = f"'{call.callee}' gives data a version"
        yield Evidence(True, says, facts.path, line_of(facts, call))


def _keeps_model(call: Call) -> bool:
    kind = call.keyword("type")
    if kind is None and call.callee == "wandb.Artifact" and len(call.args) > 1:
        kind = call.args[1]
    return isinstance(kind, Const) and "model" in str(kind.value)


# reproducibility


def manifest(project: Project) -> Iterator[Evidence]:
    for path, facts in project.facts.items():
        if facts.manifest is not None and facts.manifest.dependencies:
            yield Evidence(True, "dependencies are declared", path, strength=Strength.DECLARED)


def lock(project: Project) -> Iterator[Evidence]:
    for path, facts in project.facts.items():
        if facts.lock is not None and facts.lock.packages:
            yield Evidence(True, f"{facts.lock.manager} lock", path, tool=facts.lock.manager)
        elif facts.manifest is not None and facts.manifest.compiled_by:
            yield Evidence(True, "compiled requirements", path, tool=facts.manifest.compiled_by)


def interpreter_named(project: Project) -> Iterator[Evidence]:
    for path, facts in project.facts.items():
        if facts.manifest is not None and facts.manifest.python:
            line = facts.manifest.python_span.line
            yield Evidence(True, f"Python {facts.manifest.python}", path, line)


def training_seeded(project: Project) -> Iterator[Evidence]:
    """Every training entry point seeds the generators of what it fits with."""
    program = project.program
    training = training_of(project)
    seeds = [api_table("seeding", f"seeding.{name}") for name in _GENERATORS]
    seeds.append(api_table("frameworks", "frameworks.seed"))
    for entry in training:
        sites = [s for s in program.reach(entry).sites if any(s.name in names for names in seeds)]
        if not sites:
            return
    for entry in training[:MOST]:
        site = next(
            s for s in program.reach(entry).sites if any(s.name in names for names in seeds)
        )
        facts = project.facts[site.path]
        assert facts.python is not None
        line = line_of(facts, facts.python.calls[site.number])
        yield Evidence(True, f"'{site.name}' seeds {entry.path}", site.path, line)


_GENERATORS = ("python", "numpy", "torch", "tensorflow")

# documentation


def readme_with_run_steps(project: Project) -> Iterator[Evidence]:
    for path, facts in project.facts.items():
        name = path.rpartition("/")[2].lower()
        if "/" not in path and name.startswith("readme") and facts.prose is not None:
            for step in facts.prose.commands:
                yield Evidence(True, "says how to run it", path, step.line)
                return


def model_card(project: Project) -> Iterator[Evidence]:
    for path in project.files:
        if re.search(r"(^|/)model[-_ ]?card[^/]*\.(md|rst|ya?ml|json)$", path, re.IGNORECASE):
            yield Evidence(True, "a model card", path)


SIGNS: Mapping[str, Sign] = {
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
}
