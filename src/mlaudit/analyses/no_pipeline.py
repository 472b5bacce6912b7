"""Training in several steps that nothing but people put in order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.records import Span
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.nature import Nature
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.project import Project
from mlaudit.repo.model import Context, Kind
from mlaudit.rules.model import Match, Related, Rule, Spot

_STEPS = re.compile(
    r"(?i)(?:^|[/_\-\d. ])(?:prepare|preprocess\w*|process\w*|clean\w*|featuri[sz]e|features?"
    r"|feature_engineering|split|download|ingest\w*|extract\w*|transform|etl|make_dataset|train"
    r"|training|fit|tune|tuning|evaluat\w*|predict\w*|register\w*)(?=[_\-. ]|$)"
)
_DECLARES = re.compile(
    r"(?:.+/)?(?:dvc\.yaml|snakefile|[^/]+\.smk|mlproject|nextflow\.config|[^/]+\.nf|[^/]+\.cwl"
    r"|airflow.*|dags/.+|pipelines?/.+\.(?:py|ya?ml|json)|[^/]*(?:pipeline|workflow|dag)s?\.(?:py|ya?ml)"
    r"|dodo\.py|luigi\.cfg|run_all\.(?:sh|py))",
    re.IGNORECASE,
)
_SHARED = frozenset({"src", "scripts", "steps", "code", "app"})
"""Folders in which each kind of step has a folder of its own."""
_ASIDE = (Context.EXAMPLES, Context.DOCS)


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each folder of programs that train in steps, on the one that trains."""
    if any(_DECLARES.fullmatch(path) for path in project.files):
        return
    trained: dict[str, EntryPoint] = {}  # by the folder of the steps
    steps: dict[str, set[str]] = {}
    for entry in project.program.entry_points:
        file = project.files[entry.path]
        if file.context in _ASIDE or file.kind is Kind.NOTEBOOK or entry.scope:
            continue
        if not _STEPS.search(entry.path.rpartition("/")[2].removesuffix(".py")):
            continue
        if project.nature(project.environment.root_of(entry.path)) is Nature.LIBRARY:
            continue
        folder = _home(entry.path)
        steps.setdefault(folder, set()).add(entry.path)
        if folder not in trained and project.program.fits(entry):
            trained[folder] = entry
    found = [folder for folder in sorted(trained) if len(steps[folder]) > 1]
    if not found or _declares(project):
        return
    for folder in found:
        yield _match(rule, trained[folder], steps[folder])


def _home(path: str) -> str:
    """The folder of steps that belong together: `src/data/prepare.py` and `src/models/train.py`."""
    folder, _, _ = path.rpartition("/")
    above, _, _ = folder.rpartition("/")
    return above if above.rpartition("/")[2] in _SHARED else folder


def _match(rule: Rule, entry: EntryPoint, steps: set[str]) -> Match:
    others = sorted(steps - {entry.path})
    related = tuple(Related(Spot(path), "another step") for path in others[:5])
    span = Span(entry.line, 0)
    values = {"other": others[0]}
    return Match(rule.id, Spot(entry.path, span, code=True), values, entry.path, related=related)


def _declares(project: Project) -> bool:
    """Whether a tool, a task or a job runs the steps in order."""
    from mlaudit.project.practices.catalogue import catalogue

    if any("pipeline" in catalogue()[sign.tool].gives for sign in project.sights.tools):
        return True
    return any(
        _STEPS.search(command.text) or _STEPS.search(command.target)
        for path, facts in project.facts.items()
        if is_ci(path) or facts.kind in (Kind.MAKEFILE, Kind.SHELL, Kind.YAML, Kind.PYPROJECT)
        for command in facts.commands
        if "pip install" not in command.text
    )
