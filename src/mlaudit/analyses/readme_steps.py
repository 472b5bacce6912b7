"""What a README leaves out of what it takes to run the project."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.records import FileFacts
from mlaudit.patterns import Gated
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.project.tools import COUNTED
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
_ELSEWHERE = Gated(
    r"(?i)readthedocs|\.github\.io|/wiki\b|\]\(\.?/?docs?/|gitbook|notion\.s|medium\.com|blog"
    r"|tutorial|see the docs|documentation\]|https?://docs\."
)
_ENGLISH = re.compile(r"(?i)\b(?:the|and|of|to|is|for|with|this)\b")
_FEWEST_WORDS = 5
"""Words of English in a README that is written in it."""
_LONGEST = 400_000


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match, on the README at the top."""
    readme = next(_readmes(project), None)
    if readme is None or project.nature(project.environment.root_of("")) is Nature.LIBRARY:
        return
    text = project.repo.read_head(readme.path, _LONGEST).decode("utf-8", "replace")
    if _ELSEWHERE.search(text) or len(_ENGLISH.findall(text)) < _FEWEST_WORDS:
        return
    said = text.replace("#", " ")
    missing = []
    if not _INSTALLS.search(said):
        missing.append("install what it needs")
    if not _TRAINS.search(said) and not _names_program(project, text):
        missing.append("train or run the model")
    if missing and _trains(project):
        values = {"missing": " or how to ".join(missing)}
        yield Match(rule.id, Spot(readme.path), values, identity="readme")


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
