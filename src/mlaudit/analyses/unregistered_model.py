"""Programs whose model ends on a disk, from which it is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from mlaudit.analyses.recorded_runs import uses_folder_of_run
from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import AnyValue, Call, Collection, Const, Global, Local, Mapping, Result
from mlaudit.knowledge import Names, api_table
from mlaudit.project.linking.calls import call_of
from mlaudit.project.linking.reach import Reach
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.project.values.flow import within
from mlaudit.repo.model import Context
from mlaudit.rules.model import Match, Related, Rule, Spot

SERVERS = frozenset(
    {
        "fastapi", "flask", "bentoml", "litserve", "mlserver", "kserve", "seldon_core", "starlette",
        "sanic", "quart", "falcon", "tornado", "triton_python_backend_utils", "streamlit", "gradio",
    }
)  # fmt: skip
"""Packages that answer requests."""
PLATFORMS = ("azureml", "azure.ai.ml", "sagemaker", "google.cloud.aiplatform", "kfp", "lakefs")
"""Packages of platforms that keep versions of what a job leaves."""
VERSIONED = ("dvc.yaml", "dvc.lock")
MAY_PUBLISH = ("push", "upload", "register", "publish", "deploy", "log_model", "log_artifact")
RESUMING = ("optimizer", "scheduler", "epoch", "ckpt", "checkpoint")
"""Words of what is saved to go on with training."""
ASIDE = (Context.TESTS, Context.DOCS, Context.VENDORED, Context.GENERATED)
SHORTEST = 5
"""Letters of a file name that tells something."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each training program that saves a model which a server or image takes up."""
    for entry in training_programs(project, rule):
        if project.files[entry.path].context.value not in rule.contexts:
            continue
        root = project.environment.root_of(entry.path).path
        if _is_versioned(project, root):
            continue
        reached = project.program.reach(entry)
        for saved, name in _saved(project, reached):
            server = _server_of(project, root, name)
            if server and not _is_published(project, root, reached):
                related = Related(Spot(server), f"'{name}' is served from here")
                values = {"callee": saved.name}
                yield Match(rule.id, spot_of(project, saved), values, related=(related,))
                break


def _is_versioned(project: Project, root: str) -> bool:
    return any(
        f"{folder}{name}" in project.files
        for folder in {"", f"{root}/" if root else ""}
        for name in VERSIONED
    )


def _saved(project: Project, reached: Reach) -> Iterator[tuple[Site, str]]:
    """Calls that keep a model under a literal name, with it; not what is kept to go on training."""
    keepers = api_table("tracking", "tracking.keepers")
    for site in reversed(reached.sites):
        if site.name in keepers and not _resumes(project, site):
            name = _file_name(project, site)
            if len(name) >= SHORTEST:
                yield site, name


def _file_name(project: Project, site: Site) -> str:
    """The last part of the last literal among the arguments, through `open` and joined paths."""
    python = project.facts[site.path].python
    assert python is not None
    stack: list[AnyValue] = list(_values(call_of(project, site)))
    names = []
    for _ in range(20):
        if not stack:
            break
        value = stack.pop(0)
        constant = project.program.constant(site.path, value, call_of(project, site).block)
        if constant is not None and isinstance(constant.value, str):
            names.append(PurePosixPath(constant.value).name)
        elif isinstance(value, Result):
            stack += _values(python.calls[value.call])
        elif isinstance(value, Local):
            stack += [b.value for b in python.bindings if b.name == value.name][:1]
        elif not isinstance(value, Const):
            stack += [part for part in within(value) if isinstance(part, Const | Result)]
    return next((name for name in names if "." in name), "")


def _values(call: Call) -> list[AnyValue]:
    return [*call.args, *(value for _, value in call.keywords)]


def _resumes(project: Project, site: Site) -> bool:
    python = project.facts[site.path].python
    assert python is not None
    scope = python.scopes[python.blocks[call_of(project, site).block].scope]
    words = [scope.name.lower(), *_words(call_of(project, site))]
    return any(part in word for word in words for part in RESUMING)


def _words(call: Call) -> Iterator[str]:
    for value in _values(call):
        parts: tuple[AnyValue | None, ...] = (value,)
        if isinstance(value, Mapping):
            parts = value.keys
        elif isinstance(value, Collection):
            parts = value.items
        for part in parts:
            if isinstance(part, Const):
                yield str(part.value).lower()
            elif isinstance(part, Local | Global):
                yield part.name.lower()


def _server_of(project: Project, root: str, name: str) -> str:
    """The file of the project that serves a model of this name, or puts it into an image."""
    for path, file in project.facts.items():
        if project.files[path].context in ASIDE or not _names(file, name):
            continue
        if project.environment.root_of(path).path == root:
            return path
    return ""


def _names(file: FileFacts, name: str) -> bool:
    if file.dockerfile is not None:
        return any(name in one.value for one in file.dockerfile.instructions)
    if file.python is None:
        return False
    serves = any(item.target.partition(".")[0] in SERVERS for item in file.python.imports)
    return serves and any(text.value.endswith(name) for text in file.python.texts)


def _is_published(project: Project, root: str, reached: Reach) -> bool:
    """By the program, or by any other of the project: one trains, the next one registers."""
    table = api_table("tracking", "tracking.registries")
    python = project.runs.python
    paths = {path for path in python if project.environment.root_of(path).path == root}
    for path in sorted((paths | {path for path, _ in reached.scopes}) & python.keys()):
        code = python[path]
        if any(item.target.startswith(PLATFORMS) for item in code.imports):
            return True
        if uses_folder_of_run(code) or any(_publishes(call, table) for call in code.calls):
            return True
    return False


def _publishes(call: Call, table: Names) -> bool:
    if call.callee and call.callee in table:
        return True
    if any(name in ("registered_model_name", "push_to_hub") for name, _ in call.keywords):
        return True
    last = (call.callee or call.local or call.method).rpartition(".")[2].lower()
    return any(word in last for word in MAY_PUBLISH)
