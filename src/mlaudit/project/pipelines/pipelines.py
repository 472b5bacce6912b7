"""The pipelines that a repository declares: stages, what they run, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.records import FileFacts
from mlaudit.project.pipelines.model import Act, Phase, Pipeline, Stage
from mlaudit.project.practices.tools import COUNTED
from mlaudit.repo.model import Context, Kind

if TYPE_CHECKING:
    from mlaudit.facts.syntax import PythonFacts
    from mlaudit.project.pipelines.phases import Phases
    from mlaudit.project.project import Project

ROOTS = frozenset(
    {"kfp", "google_cloud_pipeline_components", "zenml", "prefect", "dagster", "flytekit", "flyte",
     "airflow", "azure", "mldesigner", "sagemaker", "metaflow", "kedro"}
)  # fmt: skip
"""First parts of what a file with a pipeline imports."""
_CONTEXTS = COUNTED | {Context.EXAMPLES}


class Pipelines:
    """Found when first asked for, and what the stages do when that is asked."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def all(self) -> tuple[Pipeline, ...]:
        """Every pipeline, those of examples too, by path and line."""
        found = [*self._of_files(), *self._of_code()]
        return tuple(sorted(found, key=lambda one: (one.path, one.line, one.kind)))

    @cached_property
    def counted(self) -> tuple[Pipeline, ...]:
        """Those that the repository is run with, examples left out."""
        files = self._project.files
        return tuple(one for one in self.all if files[one.path].context in COUNTED)

    def phases(self, pipeline: Pipeline, stage: Stage) -> tuple[Act, ...]:
        """What a stage does, by the strongest proof of each phase."""
        return self.phases_of_code.of(pipeline, stage)

    def stages_in(self, phase: Phase) -> Iterator[tuple[Pipeline, Stage, Act]]:
        """The stages that belong to a phase, of the pipelines in use."""
        for pipeline in self.counted:
            for stage in pipeline.stages:
                for act in self.phases(pipeline, stage):
                    if act.phase is phase:
                        yield pipeline, stage, act

    def covering(self, *phases: Phase) -> Iterator[Pipeline]:
        """The pipelines in use whose stages together belong to all of some phases."""
        for pipeline in self.counted:
            acts = (act for stage in pipeline.stages for act in self.phases(pipeline, stage))
            if {act.phase for act in acts}.issuperset(phases):
                yield pipeline

    @cached_property
    def phases_of_code(self) -> Phases:
        """The same of programs, functions and notebooks."""
        from mlaudit.project.pipelines.phases import Phases

        return Phases(self._project, self)

    def _of_files(self) -> Iterator[Pipeline]:
        from mlaudit.project.pipelines.files import from_file

        for facts in self._project.of_kind(Kind.YAML, Kind.MAKEFILE):
            if self._counts(facts.path):
                yield from from_file(facts, self._project.facts)

    def _of_code(self) -> Iterator[Pipeline]:
        candidates = [facts for facts in self._project.facts.values() if _may_declare(facts)]
        paths = [one.path for one in candidates if self._counts(one.path)]
        if not paths:
            return
        from mlaudit.project.pipelines.code import from_python
        from mlaudit.project.pipelines.declared import assets, flows, nodes

        resolver = self._project.program.resolver
        python = {path: one.python for path, one in self._project.facts.items() if one.python}
        for path in paths:
            yield from from_python(resolver, python, path)
            yield from flows(path, python[path])
        for below in self._by_root(paths).values():
            yield from nodes(resolver, python, below)
            yield from assets(python, below)

    def _by_root(self, paths: list[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in paths:
            found.setdefault(self._project.environment.root_of(path).path, []).append(path)
        return found

    def _counts(self, path: str) -> bool:
        return self._project.files[path].context in _CONTEXTS


def _may_declare(facts: FileFacts) -> bool:
    python: PythonFacts | None = facts.python
    return python is not None and any(
        item.target[: item.target.find(".")] in ROOTS or item.target in ROOTS
        for item in python.imports
    )
