"""Images and deployments that resolve afresh though a lock exists."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from msgspec import Struct

from mlaudit.facts.installs import Install
from mlaudit.facts.records import Span
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.freezing import is_runtime
from mlaudit.project.environment.setup_model import Setup
from mlaudit.project.environment.versions import is_exact
from mlaudit.project.project import Project
from mlaudit.project.roots import ProjectRoot
from mlaudit.rules.model import Match, Related, Rule, Spot

_DEPLOYS = re.compile(r"deploy\w*|prod|production|serve|serving|rollout")
_CONDA_LOCKS = frozenset({"conda-lock", "pixi"})


class Bypass(Struct, frozen=True):
    """An installation from a list of ranges, beside a lock."""

    setup: Setup
    install: Install
    wanted: str
    """The list or project that it installs, as written."""
    lock: str


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each image or job."""
    for root in project.environment.roots:
        for found in bypasses_in(project.environment, root):
            file = project.files.get(found.setup.path)
            if file is not None and file.context.value in rule.contexts:
                yield Match(
                    rule.id,
                    Spot(found.setup.path, Span(found.install.line)),
                    {"wanted": found.wanted, "lock": found.lock},
                    identity=found.wanted,
                    related=(Related(Spot(found.lock), "the versions in use"),),
                )


def bypasses_in(environment: Environment, root: ProjectRoot) -> Iterator[Bypass]:
    """The first of each image and each job that deploys."""
    locks = environment.locks_of(root)
    for setup in environment.setups(root) if locks else ():
        if not _deploys(setup) or any(one.action != "resolve" for one in setup.installs):
            continue
        for install in setup.installs:
            lock = _lock_for(environment, install, locks)
            wanted = _loose(environment, setup, install, root) if lock else ""
            if wanted:
                yield Bypass(setup, install, wanted, lock)
                break


def _deploys(setup: Setup) -> bool:
    if setup.side == "image":
        return ".devcontainer" not in setup.path
    words = re.findall(r"[a-z]+", f"{posixpath.basename(setup.path)} {setup.name}".lower())
    return setup.side == "ci" and any(_DEPLOYS.fullmatch(word) for word in words)


def _lock_for(environment: Environment, install: Install, locks: tuple[str, ...]) -> str:
    """The first lock that holds what the tool installs."""
    for path in locks:
        lock = environment.lock(path)
        if lock and (install.tool == "conda") == (lock.manager in _CONDA_LOCKS):
            return path
    return ""


def _loose(environment: Environment, setup: Setup, install: Install, root: ProjectRoot) -> str:
    """What is installed in whatever versions are newest; empty when nothing is."""
    if install.constraints or install.bare:
        return ""
    for written in install.lists:
        path = environment.named_file(setup, written)
        if path and _is_loose(environment, path):
            return written
    for written in install.projects:
        path = environment.project_file(root)
        if written in (".", "./") and _has_project(setup) and _is_loose(environment, path):
            return written
    return ""


def _has_project(setup: Setup) -> bool:
    """Whether the project's own files are there, so that `.` can be no other one."""
    sources = {source.removeprefix("./").rstrip("/") for _, source in setup.copies}
    return setup.side == "ci" or not sources.isdisjoint(("", ".", "pyproject.toml", "setup.py"))


def _is_loose(environment: Environment, path: str) -> bool:
    manifest = environment.manifest(path)
    if manifest is None or environment.is_compiled(path):
        return False
    wanted = [one for one in manifest.dependencies if is_runtime(one) and one.source == "index"]
    return any(not is_exact(one.specifier) for one in wanted)
