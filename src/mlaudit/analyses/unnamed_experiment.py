"""Runs that nobody says belong to which experiment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from mlaudit.analyses.recorded_runs import is_trial
from mlaudit.analyses.spots import spot_of
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import PythonFacts
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.project.runs.regions import Region
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Rule

ARGUMENTS = {"mlflow": ("experiment_id",), "wandb": ("project", "settings")}
VARIABLES = {
    "mlflow": ("MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"),
    "wandb": ("WANDB_PROJECT",),
}
PLATFORMS = ("databricks", "azureml", "azure.ai.ml", "sagemaker", "dagshub", "neptune")
"""Where the platform says which experiment a run belongs to."""
DECLARING = ("MLproject", "wandb/settings")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each file in which a run of a tracker is opened with no experiment."""
    seen: set[tuple[str, str]] = set()
    names = _Names(project)
    for region in project.runs.regions:
        path, owner = region.start.path, region.owner
        file = project.files[path]
        if file.context.value not in rule.contexts or not project.repo.selected(path):
            continue
        if (path, owner) in seen or region.resumed or _is_named(project, region):
            continue
        if names.name(path, owner):
            continue
        seen.add((path, owner))
        values = {"callee": region.start.name, "argument": _missing(owner)}
        yield Match(rule.id, spot_of(project, region.start), values)


def _missing(owner: str) -> str:
    return "project" if owner == "wandb" else "experiment"


def _is_named(project: Project, region: Region) -> bool:
    """By the call itself, or by the run or search around."""
    call = project.runs.call(region.start)
    if call.open or any(call.keyword(name) is not None for name in ARGUMENTS[region.owner]):
        return True
    if region.owner == "wandb" and call.args:
        return True
    return bool(project.runs.parents(region)) or is_trial(project, region)


class _Names:
    """Where else the name of an experiment may come from."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def name(self, path: str, owner: str) -> bool:
        """Whether something names the experiment of the runs that a file opens."""
        if self._by_azure or self._project.environment.root_of(path).path in self._roots:
            return True
        return any(_is_near(path, other) for other in (*self._declared, *self._mentioned[owner]))

    @cached_property
    def _roots(self) -> set[str]:
        """Projects of which any file names an experiment, or is made for a platform that does."""
        table = api_table("tracking", "tracking.names-experiment")
        return {
            self._project.environment.root_of(path).path
            for path, python in self._project.runs.python.items()
            if any(call.callee in table for call in python.calls) or _is_for_platform(python)
        }

    @cached_property
    def _by_azure(self) -> bool:
        return any(map(_is_azure_job, self._project.of_kind(Kind.YAML)))

    @cached_property
    def _declared(self) -> list[str]:
        return [path for path in self._project.files if path.endswith(DECLARING)]

    @cached_property
    def _mentioned(self) -> dict[str, list[str]]:
        """Files that speak of the variables of each tracker."""
        return {
            owner: [path for path, file in self._project.facts.items() if _mentions(file, names)]
            for owner, names in VARIABLES.items()
        }


def _is_azure_job(file: FileFacts) -> bool:
    """Azure ML runs jobs in the experiment that the job, or whoever submits it, names."""
    entries = file.document.entries if file.document is not None else ()
    return any(isinstance(e.value, str) and "azuremlschemas" in e.value for e in entries)


def _is_near(path: str, other: str) -> bool:
    """Whether a file lies in the same folder as another, or in one above it or below it."""
    one, two = (f"{each.rpartition('/')[0]}/".lstrip("/") for each in (path, other))
    return one.startswith(two) or two.startswith(one)


def _is_for_platform(python: PythonFacts) -> bool:
    return any(item.target.startswith(PLATFORMS) for item in python.imports) or any(
        text.value.startswith("databricks") for text in python.texts
    )


def _mentions(file: FileFacts, names: tuple[str, ...]) -> bool:
    if any(setting.name in names for setting in file.settings):
        return True
    if any(name in command.text for command in file.runs for name in names):
        return True
    if file.python is not None and any(text.value in names for text in file.python.texts):
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
