"""What containers start: the last stage of an image, compose files and Kubernetes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlaudit.facts.records import Command, Dockerfile, Document, Entry, FileFacts
from mlaudit.project.project import Project
from mlaudit.repo.kinds import is_compose_file

ASIDE = re.compile(
    r"(?i)(?<![a-z])(?:dev|devel|development|devcontainer|debug|local|tests?|testing|ci|override"
    r"|example|sample|e2e)(?![a-z])"
)
"""In the name of a file, folder, stage or service that is not meant for users."""


class Start(NamedTuple):
    """Something that a container runs first, and the place that says so."""

    text: str
    path: str
    line: int


def starts(project: Project, contexts: Sequence[str]) -> Iterator[Start]:
    """What is started where users may meet it."""
    for path, facts in project.facts.items():
        if not facts.commands or not project.repo.selected(path) or ASIDE.search(path):
            continue
        if project.files[path].context.value not in contexts:
            continue
        for command in _of_file(project, facts):
            yield Start(command.text, path, command.line)


def _of_file(project: Project, facts: FileFacts) -> Iterator[Command]:
    if facts.dockerfile is not None:
        lines = _final(facts.dockerfile)
        yield from (one for one in facts.commands if one.line in lines)
    elif facts.document is None or facts.document.template:
        return
    elif is_compose_file(facts.path):
        for command in facts.commands:
            service = _service(facts.document, command.line)
            if not ASIDE.search(service) and not _mounts_code(project, facts, service):
                yield command
    elif any(entry.path == ("apiVersion",) for entry in facts.document.entries):
        yield from facts.commands


def _final(dockerfile: Dockerfile) -> set[int]:
    """Lines of the CMD and the ENTRYPOINT that the image ends up with."""
    stage = len(dockerfile.stages) - 1
    if stage < 0 or ASIDE.search(dockerfile.stages[stage].name):
        return set()
    lines: dict[str, int] = {}
    while stage >= 0:
        own = [one for one in dockerfile.instructions if one.stage == stage]
        for keyword in ("CMD", "ENTRYPOINT"):
            last = [one.span.line for one in own if one.keyword == keyword][-1:]
            if last and keyword not in lines:
                lines[keyword] = last[0]
        if "ENTRYPOINT" in lines:  # it takes the place of a CMD that was inherited
            break
        stage = dockerfile.stages[stage].base
    return set(lines.values())


def _service(document: Document, line: int) -> str:
    """The service of a compose file whose command has this line."""
    for entry in document.entries:
        if entry.path[:1] == ("services",) and len(entry.path) > 2 and entry.value_line == line:
            return str(entry.path[1])
    return ""


def _mounts_code(project: Project, facts: FileFacts, service: str) -> bool:
    """Whether people change the code while the service runs: then it is their own."""
    entries: Sequence[Entry] = facts.document.entries if facts.document is not None else ()
    for entry in entries:
        if entry.path[:3] != ("services", service, "volumes") or not isinstance(entry.value, str):
            continue
        host = entry.value.partition(":")[0]
        if not host.startswith("."):
            continue
        folder = posixpath.normpath(posixpath.join(facts.path.rpartition("/")[0], host))
        below = "" if folder == "." else f"{folder}/"
        if any(path.startswith(below) and path.endswith(".py") for path in project.files):
            return True
    return False
