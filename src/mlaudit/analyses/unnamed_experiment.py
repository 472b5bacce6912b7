"""Runs that nobody says belong to which experiment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from mlaudit.analyses.recorded_runs import is_trial
from mlaudit.analyses.spots import spot_of
from mlaudit.facts.records import FileFacts
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.project.runs import Region
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Rule

ARGUMENTS = {"mlflow": ("experiment_id",), "wandb": ("project", "settings")}
VARIABLES = {
    "mlflow": ("MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"),
    "wandb": ("WANDB_PROJECT",),
}
PLATFORMS = ("databricks", "azureml", "azure.ai.ml", "sagemaker", "dagshub", "neptune")
"""Where the platform says which experiment a run belongs to."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each file in which a run of a tracker is opened with no experiment."""
    seen: set[tuple[str, str]] = set()
    for region in project.runs.regions:
        path, owner = region.start.path, region.owner
        file = project.files[path]
        if file.context.value not in rule.contexts or not project.repo.selected(path):
            continue
        if (path, owner) in seen or region.resumed or _is_named(project, region):
            continue
        seen.add((path, owner))
        values = {"callee": region.start.name, "argument": _missing(owner)}
        yield Match(rule.id, spot_of(project, region.start), values)


def _missing(owner: str) -> str:
    return "project" if owner == "wandb" else "experiment"


def _is_named(project: Project, region: Region) -> bool:
    call = project.runs.call(region.start)
    if call.open or any(call.keyword(name) is not None for name in ARGUMENTS[region.owner]):
        return True
    if region.owner == "wandb" and call.args:
        return True
    if is_trial(project, region) or any(project.runs.parents(region)):
        return True
    return _is_set(project, region) or _in_environment(project, region)


def _is_set(project: Project, region: Region) -> bool:
    """By a call in any file of the same project: who runs before whom is not asked."""
    table = api_table("tracking", "tracking.names-experiment")
    return any(
        call.callee in table
        for path in _paths(project, region)
        for call in project.runs.python[path].calls
    )


def _paths(project: Project, region: Region) -> Iterator[str]:
    root = project.environment.root_of(region.start.path)
    for path in project.runs.python:
        if project.environment.root_of(path) == root:
            yield path


def _in_environment(project: Project, region: Region) -> bool:
    """A variable, an MLproject file or a platform names the experiment."""
    names = VARIABLES[region.owner]
    if any(map(_is_azure_job, project.of_kind(Kind.YAML))):
        return True
    if any(_imports_platform(project, path) for path in _paths(project, region)):
        return True
    near = partial(_is_near, region.start.path)
    if any(path.endswith(("MLproject", "wandb/settings")) and near(path) for path in project.files):
        return True
    return any(_mentions(file, names) for path, file in project.facts.items() if near(path))


def _is_azure_job(file: FileFacts) -> bool:
    """Azure ML runs jobs in the experiment that the job, or whoever submits it, names."""
    entries = file.document.entries if file.document is not None else ()
    return any(isinstance(e.value, str) and "azuremlschemas" in e.value for e in entries)


def _is_near(path: str, other: str) -> bool:
    """Whether a file lies in the same folder as another, or in one above it or below it."""
    one, two = (f"{each.rpartition('/')[0]}/".lstrip("/") for each in (path, other))
    return one.startswith(two) or two.startswith(one)


def _imports_platform(project: Project, path: str) -> bool:
    python = project.runs.python[path]
    return any(item.target.startswith(PLATFORMS) for item in python.imports) or any(
        text.value.startswith("databricks") for text in python.texts
    )


def _mentions(file: FileFacts, names: tuple[str, ...]) -> bool:
    if any(setting.name in names for setting in file.settings):
        return True
    if any(name in command.text for command in file.commands for name in names):
        return True
    if file.python is not None and any(text.value in names for text in file.python.texts):
        return True
    cells = file.notebook.cells if file.notebook is not None else ()
    if any(name in magic.text for cell in cells for magic in cell.magics for name in names):
        return True
    if file.dockerfile is not None:
        return any(n in one.value for one in file.dockerfile.instructions for n in names)
    entries = file.document.entries if file.document is not None else ()
    return any(
        name in str(word)
        for entry in entries
        for word in (*entry.path[-1:], entry.value)
        for name in names
        if isinstance(word, str)
    )
