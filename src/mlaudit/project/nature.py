"""Library or application: whether ranges are right, and who trains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.roots import ProjectRoot, within
from mlaudit.repo.model import Context, Kind

if TYPE_CHECKING:
    from mlaudit.project.project import Project


class Nature(str, Enum):
    """What the code below a project root is made for."""

    APPLICATION = "application"
    LIBRARY = "library"
    """Others install it beside packages of their own choice."""
    UNKNOWN = "unknown"


_PACKAGE = "/__init__.py"
_PRIVATE = "Private ::"
_PUBLISHES = re.compile(
    r"pypa/gh-action-pypi-publish|\btwine upload\b|\b(?:poetry|uv|flit|hatch|pdm|maturin) publish\b"
)
_DEPLOYS = ("dockerfile", "containerfile", "procfile", "docker-compose.yml", "docker-compose.yaml")
_ASIDE = (Context.EXAMPLES, Context.DOCS, Context.TESTS, Context.VENDORED, Context.GENERATED)
_BENCHMARKS = frozenset({"benchmark", "benchmarks"})


def nature(project: Project, root: ProjectRoot) -> Nature:
    """What lies below a project root.

    A library has a build backend and an importable package, is published or classified, and ships
    no training entry point outside examples. Publishing in CI proves a library whatever programs
    it ships; mere classifiers do unless a program beside the package trains. Of a package that
    nothing says is published, only what it trains or deploys proves an application. What lies
    below a library without being a package may be its demo, or a tool of its makers.
    """
    packages = importable(project, root)
    classifiers = project.environment.classifiers(root)
    if not packages or not project.environment.packaged(root):
        return Nature.UNKNOWN if _serves_library(project, root) else Nature.APPLICATION
    if any(name.startswith(_PRIVATE) for name in classifiers):
        return Nature.APPLICATION
    if _published(project):
        return Nature.LIBRARY
    if classifiers:
        beside = (path for path in _training(project, root, notebooks=False))
        own = tuple(f"{package}/" for package in packages)
        alone = all(path.startswith(own) for path in beside)
        return Nature.LIBRARY if alone else Nature.APPLICATION
    if any(_training(project, root, notebooks=True)) or _deployed(project, root):
        return Nature.APPLICATION
    return Nature.UNKNOWN


def in_benchmarks(path: str) -> bool:
    return not _BENCHMARKS.isdisjoint(path.lower().split("/"))


def _serves_library(project: Project, root: ProjectRoot) -> bool:
    return any(
        other.path != root.path
        and within(other.path, root.path)
        and project.environment.packaged(other)
        and project.nature(other) is Nature.LIBRARY
        for other in project.environment.roots
    )


def importable(project: Project, root: ProjectRoot) -> tuple[str, ...]:
    """Folders of the packages that a root holds, in itself or in `src`."""
    below = f"{root.path}/" if root.path else ""
    found = []
    for start in (below, f"{below}src/"):
        for path, file in project.files.items():
            if not path.endswith(_PACKAGE) or not path.startswith(start):
                continue
            package = path.removesuffix(_PACKAGE)
            name = package[len(start) :]
            if name and "/" not in name and file.context is Context.SRC:
                found.append(package)
    return tuple(found)


def _published(project: Project) -> bool:
    """Whether a CI job uploads a distribution to a package index."""
    for facts in project.of_kind(Kind.YAML):
        if facts.document is None or not is_ci(facts.path):
            continue
        for entry in facts.document.entries:
            if isinstance(entry.value, str) and _PUBLISHES.search(entry.value):
                return True
    return False


def _training(project: Project, root: ProjectRoot, *, notebooks: bool) -> Iterator[str]:
    """Files below the root that train when run, examples and benchmarks left out."""
    program = project.program
    for entry in program.entry_points:
        file = project.files[entry.path]
        if file.context in _ASIDE or (file.kind is Kind.NOTEBOOK and not notebooks):
            continue
        if in_benchmarks(entry.path):
            continue
        if project.environment.root_of(entry.path) == root and program.fits(entry):
            yield entry.path


def _deployed(project: Project, root: ProjectRoot) -> bool:
    below = f"{root.path}/" if root.path else ""
    return any(
        path.startswith(below) and path[len(below) :].lower() in _DEPLOYS for path in project.files
    )
