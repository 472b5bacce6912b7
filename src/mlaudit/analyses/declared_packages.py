"""What the manifests around a project root declare, and whether that can be all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Dependency, Manifest
from mlaudit.patterns import Gated
from mlaudit.project.environment.distributions import known_distributions
from mlaudit.project.environment.import_table import import_table
from mlaudit.project.roots import within
from mlaudit.repo.model import Kind

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.project.roots import ProjectRoot

_KEPT = "a version specifier that PEP 440 does not allow"
"""The one problem of a requirement that does not cost its name."""
_EVERYTHING = frozenset({"anaconda", "rapids", "pyspark-client"})
"""Bring more than anybody lists."""
_BUILD = Gated(
    r"-(?:cpu|gpu|cuda\w*|cu\d+|rocm[\w-]*|intel|macos|nightly|headless|full|lite|slim|skinny|binary"
    r"|base|core|stable|noavx2|xpu|mkl|openblas)(?:-[\w-]+)?"
)
_PLAIN_IMAGE = Gated(
    r"(?:.*/)?(?:python|pypy|ubuntu|debian|debian-slim|alpine|buildpack-deps|busybox|scratch|node|"
    r"nginx|cuda|centos|fedora|rockylinux|amazonlinux|uv|micromamba|mambaforge|miniforge3?|"
    r"miniconda3?|poetry|ubi\d?(?:-minimal)?|python-\d+|distroless[\w/-]*|python3[\w-]*)"
)
"""Images without packages that code imports."""


class Declared:
    """The manifests that may speak for the code below one root."""

    def __init__(self, project: Project, root: ProjectRoot) -> None:
        self._project = project
        self.root = root

    @cached_property
    def roots(self) -> tuple[ProjectRoot, ...]:
        """The root, and those around it and in it; all of them where folders install each other."""
        every = self._project.environment.roots
        own = self._project.environment.declarations(self.root)
        if self.root.member or any(one.dependency.source in ("path", "editable") for one in own):
            return every
        return tuple(one for one in every if _related(one, self.root))

    @cached_property
    def dependencies(self) -> tuple[Dependency, ...]:
        environment = self._project.environment
        found = (one for root in self.roots for one in environment.declarations(root))
        return tuple(one.dependency for one in found)

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(one.name for one in self.dependencies)

    @cached_property
    def is_known(self) -> bool:
        """Whether the manifests say all that they ask for, and ask for something at all."""
        runtime = self._project.environment.declarations(self.root)
        if not any(one.dependency.name and not one.dependency.group for one in runtime):
            return False
        if any(one.name in _EVERYTHING or _is_nameless(one) for one in self.dependencies):
            return False
        return all(self._is_whole(path) for root in self.roots for path in root.files)

    def _is_whole(self, path: str) -> bool:
        facts = self._project.facts
        manifest = facts[path].manifest
        if manifest is None:
            return True
        brought = [facts.get(include.path) for include in manifest.includes]
        if any(one is None or one.manifest is None for one in brought):
            return False
        if any(problem.reason != _KEPT for problem in manifest.problems):
            return False
        return "dependencies" not in manifest.dynamic or bool(brought) or self._is_computed(path)

    def _is_computed(self, path: str) -> bool:
        """Whether the script beside a pyproject.toml spells out what that leaves to it."""
        folder = path.rpartition("/")[0]
        return path.endswith("pyproject.toml") and any(
            manifest.dependencies and "dependencies" not in manifest.dynamic
            for manifest in self._manifests(Kind.SETUP_PY, Kind.SETUP_CFG)
            if manifest.name or folder == self.root.path
        )

    def _manifests(self, *kinds: Kind) -> Iterator[Manifest]:
        facts = self._project.facts
        for path in self.root.manifests:
            manifest = facts[path].manifest
            if facts[path].kind in kinds and manifest is not None:
                yield manifest

    def declares(self, names: Iterable[str]) -> bool:
        """Whether one of several distributions, or another build of one, is asked for."""
        wanted = {other for name in names for other in known_distributions().names_of(name)}
        wanted.update(names)
        return bool(wanted & self.names) or any(
            self._is_another(name, one) for name in wanted for one in self.dependencies
        )

    def _is_another(self, name: str, one: Dependency) -> bool:
        if one.name.startswith(name) and _BUILD.fullmatch(one.name[len(name) :]):
            return True
        # The name of a repository is a guess at that of the distribution: `vision` for torchvision.
        guessed = one.source == "vcs" and one.raw.startswith(("git+", "hg+"))
        return guessed and (one.name in name or name in one.name)

    def bringing(self, names: Iterable[str]) -> str:
        """A declared distribution that always brings one of these along; empty without one."""
        wanted = set(names)
        for name in sorted(self.names):
            if wanted & import_table().brought_along([name]):
                return name
        return ""

    @cached_property
    def may_bring_more(self) -> bool:
        """Whether some of what is declared requires nobody here knows what."""
        table = import_table()
        return any(
            one.source != "index" or one.extras or not table.is_described(one.name)
            for one in self.dependencies
            if one.name
        )

    def runs_on_other_images(self) -> bool:
        """Whether an image to run on may bring packages that no manifest need name."""
        for facts in self._project.of_kind(Kind.DOCKERFILE):
            if not within(self._project.environment.root_of(facts.path).path, self.root.path):
                continue
            for stage in facts.dockerfile.stages if facts.dockerfile else ():
                if stage.base < 0 and not (stage.resolved and _is_plain(stage.image)):
                    return True
        return False


def own_names(project: Project) -> frozenset[str]:
    """The names of the distributions that the repository itself makes."""
    manifests = (facts.manifest for facts in project.facts.values())
    return frozenset(normalise(one.name) for one in manifests if one and one.name)


def _related(one: ProjectRoot, other: ProjectRoot) -> bool:
    return within(one.path, other.path) or within(other.path, one.path)


def _is_nameless(one: Dependency) -> bool:
    return not one.name and one.source in ("url", "vcs")


def _is_plain(image: str) -> bool:
    name = image.partition("@")[0]
    return _PLAIN_IMAGE.fullmatch(re.sub(r":[^/:]*$", "", name).lower()) is not None
