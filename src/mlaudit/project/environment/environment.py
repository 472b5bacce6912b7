"""What each part of the repository asks to have installed, and what is known to be installed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Dependency, FileFacts, Lock, Manifest
from mlaudit.project.environment.distributions import known_distributions
from mlaudit.project.environment.freezing import (
    Declaration,
    Freeze,
    Freezing,
    LockedAt,
    is_compiled,
    is_runtime,
    pins,
)
from mlaudit.project.environment.known_version import in_notebook, known_version
from mlaudit.project.environment.versions import Interval
from mlaudit.project.roots import ProjectRoot, find_homes, find_roots

if TYPE_CHECKING:
    from mlaudit.project.environment.interpreters import PythonSource
    from mlaudit.project.environment.setup_model import Setup
    from mlaudit.repo.model import Repo


class Environment:
    """Project roots: what they declare and lock, what images, CI and notebooks install, and the
    interpreters that all of these name.

    A root is the nearest folder with a manifest; roots do not mix. Only a workspace's lock is
    shared by its members.
    """

    def __init__(self, facts: Mapping[str, FileFacts], repo: Repo | None = None) -> None:
        self._facts = facts
        self._repo = repo
        self._declared: dict[str, dict[str, tuple[Declaration, ...]]] = {}
        self._locked: dict[str, dict[str, tuple[LockedAt, ...]]] = {}
        self._versions: dict[tuple[str, str], Interval | None] = {}
        self._pythons: dict[str, str] = {}

    @cached_property
    def roots(self) -> tuple[ProjectRoot, ...]:
        """Sorted by path; the repository's own root is always the first."""
        return find_roots(self._facts, self.homes)

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """The path of the root of every manifest and lock."""
        return find_homes(self._facts)

    @cached_property
    def _by_path(self) -> dict[str, ProjectRoot]:
        return {root.path: root for root in self.roots}

    def root_of(self, path: str) -> ProjectRoot:
        """The root of a file: that of the nearest folder that is one."""
        folder = posixpath.dirname(path)
        while folder and folder not in self._by_path:
            folder = posixpath.dirname(folder)
        return self._by_path[folder]

    def declarations(self, root: ProjectRoot) -> tuple[Declaration, ...]:
        """Everything declared, in the order of files and lines; constraints left out."""
        return tuple(one for many in self._declarations_of(root).values() for one in many)

    def declared(self, root: ProjectRoot, name: str) -> tuple[Declaration, ...]:
        """Where a distribution, or a variant of it, is asked for."""
        table = self._declarations_of(root)
        names = known_distributions().names_of(name)
        return tuple(one for each in names for one in table.get(each, ()))

    def constraints(self, root: ProjectRoot, name: str) -> tuple[Declaration, ...]:
        """What constraints files say of a distribution, whether anybody asks for it or not."""
        return self._gathered(root.constraints).get(name, ())

    def locked(self, root: ProjectRoot, name: str) -> tuple[LockedAt, ...]:
        """Every version that the root's lock files, or its workspace's, have of a distribution."""
        table = self._locked_in(root)
        names = known_distributions().names_of(name)
        return tuple(one for each in names for one in table.get(each, ()))

    def locks_of(self, root: ProjectRoot) -> tuple[str, ...]:
        """The root's own lock files, else those of its workspace."""
        if root.locks or not root.member:
            return root.locks
        return self._by_path[root.workspace].locks

    def version(self, where: str | ProjectRoot, name: str) -> Interval | None:
        """What is known of a distribution's version, from the firmest source that says something.

        `where` is a root or the path of any file. The order is: what a notebook installs for
        itself, lock, compiled list, pin, conda, image, bounds; then the same of development
        groups. Several lists of one root may speak of different environments, so all that is said
        on one level counts.
        """
        if isinstance(where, str):
            own = in_notebook(self.setups_in(where), name)
            if own is not None:
                return own
        root = self.root_of(where) if isinstance(where, str) else where
        key = root.path, name
        if key not in self._versions:
            self._versions[key] = known_version(self, root, name)
        return self._versions[key]

    def setups_in(self, path: str) -> tuple[Setup, ...]:
        """What a notebook sets up; nothing for any other file."""
        return self._setups_in.get(path, ()) if path.endswith(".ipynb") else ()

    def frozen(self, root: ProjectRoot) -> Freeze:
        """How the root's runtime dependencies are frozen, and by which file."""
        locks = self.locks_of(root)
        if locks:
            return Freeze(Freezing.LOCKED, locks[0])
        runtime = [one for one in self.declarations(root) if is_runtime(one.dependency)]
        if not runtime:
            return Freeze(Freezing.NONE)
        compiled = next((one.path for one in runtime if one.compiled), "")
        if compiled:
            return Freeze(Freezing.COMPILED, compiled)
        loose = tuple(one for one in runtime if not self._is_pinned(root, one.dependency))
        kind = Freezing.RANGES if loose else Freezing.PINNED
        return Freeze(kind, (loose or runtime)[0].path, loose)

    def named_file(self, setup: Setup, written: str) -> str:
        """The file of the repository that a command of the setup names; empty when none is."""
        from mlaudit.project.environment.setups import resolved

        folders = tuple(dict.fromkeys((self.root_of(setup.path).path, "")))
        return resolved(written, setup, folders, self._facts)

    def packaged(self, root: ProjectRoot) -> bool:
        """Whether the root describes a package that others can install and import."""
        return any(manifest.packaged for manifest in self._manifests(root.manifests))

    def classifiers(self, root: ProjectRoot) -> tuple[str, ...]:
        """The trove classifiers of the package, which say that it is meant to be published."""
        manifests = self._manifests(root.manifests)
        return tuple(dict.fromkeys(one for each in manifests for one in each.classifiers))

    def setups(self, root: ProjectRoot) -> tuple[Setup, ...]:
        """The images, jobs of CI and notebooks that set up the root's environment."""
        return self._assigned.get(root.path, ())

    @cached_property
    def strays(self) -> tuple[Setup, ...]:
        """Images whose folder has no manifest, so that they belong to no root."""
        return self._assigned.get(None, ())

    @cached_property
    def _setups_in(self) -> dict[str, tuple[Setup, ...]]:
        from mlaudit.project.environment.setups import setups_of

        found = {path: tuple(setups_of(self._facts[path])) for path in sorted(self._facts)}
        return {path: setups for path, setups in found.items() if setups}

    @cached_property
    def _assigned(self) -> dict[str | None, tuple[Setup, ...]]:
        from mlaudit.project.environment.belonging import homes_of

        table: dict[str | None, list[Setup]] = {}
        for setups in self._setups_in.values():
            for setup in setups:
                for home in homes_of(setup, self) or (None,):
                    table.setdefault(home, []).append(setup)
        return {home: tuple(found) for home, found in table.items()}

    def python_sources(self, root: ProjectRoot) -> tuple[PythonSource, ...]:
        """Everything that names an interpreter for the root, with its place."""
        setups = [*self.setups(root), *self.strays]
        near = [one for one in setups if one.side == "ci" or self.root_of(one.path) == root]
        return (*self.stated_pythons(root), *(one for setup in near for one in setup.pythons))

    def stated_pythons(self, root: ProjectRoot) -> tuple[PythonSource, ...]:
        """Interpreters that the root's manifests and version files name."""
        from mlaudit.project.environment.interpreters import stated_pythons

        manifests = [self._facts[path] for path in root.files]
        return stated_pythons(root, manifests, self._version_files, self.root_of)

    @cached_property
    def _version_files(self) -> Mapping[str, tuple[PythonSource, ...]]:
        from mlaudit.project.environment.interpreters import version_files

        return version_files(self._facts, self._repo)

    def takes_python(self, root: ProjectRoot) -> str:
        """PEP 440 specifier of the interpreters that the root's package takes; empty for any."""
        if root.path not in self._pythons:
            known = ("requires-python", "poetry", "pipenv", "pixi")
            wanted = [one.specifier for one in self.stated_pythons(root) if one.origin in known]
            self._pythons[root.path] = wanted[0] if wanted else ""
        return self._pythons[root.path]

    def is_dynamic(self, root: ProjectRoot) -> bool:
        """Whether some dependencies are computed, so that the declared ones may not be all."""
        return any("dependencies" in one.dynamic for one in self._manifests(root.manifests))

    def manifest(self, path: str) -> Manifest | None:
        """What a file declares; None when there is no such file, or it declares nothing."""
        one = self._facts.get(path)
        return one.manifest if one is not None else None

    def project_file(self, root: ProjectRoot) -> str:
        """The file that describes the root's own package; empty without one."""
        return next(iter(self.project_files(root)), "")

    def project_files(self, root: ProjectRoot) -> tuple[str, ...]:
        """The files that describe the root's own package: a `pyproject.toml` may do no more than
        name the backend that reads `setup.py`."""
        names = ("pyproject.toml", "setup.cfg", "setup.py")
        paths = [posixpath.join(root.path, name) for name in names]
        return tuple(path for path in paths if self.manifest(path) is not None)

    def package_name(self, root: ProjectRoot) -> str:
        """Under which name others install the root's package; empty without one."""
        found = (normalise(one.name) for one in self._manifests(root.manifests) if one.packaged)
        return next(filter(None, found), "")

    def is_compiled(self, path: str) -> bool:
        """Whether a list was written by a tool that resolved everything."""
        manifest = self.manifest(path)
        return manifest is not None and is_compiled(manifest)

    def lock(self, path: str) -> Lock | None:
        """What a lock file holds; None when there is no such file, or it cannot be read."""
        one = self._facts.get(path)
        return one.lock if one is not None else None

    def entries(self, path: str) -> Iterator[tuple[tuple[str | int, ...], object]]:
        """The scalars of a document, by their keys."""
        document = self._facts[path].document if path in self._facts else None
        for entry in document.entries if document is not None else ():
            if entry.kind == "scalar":
                yield entry.path, entry.value

    def _manifests(self, paths: Iterable[str]) -> list[Manifest]:
        found = (self._facts[path].manifest for path in paths)
        return [manifest for manifest in found if manifest is not None]

    def _declarations_of(self, root: ProjectRoot) -> dict[str, tuple[Declaration, ...]]:
        if root.path not in self._declared:
            self._declared[root.path] = self._gathered(root.files)
        return self._declared[root.path]

    def _gathered(self, paths: Iterable[str]) -> dict[str, tuple[Declaration, ...]]:
        table: dict[str, list[Declaration]] = {}
        paths = tuple(paths)
        groups = self._groups_of_lists(paths)
        for path in paths:
            manifest = self._facts[path].manifest
            compiled = manifest is not None and is_compiled(manifest)
            for dependency in manifest.dependencies if manifest else ():
                if path in groups and not dependency.group:
                    dependency = replace(dependency, group=groups[path])
                declaration = Declaration(dependency, path, compiled)
                table.setdefault(dependency.name, []).append(declaration)
        return {name: tuple(found) for name, found in table.items()}

    def _groups_of_lists(self, paths: Iterable[str]) -> dict[str, str]:
        """The group of each file that manifests bring in for an extra, and for nothing else."""
        found: dict[str, list[str]] = {}
        for manifest in self._manifests(paths):
            for include in manifest.includes:
                found.setdefault(include.path, []).append(include.group)
        return {path: groups[0] for path, groups in found.items() if all(groups)}

    def _locked_in(self, root: ProjectRoot) -> dict[str, tuple[LockedAt, ...]]:
        if root.path not in self._locked:
            table: dict[str, list[LockedAt]] = {}
            for path in self.locks_of(root):
                lock = self._facts[path].lock
                for package in lock.packages if lock else ():
                    table.setdefault(package.name, []).append(LockedAt(package, path))
            self._locked[root.path] = {name: tuple(found) for name, found in table.items()}
        return self._locked[root.path]

    def _is_pinned(self, root: ProjectRoot, dependency: Dependency) -> bool:
        if dependency.source in ("path", "editable") or pins(dependency):
            return True
        if dependency.source in ("vcs", "url"):
            return bool(dependency.ref) or dependency.source == "url"
        return any(pins(one.dependency) for one in self.constraints(root, dependency.name))
