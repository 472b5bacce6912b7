"""The signs that speak for a level: each looks for one practice and gives what it saw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import Names, api_table
from mlaudit.maturity.model import Evidence, Strength
from mlaudit.project.entry_points import EntryPoint
from mlaudit.project.project import Project
from mlaudit.repo.model import Context, Kind

Sign: TypeAlias = Callable[[Project], Iterator[Evidence]]

COUNTED = frozenset({Context.SRC, Context.SCRIPTS, Context.NOTEBOOKS, Context.CONFIG})
"""A level never rests on tests, documentation, examples, vendored or generated code."""
MOST = 5
"""Pieces of evidence of one sign that are worth naming."""


def counted(project: Project) -> Iterator[FileFacts]:
    """Files on which a level may rest."""
    for path, facts in project.facts.items():
        if project.files[path].context in COUNTED:
            yield facts


def training_of(project: Project) -> tuple[EntryPoint, ...]:
    """The entry points that train, examples and the like left out."""
    program = project.program
    return tuple(
        entry
        for entry in program.entry_points
        if project.files[entry.path].context in COUNTED and program.fits(entry)
    )


def _calls(project: Project, names: Names) -> Iterator[tuple[FileFacts, Call]]:
    for facts in counted(project):
        if facts.python is not None:
            for call in facts.python.calls:
                if call.callee and call.callee in names:
                    yield facts, call


def _called(table: str, says: str) -> Sign:
    """The sign that a function of an API table is called."""

    def sign(project: Project) -> Iterator[Evidence]:
        for number, (facts, call) in enumerate(_calls(project, api_table("maturity", table))):
            if number == MOST:
                return
            yield Evidence(True, says.format(call.callee), facts.path, _line(facts, call))

    return sign


def _line(facts: FileFacts, call: Call) -> int:
    """Line of a call in the file itself."""
    if facts.notebook is not None and call.line <= len(facts.notebook.raw_lines):
        return facts.notebook.raw_lines[call.line - 1].line
    return call.line


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
    for facts, call in _calls(project, Names(["datasets.load_dataset"])):
        revision = call.keyword("revision")
        if isinstance(revision, Const) and revision.value not in (None, "main"):
            yield Evidence(True, "a data set of a fixed revision", facts.path, _line(facts, call))


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
        line = _line(facts, facts.python.calls[site.number])
        yield Evidence(True, f"'{site.name}' seeds {entry.path}", site.path, line)


_GENERATORS = ("everything", "python", "numpy", "torch", "tensorflow")

# deployment

_SERVES = re.compile(
    r"\b(uvicorn|gunicorn|hypercorn|bentoml serve|mlflow models serve|torchserve|vllm serve|"
    r"tritonserver|tensorflow_model_server|ray serve|serve run|streamlit run|flask run)\b"
)
_DEPLOYS = re.compile(
    r"\b(kubectl (apply|set image|rollout)|helm (upgrade|install)|bentoml (cloud )?deploy|"
    r"az ml online-(deployment|endpoint)|gcloud (ai endpoints deploy-model|run deploy)|"
    r"databricks bundle deploy|terraform apply|cdk deploy|sam deploy|eb deploy|"
    r"aws (ecs update-service|cloudformation deploy|sagemaker create-endpoint)|flyctl deploy|"
    r"gcloud app deploy|modal deploy|anyscale service (rollout|deploy)|serverless deploy)\b"
)
_CI = (".github/workflows/", ".gitlab-ci", "azure-pipelines", ".circleci/", "bitbucket-pipelines")
_SERVING_FILES = ("bentofile.yaml", "cog.yaml")
_SERVING_KINDS = frozenset(
    {"InferenceService", "SeldonDeployment", "BentoDeployment", "RayService", "Deployment"}
)


def serving_unit(project: Project) -> Iterator[Evidence]:
    for facts in counted(project):
        if facts.path.rpartition("/")[2] in _SERVING_FILES:
            yield Evidence(True, "a service is declared", facts.path)
        if facts.kind is Kind.DOCKERFILE and facts.dockerfile is not None:
            for step in facts.dockerfile.instructions:
                if step.keyword in ("CMD", "ENTRYPOINT") and _SERVES.search(_flat(step.value)):
                    yield Evidence(True, "an image serves", facts.path, step.span.line)
        yield from _kubernetes(facts, _SERVING_KINDS, "an object that serves")


def _kubernetes(facts: FileFacts, kinds: frozenset[str], says: str) -> Iterator[Evidence]:
    if facts.document is None or facts.kind is not Kind.YAML:
        return
    api = {e.document for e in facts.document.entries if e.path == ("apiVersion",)}
    for entry in facts.document.entries:
        if entry.path == ("kind",) and entry.document in api and entry.value in kinds:
            yield Evidence(True, f"{says}: {entry.value}", facts.path, entry.line)


def deploy_command_in_ci(project: Project) -> Iterator[Evidence]:
    for path, facts in project.facts.items():
        if path.startswith(_CI):
            for command in facts.commands:
                found = _DEPLOYS.search(command.text)
                if found:
                    yield Evidence(True, f"CI runs '{found[1]}'", path, command.line)


def gitops_application(project: Project) -> Iterator[Evidence]:
    for facts in counted(project):
        for evidence in _kubernetes(facts, frozenset({"Application", "Kustomization"}), "GitOps"):
            text = [e.value for e in facts.document.entries] if facts.document else []
            if any(isinstance(v, str) and _GITOPS.match(v) for v in text):
                yield evidence


_GITOPS = re.compile(r"argoproj\.io/|kustomize\.toolkit\.fluxcd\.io/")


def _flat(command: str) -> str:
    """An exec form as one line of words."""
    return re.sub(r'[\[\]",]+', " ", command).replace("  ", " ")


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
    "dataset-artifact": _called("maturity.dataset-artifacts", "'{}' keeps data as an artifact"),
    "shared-dvc-remote": shared_dvc_remote,
    "lakefs-address": lakefs_address,
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
