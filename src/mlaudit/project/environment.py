"""What each part of the repository asks to have installed, and what is known to be installed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Dependency, FileFacts, Lock, Manifest
from mlaudit.project.distributions import known_distributions
from mlaudit.project.freezing import (
    Declaration,
    Freeze,
    Freezing,
    LockedAt,
    is_compiled,
    is_runtime,
    pins,
)
from mlaudit.project.markers import applies
from mlaudit.project.roots import ProjectRoot, find_homes, find_roots
from mlaudit.project.versions import Interval, Level, interval_of, is_exact, understood

if TYPE_CHECKING:
    from mlaudit.project.interpreters import PythonSource
    from mlaudit.project.setups import Setup
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
            own = self._version_of_notebook(where, name)
            if own is not None:
                return own
        root = self.root_of(where) if isinstance(where, str) else where
        key = root.path, name
        if key not in self._versions:
            self._versions[key] = self._version(root, name)
        return self._versions[key]

    def _version(self, root: ProjectRoot, name: str) -> Interval | None:
        locked = [(f"=={one.locked.version}", one.path) for one in self.locked(root, name)]
        locked = [one for one in locked if one[0] != "=="]
        if locked:
            return interval_of(locked, "lock")
        said = [*self.declared(root, name), *self.constraints(root, name)]
        python = self.takes_python(root) if any(one.dependency.marker for one in said) else ""
        said = [
            one
            for one in said
            if one.dependency.specifier and applies(one.dependency.marker, python) is not False
        ]
        runtime = [one for one in said if not one.dependency.group]
        found = _held(runtime) or self._in_images(root, name) or _bounded(runtime)
        if found is not None:
            return found
        groups = [one for one in said if one.dependency.group]
        return _held(groups) or _bounded(groups)

    def _version_of_notebook(self, path: str, name: str) -> Interval | None:
        """The pin of a `%pip install` in the notebook itself."""
        if not path.endswith(".ipynb"):
            return None
        names = known_distributions().names_of(name)
        wanted = [
            Declaration(one, path)
            for setup in self._setups_in.get(path, ())
            for install in setup.installs
            for one in install.dependencies
            if one.name in names
        ]
        return _held(wanted)

    def _in_images(self, root: ProjectRoot, name: str) -> Interval | None:
        """What the images of an application have; who uses a package has images of his own."""
        if self.packaged(root):
            return None
        names = known_distributions().names_of(name)
        said = [
            (one.specifier, setup.path)
            for setup in self.setups(root)
            if setup.side == "image"
            for one in (*setup.given, *(each for i in setup.installs for each in i.dependencies))
            if one.name in names and is_exact(one.specifier.removesuffix(".*"))
        ]
        return interval_of(said, "image") if said else None

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
        from mlaudit.project.setups import resolved

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
        from mlaudit.project.setups import setups_of

        found = {path: tuple(setups_of(self._facts[path])) for path in sorted(self._facts)}
        return {path: setups for path, setups in found.items() if setups}

    @cached_property
    def _assigned(self) -> dict[str | None, tuple[Setup, ...]]:
        from mlaudit.project.belonging import homes_of

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
        from mlaudit.project.interpreters import stated_pythons

        manifests = [self._facts[path] for path in root.files]
        return stated_pythons(root, manifests, self._version_files, self.root_of)

    @cached_property
    def _version_files(self) -> Mapping[str, tuple[PythonSource, ...]]:
        from mlaudit.project.interpreters import version_files

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
        for name in ("pyproject.toml", "setup.cfg", "setup.py"):
            path = posixpath.join(root.path, name)
            if self.manifest(path) is not None:
                return path
        return ""

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
        for path in paths:
            manifest = self._facts[path].manifest
            compiled = manifest is not None and is_compiled(manifest)
            for dependency in manifest.dependencies if manifest else ():
                declaration = Declaration(dependency, path, compiled)
                table.setdefault(dependency.name, []).append(declaration)
        return {name: tuple(found) for name, found in table.items()}

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


def _held(said: list[Declaration]) -> Interval | None:
    """The exact versions: of compiled lists, else written by hand for pip, else for conda."""
    exact = [one for one in said if is_exact(one.dependency.specifier)]
    conda = [one for one in said if one.dependency.channel == "conda" and _is_series(one)]
    levels: tuple[tuple[Level, list[Declaration]], ...] = (
        ("compiled", [one for one in exact if one.compiled]),
        ("pin", [one for one in exact if one.dependency.channel == "pip"]),
        ("conda", [*exact, *conda]),
    )
    for level, found in levels:
        if found:
            return interval_of(map(_said, found), level)
    return None


def _is_series(declaration: Declaration) -> bool:
    """Conda's `=2.1`, which is as firm as people write it there."""
    return is_exact(declaration.dependency.specifier.removesuffix(".*"))


def _bounded(said: list[Declaration]) -> Interval | None:
    # What cannot be understood may allow anything.
    if not said or not all(understood(one.dependency.specifier) for one in said):
        return None
    return interval_of(map(_said, said), "bounds")


def _said(declaration: Declaration) -> tuple[str, str]:
    return declaration.dependency.specifier, declaration.path
