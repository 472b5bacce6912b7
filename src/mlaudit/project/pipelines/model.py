"""What a declared pipeline is: stages, what each runs, and which come before which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, IntEnum

from msgspec import Struct

from mlaudit.facts.records import Command
from mlaudit.project.linking.resolution import Definition


class Phase(str, Enum):
    """A phase in the life of a model."""

    COLLECTION = "data-collection"
    VALIDATION = "data-validation"
    """Of data. A look at the model is an evaluation."""
    FEATURES = "feature-engineering"
    TRAINING = "training"
    EVALUATION = "evaluation"
    REGISTRATION = "registration"
    DEPLOYMENT = "deployment"
    MONITORING = "monitoring"


class Proof(IntEnum):
    """How it is known what a stage does, the strongest first."""

    CALLS = 0
    """Code that it runs calls it."""
    OUTPUTS = 1
    """What it declares to read and to write."""
    COMMAND = 2
    NAME = 3
    """Its name alone, which never settles anything."""


class Act(Struct, frozen=True):
    """One phase that a stage belongs to, and the place that shows it."""

    phase: Phase
    proof: Proof
    says: str
    """`'sklearn.svm.SVC.fit' is called`."""
    path: str
    line: int
    """In a notebook, that of its code."""


class Stage(Struct, frozen=True):
    """One step of a pipeline. What it runs is in `commands`, `function` or `library`."""

    name: str
    """Unique in its pipeline."""
    path: str
    line: int
    after: tuple[str, ...] = ()
    """Names of the stages that must have run, sorted."""
    commands: tuple[Command, ...] = ()
    folders: tuple[str, ...] = ()
    """Where the commands may run, besides the folder of the file and the top of the repository."""
    function: Definition | None = None
    library: str = ""
    """An operator, action or component that is not of this repository."""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    """Paths that it declares."""
    manual: bool = False
    """People start or approve it."""
    conditional: bool = False
    """Runs only if something holds."""
    settled: bool = True
    """Whether all that it runs is written out."""


class Pipeline(Struct, frozen=True):
    """Stages that one file, or one function, puts in order."""

    kind: str
    """`dvc`, `make`, `github`, `gitlab`, `argo`, `azure-ml`, `databricks`, `airflow`,
    `kfp`, `zenml`, `prefect`, `dagster`, `flyte`, `metaflow`, `kedro`, `sagemaker`."""
    name: str
    path: str
    line: int
    stages: tuple[Stage, ...]
    settled: bool = True
    """Whether its stages and their order are known in full."""
    triggers: tuple[str, ...] = ()
    """What starts it, in the words of its service: `push`, `schedule`, `workflow_dispatch` ..."""

    def stage(self, name: str) -> Stage:
        """Raises KeyError for a name that no stage has."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def before(self, name: str) -> frozenset[str]:
        """The names of all stages that must have run before one, at any remove."""
        after = {stage.name: stage.after for stage in self.stages}
        found: set[str] = set()
        waiting = list(after.get(name, ()))
        while waiting:
            one = waiting.pop()
            if one not in found and one != name:
                found.add(one)
                waiting += after.get(one, ())
        return frozenset(found)

    @property
    def edges(self) -> Iterator[tuple[Stage, Stage]]:
        """Pairs of neighbours: a stage, and one that runs after it."""
        known = {stage.name: stage for stage in self.stages}
        for stage in self.stages:
            for name in stage.after:
                if name in known:
                    yield known[name], stage


def names_unique(names: Iterable[str]) -> Iterator[str]:
    """Names with a number where one is there already: `train`, `train#2`."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}#{seen[name]}"
