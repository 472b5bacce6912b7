"""What starts the training by itself: schedules, pushes and events that lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.records import Entry, FileFacts
from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import Names
from mlaudit.project.ci_files import is_ci
from mlaudit.project.looks import Sight
from mlaudit.project.pipeline_model import Phase, Proof
from mlaudit.project.sights import Sights

_TRAINS = re.compile(
    r"(?<![\w-])(?:python3? (?:-m )?\S*(?:train|fit|finetune|fine_tune)\S*|dvc (?:repro|exp run)"
    r"|mlflow run|kedro run|make (?:re)?train\S*|az ml job create|zenml pipeline run"
    r"|accelerate launch|torchrun|papermill \S*train\S*|databricks (?:bundle run|jobs run-now)"
    r"|gcloud ai custom-jobs create|aws sagemaker (?:create-training-job|start-pipeline-execution))"
)
_EVENTS = frozenset({"schedule", "push", "workflow_dispatch", "repository_dispatch", "release"})
_DAGS = Names(["airflow.DAG", "airflow.models.DAG", "airflow.sdk.DAG", "airflow.decorators.dag",
               "airflow.sdk.dag", "airflow.models.dag.DAG"])  # fmt: skip
_SCHEDULES = Names(
    [
        "metaflow.schedule", "metaflow.trigger", "kfp.**.create_recurring_run",
        "google.cloud.aiplatform.PipelineJobSchedule", "dagster.ScheduleDefinition",
        "dagster.build_schedule_from_partitioned_job", "flytekit.CronSchedule",
        "sagemaker.workflow.triggers.PipelineSchedule", "azure.ai.ml.entities.JobSchedule",
        "zenml.config.schedule.Schedule", "prefect.client.schemas.schedules.CronSchedule",
    ]
)  # fmt: skip
_CLOCKWORK = ("batch/CronJob", "argoproj.io/CronWorkflow")
_WORD = re.compile(r"(?i)(?<![a-z])(?:re)?train(?:ing|er)?(?![a-z])|fine[-_]?tun")


def training_triggers(sights: Sights) -> Iterator[Sight]:
    """A job of CI, a scheduled DAG or a cron object that trains."""
    yield from _jobs(sights)
    yield from _dags(sights)
    for thing in sights.objects:
        if thing.kind in _CLOCKWORK and any(_trains(entry) for entry in thing.entries):
            yield Sight(f"{thing.kind} starts the training", thing.path, thing.line)


def pipelines_triggered(sights: Sights) -> Iterator[Sight]:
    """Declared pipelines that something starts, and in which a stage trains by what it runs."""
    for pipeline, stage, act in sights.project.pipelines.stages_in(Phase.TRAINING):
        if pipeline.triggers and not stage.manual and act.proof is not Proof.NAME:
            says = f"{pipeline.triggers[0]} starts the stage '{stage.name}'"
            yield Sight(says, pipeline.path, stage.line)


def _jobs(sights: Sights) -> Iterator[Sight]:
    for line in sights.ci_commands:
        if _TRAINS.search(line.text) and _starts_by_itself(sights.project.facts[line.path]):
            yield Sight(f"CI runs '{line.text[:60]}'", line.path, line.line)


def _starts_by_itself(facts: FileFacts) -> bool:
    """Of GitHub: one of its events is there. The jobs of other systems start on a push."""
    if ".github/" not in facts.path or facts.document is None:
        return is_ci(facts.path)
    events = {str(word) for entry in facts.document.entries for word in _event(entry)}
    return not _EVENTS.isdisjoint(events)


def _event(entry: Entry) -> tuple[object, ...]:
    """What an entry below `on` names: `on: push`, `on: [push]`, `on: {push: ...}`."""
    if not entry.path or str(entry.path[0]).lower() not in ("on", "true"):
        return ()
    return (entry.value,) if entry.value is not None else entry.path[1:2]


def _dags(sights: Sights) -> Iterator[Sight]:
    for facts, call in sights.calls(_DAGS):
        if _is_scheduled(call) and _speaks_of_training(facts):
            says = "a DAG with a schedule trains"
            yield Sight(says, facts.path, facts.raw_line(call.line))
    for facts, call in sights.calls(_SCHEDULES):
        if _speaks_of_training(facts):
            says = f"'{call.callee}' starts the training"
            yield Sight(says, facts.path, facts.raw_line(call.line))


def _is_scheduled(call: Call) -> bool:
    given = call.keyword("schedule") or call.keyword("schedule_interval")
    return given is not None and given != Const(None)


def _speaks_of_training(facts: FileFacts) -> bool:
    python = facts.python
    if python is None:
        return False
    names = (call.callee or call.local or call.method for call in python.calls)
    return any(_WORD.search(name) for name in names) or any(
        _WORD.search(text.value) for text in python.texts
    )


def _trains(entry: Entry) -> bool:
    return isinstance(entry.value, str) and _WORD.search(entry.value) is not None
