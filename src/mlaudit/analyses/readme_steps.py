"""What a README leaves out of what it takes to run the project."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.records import FileFacts
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.nature import Nature
from mlaudit.project.papers import is_english, text_of
from mlaudit.project.pipelines.model import Phase
from mlaudit.project.practices.tools import COUNTED
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Rule, Spot

_INSTALLS = Gated(
    r"(?i)install|requirements|environment\.ya?ml|\bset[- ]?up|conda|poetry|\buv\b|pipenv|docker"
    r"|make|virtualenv|venv|getting started|quick ?start|prerequisit|dependenc|nix|pixi|colab"
    r"|binder"
)
_TRAINS = Gated(
    r"(?i)\btrain|\bfit\b|fine-?tun|\brun\b|running|usage|how to|getting started|quick ?start|repro"
    r"|python3? |jupyter|notebook|docker|make |experiment|demo|launch|execut|steps|workflow"
    r"|pipeline"
)
_GETS_DATA = Gated(r"(?i)\bdata|corpus|download|kaggle|\bdvc\b|s3://|gs://|csv|parquet|images")
_EVALUATES = Gated(r"(?i)eval|test|scor|metric|valid|accura|benchmark|predict|infer|result")
_DATA_SUFFIXES = frozenset({"csv", "tsv", "parquet", "jsonl", "npz", "npy", "h5", "dvc", "feather"})
_ELSEWHERE = Gated(
    r"(?i)readthedocs|\.github\.io|/wiki\b|\]\(\.?/?docs?/|gitbook|notion\.s|medium\.com|blog"
    r"|tutorial|see the docs|documentation\]|https?://docs\."
)


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match, on the README at the top."""
    readme = next(_readmes(project), None)
    if readme is None or project.nature(project.environment.root_of("")) is Nature.LIBRARY:
        return
    text = text_of(project, readme.path)
    if _ELSEWHERE.search(text) or not is_english(text):
        return
    said = text.replace("#", " ")
    missing = []
    if not _INSTALLS.search(said):
        missing.append("install what it needs")
    if not _TRAINS.search(said) and not _names_program(project, text):
        missing.append("train or run the model")
    trains = None
    if not _GETS_DATA.search(said):
        trains = _trains(project)
        if trains and _reads(project):
            missing.append("get the data")
    if not _EVALUATES.search(said) and _has_evaluation(project):
        missing.append("evaluate the model")
    if missing and (_trains(project) if trains is None else trains):
        values = {"missing": " or how to ".join(missing)}
        yield Match(rule.id, Spot(readme.path), values, identity="readme")


def _reads(project: Project) -> bool:
    """Whether a program that trains reads files that the repository does not hold."""
    names = project.callees.files
    reads = api_table("data", "data.reads")
    if not any(name in reads for name in names):
        return False
    held = (one.path.rpartition(".")[2].lower() for one in project.repo.files)
    return not _DATA_SUFFIXES.intersection(held)


def _has_evaluation(project: Project) -> bool:
    """Whether a program of its own measures the model."""
    phases = project.pipelines.phases_of_code
    return any(
        _EVALUATES.search(entry.path.rpartition("/")[2])
        and project.files[entry.path].context in COUNTED
        and any(act.phase is Phase.EVALUATION for act in phases.of_entry(entry))
        for entry in project.program.entry_points
    )


def _readmes(project: Project) -> Iterator[FileFacts]:
    for path, facts in project.facts.items():
        if "/" in path or not path.lower().startswith("readme") or facts.kind is not Kind.TEXT:
            continue
        if not project.files[path].missing:
            yield facts


def _names_program(project: Project, text: str) -> bool:
    return any(
        file.kind in (Kind.PYTHON, Kind.NOTEBOOK) and path.rpartition("/")[2] in text
        for path, file in project.files.items()
    )


def _trains(project: Project) -> bool:
    program = project.program
    return any(
        project.files[entry.path].context in COUNTED and program.fits(entry)
        for entry in program.entry_points
    )
