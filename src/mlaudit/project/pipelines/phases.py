"""In which phases of a model's life a piece of code or a stage belongs: by what it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING

from mlaudit.knowledge import Names, api_table
from mlaudit.patterns import Gated
from mlaudit.project.linking.commanded import Commanded
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.steps import Key, Run, Site
from mlaudit.project.pipelines.model import Act, Phase, Pipeline, Proof, Stage
from mlaudit.project.pipelines.phase_words import in_command, in_library, in_name

if TYPE_CHECKING:
    from mlaudit.project.linking.reach import CallGraph
    from mlaudit.project.pipelines.pipelines import Pipelines
    from mlaudit.project.project import Project

_MODEL = Gated(
    r"\.(?:pkl|pickle|joblib|pt|pth|ckpt|h5|hdf5|keras|onnx|safetensors|bin|cbm|ubj|pb|tflite|gguf)$"
    r"|(?:^|/)models?(?:/|$)",
    re.IGNORECASE,
)
_METRICS = Gated(r"(?i)(?:metrics?|scores?|eval\w*|report)[^/]*\.(?:json|ya?ml|csv|txt)$")
_OTHERS = Gated(r"(?<![\w-])(?:make|dvc repro|dvc exp run|\$\(MAKE\))(?![\w-])([^;&|]*)")
_FARTHEST = 3
_HOUSEHOLD = frozenset({"github", "gitlab", "make"})
"""Kinds that build and test software too, so that a name such as `test` says nothing."""


class Phases:
    """What stages and programs do, each looked at once."""

    def __init__(self, project: Project, pipelines: Pipelines) -> None:
        self._project = project
        self._pipelines = pipelines
        self.commanded = Commanded(project)
        self._stages: dict[tuple[str, int, str], tuple[Act, ...]] = {}
        self._entries: dict[EntryPoint, tuple[Act, ...]] = {}
        self._sites: dict[EntryPoint, tuple[Site, ...]] = {}

    def of(self, pipeline: Pipeline, stage: Stage) -> tuple[Act, ...]:
        """One act for each phase, by its strongest proof, in the order of the phases."""
        key = stage.path, pipeline.line, stage.name
        known = self._stages.get(key)
        if known is None:
            known = self._stages[key] = strongest(
                self._acts(stage, _FARTHEST, named=pipeline.kind not in _HOUSEHOLD)
            )
        return known

    def of_entry(self, entry: EntryPoint) -> tuple[Act, ...]:
        """What a program, function or notebook does, by what it calls."""
        known = self._entries.get(entry)
        if known is None:
            known = self._entries[entry] = strongest(self._called(entry))
        return known

    @cached_property
    def _flows(self) -> frozenset[tuple[str, int]]:
        """Steps of Metaflow, which hand each other over to be run next."""
        return frozenset(
            (stage.function.path, stage.function.scope)
            for pipeline in self._pipelines.all
            for stage in pipeline.stages
            if pipeline.kind == "metaflow" and stage.function is not None
        )

    def entries(self, stage: Stage) -> Iterator[EntryPoint]:
        """The code of the repository that a stage runs."""
        if stage.function is not None:
            yield EntryPoint(stage.function.path, stage.function.scope, "stage")
        for command in stage.commands:
            yield from self.commanded.entries(stage.path, command.text, stage.folders)

    def sites(self, entry: EntryPoint) -> tuple[Site, ...]:
        """The calls of a program; of a function, without those of the module around it."""
        program = self._project.program
        if not entry.scope:
            return program.reach(entry).sites
        known = self._sites.get(entry)
        if known is None:
            known = self._sites[entry] = tuple(_walk(program.graph, entry, self._flows))
        return known

    def _acts(self, stage: Stage, left: int, *, named: bool) -> Iterator[Act]:
        for entry in self.entries(stage):
            yield from self.of_entry(entry)
        for one in self._run_by(stage) if left else ():
            yield from self._acts(one, left - 1, named=False)
        yield from _declared(stage)
        for command in stage.commands:
            for phase, words in in_command(command.text):
                says = f"'{words}' is run"
                yield Act(phase, Proof.COMMAND, says, stage.path, command.line)
        for phase in in_library(stage.library) if stage.library else ():
            says = f"'{stage.library.rpartition('.')[2]}' is a step for it"
            yield Act(phase, Proof.COMMAND, says, stage.path, stage.line)
        for phase in in_name(stage.name) if named else ():
            yield Act(phase, Proof.NAME, f"its name is '{stage.name}'", stage.path, stage.line)

    def _run_by(self, stage: Stage) -> Iterator[Stage]:
        """Stages of other files that a command runs: `make train`, `dvc repro`."""
        for command in stage.commands:
            for found in _OTHERS.finditer(command.text):
                kind = "dvc" if found[0].startswith("dvc") else "make"
                named = {word for word in found[1].split() if not word.startswith("-")}
                for pipeline in self._pipelines.all:
                    if pipeline.kind == kind and pipeline.path != stage.path:
                        yield from _wanted(pipeline, named)

    def _called(self, entry: EntryPoint) -> Iterator[Act]:
        program = self._project.program
        sites = self.sites(entry)
        fits = {(site.path, site.number) for site in program.fits_among(sites)}
        seen: set[Phase] = set()
        for site in sites:
            phases = _phases_of(site.name) if site.name else ()
            if (site.path, site.number) in fits:
                phases = (*phases, Phase.TRAINING)
            for phase in phases:
                if phase not in seen:
                    seen.add(phase)
                    python = self._project.facts[site.path].python
                    assert python is not None
                    call = python.calls[site.number]
                    says = f"'{site.name or call.local or call.method}' is called"
                    yield Act(phase, Proof.CALLS, says, site.path, call.line)


@cache
def _phases_of(name: str) -> tuple[Phase, ...]:
    """The phases that a call of a library shows."""
    return tuple(phase for phase, names in _tables() if name in names)


def strongest(acts: Iterable[Act]) -> tuple[Act, ...]:
    """The first of the strongest proofs of each phase. A name alone does not outweigh a proof."""
    best: dict[Phase, Act] = {}
    for act in acts:
        known = best.get(act.phase)
        if known is None or act.proof < known.proof:
            best[act.phase] = act
    if any(act.proof < Proof.NAME for act in best.values()):
        best = {phase: act for phase, act in best.items() if act.proof < Proof.NAME}
    order = list(Phase)
    return tuple(sorted(best.values(), key=lambda act: order.index(act.phase)))


def _walk(
    graph: CallGraph, entry: EntryPoint, others: frozenset[tuple[str, int]]
) -> Iterator[Site]:
    """The calls that a function leads to, each scope once."""
    seen = {(entry.path, entry.scope), (entry.path, 0), *others}
    stack = [iter(graph.steps(entry.path, entry.scope, as_program=True))]
    while stack:
        for step in stack[-1]:
            if isinstance(step, Site):
                yield step
            elif (step.path, step.scope) not in seen:
                seen.add((step.path, step.scope))
                stack.append(iter(graph.steps_of(_key(step), False)))
                break
        else:
            stack.pop()


def _key(run: Run) -> Key:
    return run.path, run.scope, run.owner, run.half


def _declared(stage: Stage) -> Iterator[Act]:
    """A model that is written was trained; metrics beside a model that is read measure it."""
    written = [path for path in stage.outputs if _MODEL.search(path)]
    read = [path for path in stage.inputs if _MODEL.search(path) and not path.endswith(".py")]
    measured = [path for path in stage.outputs if _METRICS.search(path)]
    if written and not read:
        says = f"it writes '{written[0]}'"
        yield Act(Phase.TRAINING, Proof.OUTPUTS, says, stage.path, stage.line)
    if read and measured:
        says = f"it reads '{read[0]}' and writes '{measured[0]}'"
        yield Act(Phase.EVALUATION, Proof.OUTPUTS, says, stage.path, stage.line)


def _wanted(pipeline: Pipeline, named: set[str]) -> Iterator[Stage]:
    """The stages that are named, and those before them; all of DVC's where none is."""
    if pipeline.kind == "dvc" and not named:
        yield from pipeline.stages
        return
    for stage in pipeline.stages:
        if stage.name in named or any(stage.name in pipeline.before(one) for one in named):
            yield stage


@cache
def _tables() -> tuple[tuple[Phase, Names], ...]:
    own = [(p, api_table("phases", f"phases.{p.value}")) for p in Phase if p in _OWN]
    deployments = api_table("promotion", "promotion.deployments")
    return (*own, (Phase.DEPLOYMENT, deployments))


_OWN = frozenset(Phase) - {Phase.DEPLOYMENT}
