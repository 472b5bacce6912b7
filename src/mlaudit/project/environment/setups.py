"""Finds where commands set an environment up: images, jobs of CI, notebooks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from mlaudit.facts.installs import Install, installs
from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Dockerfile, FileFacts
from mlaudit.project.environment.base_images import distributions_in
from mlaudit.project.environment.ci_jobs import jobs_of
from mlaudit.project.environment.interpreters import of_base_image, of_install
from mlaudit.project.environment.setup_model import Setup
from mlaudit.project.practices.ci_files import is_ci

_BIND = re.compile(r"--mount=\S*type=bind\S*")
_FLAG = re.compile(r"--\S+\s+")
_INSTALLER = re.compile(r"\b(?:pip|conda|mamba|uv)\b")


def setups_of(facts: FileFacts) -> Iterator[Setup]:
    """The places in one file. A file that installs nothing and names no interpreter has none."""
    if facts.dockerfile is not None:
        found: Iterator[Setup] = _image(facts, facts.dockerfile)
    elif facts.notebook is not None:
        found = _notebook(facts)
    elif facts.document is not None and is_ci(facts.path):
        found = jobs_of(facts, facts.document)
    else:
        return
    yield from (one for one in found if one.installs or one.pythons or one.given)


def _image(facts: FileFacts, dockerfile: Dockerfile) -> Iterator[Setup]:
    """The last stage, with what it takes over from those before it."""
    if not dockerfile.stages:
        return
    last = len(dockerfile.stages) - 1
    base = _base_of(dockerfile, last)
    kept = _taken_over(dockerfile, last)
    lines = {
        line
        for one in dockerfile.instructions
        if one.stage in kept
        for line in range(one.span.line, (one.span.end_line or one.span.line) + 1)
    }
    found = tuple(
        install
        for command in facts.commands
        if command.line in lines
        for install in installs(command.text, facts.path, command.line)
    )
    stage = dockerfile.stages[base]
    brought = tuple(of_install("docker", facts.path, found))
    if not brought and not any(one.tool == "conda" and one.lists for one in found):
        brought = tuple(of_base_image(facts.path, stage))
    yield Setup(
        "image",
        facts.path,
        installs=found,
        pythons=brought,
        given=tuple(distributions_in(stage)),
        copies=tuple(_copies(dockerfile)),
    )


def _base_of(dockerfile: Dockerfile, stage: int) -> int:
    """The first stage of those that a stage builds on. Each can only build on one before it."""
    while 0 <= dockerfile.stages[stage].base < stage:
        stage = dockerfile.stages[stage].base
    return stage


def _taken_over(dockerfile: Dockerfile, last: int) -> set[int]:
    """The last stage, those it builds on, and those it copies from."""
    by_name = {one.name.lower(): number for number, one in enumerate(dockerfile.stages) if one.name}
    by_name.update({str(number): number for number in range(len(dockerfile.stages))})
    kept: set[int] = set()
    waiting = [last]
    while waiting:
        stage = waiting.pop()
        if stage < 0 or stage in kept:
            continue
        kept.add(stage)
        waiting.append(dockerfile.stages[stage].base)
        for one in dockerfile.instructions:
            source = re.search(r"--from=(\S+)", one.value) if one.stage == stage else None
            if source and one.keyword in ("COPY", "ADD"):
                waiting.append(by_name.get(source[1].lower(), -1))
    return kept


def _copies(dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    for one in dockerfile.instructions:
        if one.keyword in ("COPY", "ADD") and "--from=" not in one.value:
            *sources, target = _FLAG.sub("", one.value).split() or [""]
            for source in sources:
                inside = target.endswith(("/", ".")) or len(sources) > 1
                name = posixpath.basename(source.rstrip("/"))
                yield (posixpath.join(target, name) if inside else target), source
        for mount in _BIND.findall(one.value) if one.keyword == "RUN" else ():
            fields = dict(part.partition("=")[::2] for part in mount.split(","))
            if "source" in fields and "target" in fields:
                yield fields["target"], fields["source"]


def _notebook(facts: FileFacts) -> Iterator[Setup]:
    found = tuple(
        install
        for magic in facts.runs
        if _INSTALLER.search(magic.text)
        for install in installs(magic.text, facts.path, magic.line)
    )
    yield Setup("notebook", facts.path, installs=found)


def takes_group(install: Install, group: str) -> bool:
    """Whether what a tool installs from its lock has the packages of a group; empty: those that
    the project needs when it runs."""
    said = {one.partition("=")[0]: one.partition("=")[2] for one in install.groups}
    if not group:
        return not {"--only-group", "--only-dev"} & set(said)
    name = group.removeprefix("extra:")
    if any(name in re.split(r"[\s,]+", one.partition("=")[2]) for one in install.groups):
        return not any(name in said.get(option, "") for option in ("--without", "--no-group"))
    if group.startswith("extra:"):
        return "--all-extras" in said
    if "--all-groups" in said:
        return True
    if {"--no-dev", "--prod", "--production", "--only", "--no-default-groups"} & set(said):
        return False
    if install.tool == "pipenv":
        return bool({"--dev", "-d"} & set(said))
    return group == "dev" or install.tool == "poetry"


def names_group(install: Install, group: str) -> bool:
    """Whether a command asks for a group by its name: `.[dev]`, `--group docs`."""
    extra = group.startswith("extra:")
    if extra and "--all-extras" in install.groups:
        return True
    option, wanted = "--extra" if extra else "--group", normalise(group.removeprefix("extra:"))
    said = (one.partition("=")[::2] for one in install.groups)
    return any(name == option and normalise(value) == wanted for name, value in said)


def resolved(
    written: str, setup: Setup, folders: tuple[str, ...], files: Mapping[str, object]
) -> str:
    """The file of the repository that a command of the setup names; empty when none is known.

    `folders` are those from which images are built and jobs started, the likeliest first.
    """
    copied = dict(setup.copies)
    name = posixpath.basename(written)
    for target, source in copied.items():
        if posixpath.basename(target) == name:
            written = source
            break
    beside = () if setup.side == "ci" else (posixpath.dirname(setup.path),)
    for folder in (*setup.folders, *beside, *folders):
        path = posixpath.normpath(posixpath.join(folder, written.lstrip("/")))
        if path in files:
            return path
    return ""
