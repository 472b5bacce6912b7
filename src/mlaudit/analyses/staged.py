"""What the stages between a training and a later step may do: stop the pipeline, or measure.

A step that fails stops what comes after it. So everything on the way is a gate, unless all of it is
known to be none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from mlaudit.facts.commands import split_commands
from mlaudit.facts.python_commands import without_runners
from mlaudit.facts.records import Span
from mlaudit.knowledge import Names
from mlaudit.patterns import Gated
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.pipelines.model import Act, Phase, Pipeline, Proof, Stage
from mlaudit.project.pipelines.phase_words import in_command, in_library
from mlaudit.project.project import Project
from mlaudit.rules.model import Spot

_MOST = 200
"""Stages of a pipeline that people wrote, and that is followed from each to each."""
_HARMLESS = frozenset(
    {"pip", "pip3", "uv", "poetry", "pdm", "conda", "mamba", "echo", "printf", "cd", "export",
     "mkdir", "cp", "mv", "rm", "ls", "cat", "pwd", "env", "set", "source", ".", "docker", "aws",
     "gcloud", "gsutil", "az", "kubectl", "helm", "git", "apt-get", "apt", "curl", "wget", "unzip",
     "tar", "chmod", "touch", "sleep", "date", "sudo", "dvc", "bentoml", "npm", "hf",
     "huggingface-cli", "whoami", "ssh-keygen", "eksctl", "fly", "flyctl", "modal", "doctl"}
)  # fmt: skip
"""Commands that never look at a metric."""
_DECIDES = Gated(
    r"(?<![\w-])(?:if|case|test|exit|jq|grep|awk|bc|pytest|tox|nox|cml|dvc metrics|dvc params|gto)"
    r"(?![\w-])|\[\[? |&& exit|(?<![\w-])(?:eval|check|valid|gate|verif|compar|assert)\w*"
)
_ACTIONS = Gated(
    r"(?:actions|docker|aws-actions|google-github-actions|azure|conda-incubator|astral-sh"
    r"|iterative/setup-\w+|hashicorp/setup-terraform|snok/install-poetry|mamba-org|webfactory"
    r"|tailscale|jdx|abatilo)(?:/.*)?",
    re.IGNORECASE,
)
_OPERATORS = Gated(r".*\.(?:Empty|Dummy|Python|Bash)\w*Operator")
_RUNS = Gated(r"python|papermill|jupyter|sh$|bash$|accelerate|torchrun|.*\.sh$")
"""Programs that run what was found."""
_PREPARES = Gated(r"(?:python3? -m )?(?:pip3?|uv|poetry|pdm|conda|mamba)\b")


class Way(Struct, frozen=True):
    """From a training to a later stage that does something with the model."""

    pipeline: Pipeline
    target: Stage
    act: Act
    """What the last stage does."""
    trained: Act
    stages: tuple[Stage, ...]
    """All that may stop the last one, itself and the training among them."""


def ways(
    project: Project,
    contexts: tuple[str, ...],
    phases: frozenset[Phase],
    tables: tuple[Names, ...],
    wanted: Callable[[Stage, Act], bool],
) -> Iterator[Way]:
    """Each stage of some phases that does what is wanted after another one has trained.

    `tables` name calls, one of which must be somewhere if no command shows the phase.
    """
    calls = any(name in table for table in tables for name in project.callees.files)
    for pipeline in project.pipelines.all:
        if project.files[pipeline.path].context.value not in contexts or not pipeline.settled:
            continue
        if len(pipeline.stages) > _MOST or _is_started_by_people(pipeline):
            continue
        if not calls and not _may(pipeline, phases):
            continue
        acts = {s.name: project.pipelines.phases(pipeline, s) for s in pipeline.stages}
        training = {name: _first(found, Phase.TRAINING) for name, found in acts.items()}
        if not any(training.values()):
            continue
        for stage in pipeline.stages:
            act = next((one for one in acts[stage.name] if wanted(stage, one)), None)
            if act is not None:
                yield from _way(pipeline, stage, act, training)


def _may(pipeline: Pipeline, phases: frozenset[Phase]) -> bool:
    """A cheap look: whether a command or a library of a stage speaks of one of the phases."""
    return any(
        phase in phases
        for stage in pipeline.stages
        for phase in (
            *(one for command in stage.commands for one, _ in in_command(command.text)),
            *(in_library(stage.library) if stage.library else ()),
        )
    )


def _way(
    pipeline: Pipeline, stage: Stage, act: Act, training: Mapping[str, Act | None]
) -> Iterator[Way]:
    before = pipeline.before(stage.name)
    own = training[stage.name]
    if own is not None and act.proof is Proof.COMMAND:
        before = before | {stage.name}  # a step whose commands train first
    trained = [(name, one) for name in sorted(before) for one in (training[name],) if one]
    if not trained:
        return
    earlier: set[str] = set()
    for name, _ in trained:
        earlier |= pipeline.before(name)
    between = tuple(
        one
        for one in pipeline.stages
        if one.name == stage.name or (one.name in before and one.name not in earlier)
    )
    yield Way(pipeline, stage, act, trained[0][1], between)


def place_of(project: Project, way: Way) -> Spot:
    """Where the last stage stands: the command of it, or its call."""
    code = project.facts[way.target.path].python is not None
    line = way.act.line if way.act.path == way.target.path else way.target.line
    return Spot(way.target.path, Span(line), code=code)


def place_of_training(project: Project, way: Way) -> Spot:
    code = project.facts[way.trained.path].python is not None
    return Spot(way.trained.path, Span(way.trained.line), code=code)


def _first(acts: tuple[Act, ...], phase: Phase) -> Act | None:
    return next((a for a in acts if a.phase is phase and a.proof is not Proof.NAME), None)


def _is_started_by_people(pipeline: Pipeline) -> bool:
    """Whether nothing but a person starts it, who has seen the metrics."""
    by_hand = {"workflow_dispatch", "workflow_call", "release", "repository_dispatch", "push:tags"}
    return bool(pipeline.triggers) and by_hand.issuperset(pipeline.triggers)


def is_known(project: Project, stage: Stage, harmless: Callable[[EntryPoint], bool]) -> bool:
    """Whether all that a stage runs is seen, and every program of it is harmless."""
    if stage.manual or stage.conditional or not stage.settled:
        return False
    if stage.library and not _is_harmless_library(stage):
        return False
    if stage.function is not None:
        entry = EntryPoint(stage.function.path, stage.function.scope, "stage")
        if not harmless(entry):
            return False
    return all(
        _is_harmless_command(project, stage, command.text, harmless) for command in stage.commands
    )


def _is_harmless_library(stage: Stage) -> bool:
    if _ACTIONS.fullmatch(stage.library.partition("@")[0]):
        return True
    return bool(_OPERATORS.fullmatch(stage.library)) and bool(
        stage.commands or stage.function or "Empty" in stage.library or "Dummy" in stage.library
    )


def _is_harmless_command(
    project: Project, stage: Stage, text: str, harmless: Callable[[EntryPoint], bool]
) -> bool:
    if _PREPARES.match(text) and "run" not in text.split():
        return True
    found = list(
        project.pipelines.phases_of_code.commanded.entries(stage.path, text, stage.folders)
    )
    if not all(map(harmless, found)):
        return False
    if not found and _DECIDES.search(text):
        return False
    for argv in split_commands(text):
        words = without_runners(argv)
        name = words[0].rpartition("/")[2] if words else ""
        if name and name not in _HARMLESS and not (found and _RUNS.match(name)):
            return False
    return True
