"""Jobs of continuous integration, as their documents have them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from mlaudit.facts.installs import Install, installs
from mlaudit.facts.records import Command, Document, FileFacts
from mlaudit.facts.shell import split_commands
from mlaudit.project.environment.interpreters import of_install, of_job
from mlaudit.project.environment.setup_model import Setup
from mlaudit.project.practices.ci_files import WORKFLOW

_GITLAB = re.compile(r"(?:.+/)?(?:\.gitlab-ci[^/]*|\.gitlab/.+)\.ya?ml")
_RUNNERS = re.compile(
    r"\b(?:tox|nox|hatch|make|just|task|pytest|unittest|poetry|pdm|pipenv|pixi|uv (?:run|sync)|bash"
    r"|sh|docker|conda)\b"
)


class _Job(Struct, frozen=True):
    name: str
    key: tuple[str | int, ...]
    """Path of the job in the document; empty for the document as a whole."""
    first: int
    last: int


def jobs_of(facts: FileFacts, document: Document) -> Iterator[Setup]:
    """Each job with what it installs; services that name no jobs get the file as one."""
    shared = tuple(_folders(document, ("on",))) + tuple(_folders(document, ("defaults",)))
    for job in _split(facts.path, document):
        commands = [one for one in facts.commands if job.first <= one.line <= job.last]
        found = tuple(
            install
            for command in commands
            for install in installs(command.text, facts.path, command.line)
        )
        pythons = (*of_job(facts.path, document, job.key), *of_install("ci", facts.path, found))
        folders = (*shared, *_folders(document, job.key), *_entered(commands))
        runs = any(_installs_project(one) for one in found) or any(
            _RUNNERS.search(command.text) for command in commands
        )
        yield Setup("ci", facts.path, job.name, found, pythons, folders=folders, runs=runs)


def _installs_project(install: Install) -> bool:
    return bool(install.lists or install.projects) or install.action == "lock"


def _split(path: str, document: Document) -> list[_Job]:
    """Jobs by the lines that they take; services that name no jobs get the file as one."""
    if WORKFLOW.fullmatch(path):
        starts = [one for one in document.entries if one.path[:1] == ("jobs",)]
        starts = [one for one in starts if len(one.path) == 2]
    elif _GITLAB.fullmatch(path):
        starts = [one for one in document.entries if len(one.path) == 1 and one.kind == "mapping"]
    else:
        starts = []
    if not starts:
        return [_Job("", (), 1, 1_000_000_000)]
    ends = [*(one.line - 1 for one in starts[1:]), 1_000_000_000]
    return [
        _Job(str(one.path[-1]), one.path, one.line, end)
        for one, end in zip(starts, ends, strict=True)
    ]


def _folders(document: Document, below: tuple[str | int, ...]) -> Iterator[str]:
    """Working directories, and the paths whose changes start the workflow."""
    for entry in document.entries:
        if entry.path[: len(below)] != below or not isinstance(entry.value, str):
            continue
        waits = len(entry.path) > 2 and entry.path[-2] == "paths"
        if waits or entry.path[-1] == "working-directory":
            yield from _folder(entry.value)


def _entered(commands: list[Command]) -> Iterator[str]:
    for command in commands:
        for argv in split_commands(command.text) if "cd " in command.text else ():
            if argv[0] == "cd" and len(argv) == 2:
                yield from _folder(argv[1])


def _folder(text: str) -> Iterator[str]:
    """The part of a path before the first glob."""
    before = re.split(r"[*?\[]", text.removeprefix("./"))[0]
    folder = before if before == text else before.rpartition("/")[0]
    if folder and not re.search(r"[$!{}~]", folder) and not folder.startswith(("/", "..")):
        yield folder.strip("/")
