"""What starts the training by itself: schedules, pushes and events that lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mlaudit.facts.records import Entry, FileFacts
from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import api_table
from mlaudit.project.pipelines.model import Phase, Proof
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.practices.deploying import job_at
from mlaudit.project.practices.jobs import events
from mlaudit.project.practices.looks import Sight
from mlaudit.project.practices.places import (
    commands_behind,
    programs_of,
    scheduled_calls,
    training_programs,
)
from mlaudit.project.practices.sights import Line, Sights

_EVENTS = frozenset({"schedule", "push", "workflow_dispatch", "repository_dispatch", "release"})
_CLOCKWORK = ("batch/CronJob", "argoproj.io/CronWorkflow")


@cache
def _trains() -> re.Pattern[str]:
    """A command that says itself that it trains."""
    return re.compile(
        r"(?<![\w-])(?:mlflow run|kedro run|az ml job create|zenml pipeline run|accelerate launch"
        r"|torchrun|papermill \S*train\S*|databricks (?:bundle run|jobs run-now)"
        r"|make (?:re)?train\S*|gcloud ai custom-jobs create"
        r"|aws sagemaker (?:create-training-job|start-pipeline-execution))"
    )


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"(?i)(?<![a-z])(?:re)?train(?:ing|er)?(?![a-z])|fine[-_]?tun")


def training_triggers(sights: Sights) -> Iterator[Sight]:
    """A job of CI, a scheduled DAG or a cron object that trains."""
    yield from _jobs(sights)
    for facts, call in scheduled_calls(sights):
        if _speaks_of_training(facts):
            says = f"'{call.callee}' starts the training"
            yield Sight(says, facts.path, facts.raw_line(call.line))
    for thing in sights.objects:
        if thing.kind in _CLOCKWORK and any(_names_training(entry) for entry in thing.entries):
            yield Sight(f"{thing.kind} starts the training", thing.path, thing.line)


def pipelines_triggered(sights: Sights) -> Iterator[Sight]:
    """Declared pipelines that something starts, and in which a stage trains by what it runs."""
    for pipeline, stage, act in sights.project.pipelines.stages_in(Phase.TRAINING):
        if pipeline.triggers and not stage.manual and act.proof is not Proof.NAME:
            says = f"{pipeline.triggers[0]} starts the stage '{stage.name}'"
            yield Sight(says, pipeline.path, stage.line)


def _jobs(sights: Sights) -> Iterator[Sight]:
    programs = {entry.path for entry in training_programs(sights)}
    lines = sights.ci_commands
    begun = {path for path in {line.path for line in lines} if _begins_by_itself(sights, path)}
    told = [line for line in lines if line.path in begun and not _is_off(sights, line)]
    seen = {line for line, path in programs_of(sights, told) if path in programs}
    seen |= {
        line
        for line in told
        if any(_trains().search(one.text) for one in commands_behind(sights, line))
    }
    for line in told:
        if line in seen:
            yield Sight(f"CI runs '{line.text[:60]}'", line.path, line.line)


def _is_off(sights: Sights, line: Line) -> bool:
    job = job_at(sights, line.path, line.line)
    return job is not None and job.off


def _begins_by_itself(sights: Sights, path: str) -> bool:
    """Of GitHub: one of its events is there. The jobs of other systems start on a push."""
    if ".github/" not in path:
        return is_ci(path)
    return not _EVENTS.isdisjoint(map(str, events(sights.project.facts[path])))


def _speaks_of_training(facts: FileFacts) -> bool:
    python = facts.python
    if python is None:
        return False
    names = (call.callee or call.local or call.method for call in python.calls)
    return any(_word().search(name) for name in names) or any(
        _word().search(text.value) for text in python.texts
    )


def _names_training(entry: Entry) -> bool:
    return isinstance(entry.value, str) and _word().search(entry.value) is not None


# what stands still


def pipelines_at_rest(sights: Sights) -> Iterator[Sight]:
    """DAGs that train, and that nothing but a hand starts."""
    for facts, call in sights.calls(api_table("maturity", "maturity.dags")):
        given = call.keyword("schedule") or call.keyword("schedule_interval")
        if given == Const(None) and _speaks_of_training(facts):
            says = "a DAG trains when somebody starts it"
            yield Sight(says, facts.path, facts.raw_line(call.line))


def paused_training(sights: Sights) -> Iterator[Sight]:
    """Schedules that are switched off, where every trigger of the training is one of them."""
    paused = [
        (facts, call)
        for facts, call in scheduled_calls(sights)
        if _is_paused(call) and _speaks_of_training(facts)
    ]
    shown = {(facts.path, facts.raw_line(call.line)) for facts, call in paused}
    if shown and all((one.path, one.line) in shown for one in training_triggers(sights)):
        for path, line in sorted(shown):
            yield Sight("the schedule of the training is switched off", path, line)


def _is_paused(call: Call) -> bool:
    off = {"is_paused_upon_creation": True, "paused": True, "enabled": False, "disabled": True}
    return any(call.keyword(name) == Const(value) for name, value in off.items())
