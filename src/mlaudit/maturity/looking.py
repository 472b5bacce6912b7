"""Where the signs of maturity are looked for."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call
from mlaudit.knowledge import Names
from mlaudit.project.entry_points import EntryPoint
from mlaudit.project.project import Project
from mlaudit.repo.model import Context

COUNTED = frozenset({Context.SRC, Context.SCRIPTS, Context.NOTEBOOKS, Context.CONFIG})
"""A level never rests on tests, documentation, examples, vendored or generated code."""
MOST = 5
"""Pieces of evidence of one sign that are worth naming."""


def counted(project: Project) -> Iterator[FileFacts]:
    """Files on which a level may rest."""
    for path, facts in project.facts.items():
        if project.files[path].context in COUNTED:
            yield facts


def training_of(project: Project) -> tuple[EntryPoint, ...]:
    """The entry points that train, examples and the like left out."""
    program = project.program
    return tuple(
        entry
        for entry in program.entry_points
        if project.files[entry.path].context in COUNTED and program.fits(entry)
    )


def calls_in(project: Project, names: Names) -> Iterator[tuple[FileFacts, Call]]:
    for facts in counted(project):
        if facts.python is not None:
            for call in facts.python.calls:
                if call.callee and call.callee in names:
                    yield facts, call


def line_of(facts: FileFacts, call: Call) -> int:
    """Line of a call in the file itself."""
    if facts.notebook is not None and call.line <= len(facts.notebook.raw_lines):
        return facts.notebook.raw_lines[call.line - 1].line
    return call.line
