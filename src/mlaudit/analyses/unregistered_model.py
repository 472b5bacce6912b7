"""Programs whose model ends on a disk, in projects that serve or ship models."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.spots import call_of, spot_of
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.syntax import Call, Const, Mapping
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.project.reach import Reach
from mlaudit.project.steps import Site
from mlaudit.repo.model import Context, Kind
from mlaudit.rules.model import Match, Rule

SERVERS = frozenset(
    {
        "fastapi", "flask", "bentoml", "litserve", "mlserver", "kserve", "seldon_core", "starlette",
        "sanic", "quart", "falcon", "tornado", "triton_python_backend_utils",
    }
)  # fmt: skip
"""Packages that answer requests."""
VERSIONED = ("dvc.yaml", "dvc.lock")
MAY_PUBLISH = ("push", "upload", "register", "publish", "deploy", "log_model", "log_artifact")
RESUMING = ("optimizer", "scheduler", "epoch", "ckpt", "checkpoint")
"""Words of what is saved to go on with training."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each training program that saves a model and brings it nowhere."""
    serving: dict[str, bool] = {}
    for entry in training_programs(project, rule):
        root = project.environment.root_of(entry.path).path
        if root not in serving:
            serving[root] = _serves(project, root)
        if not serving[root] or _is_versioned(project, root):
            continue
        reached = project.program.reach(entry)
        saved = _saved(project, reached)
        if saved is not None and not _is_published(project, reached):
            yield Match(rule.id, spot_of(project, saved), {"callee": saved.name})


def _serves(project: Project, root: str) -> bool:
    """Whether the project answers requests or builds an image to do so."""
    for path, file in project.facts.items():
        if project.environment.root_of(path).path != root:
            continue
        if project.files[path].context in (Context.TESTS, Context.DOCS, Context.VENDORED):
            continue
        if file.kind is Kind.DOCKERFILE:
            return True
        imports = file.python.imports if file.python is not None else ()
        if any(item.target.partition(".")[0] in SERVERS for item in imports):
            return True
    return False


def _is_versioned(project: Project, root: str) -> bool:
    return any(
        f"{folder}{name}" in project.files
        for folder in {"", f"{root}/" if root else ""}
        for name in VERSIONED
    )


def _saved(project: Project, reached: Reach) -> Site | None:
    """The last call that keeps a model, what is kept to go on with training left out."""
    keepers = api_table("tracking", "tracking.keepers")
    sites = [site for site in reached.sites if site.name in keepers]
    models = [site for site in sites if not _resumes(project, site)]
    return models[-1] if models else None


def _resumes(project: Project, site: Site) -> bool:
    python = project.facts[site.path].python
    assert python is not None
    scope = python.scopes[python.blocks[call_of(project, site).block].scope]
    words = [scope.name.lower(), *_texts(call_of(project, site))]
    return any(part in word for word in words for part in RESUMING)


def _texts(call: Call) -> Iterator[str]:
    for value in (*call.args, *(value for _, value in call.keywords)):
        parts = value.keys if isinstance(value, Mapping) else (value,)
        for part in parts:
            if isinstance(part, Const):
                yield str(part.value).lower()
            elif part is not None and hasattr(part, "name"):
                yield str(part.name).lower()


def _is_published(project: Project, reached: Reach) -> bool:
    table = api_table("tracking", "tracking.registries")
    for site in reached.sites:
        if site.name in table:
            return True
        call = call_of(project, site)
        if any(name in ("registered_model_name", "push_to_hub") for name, _ in call.keywords):
            return True
        last = (site.name or call.local or call.method).rpartition(".")[2].lower()
        if any(word in last for word in MAY_PUBLISH):
            return True
    return False
