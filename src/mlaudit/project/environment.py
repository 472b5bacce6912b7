"""What each part of the repository asks to have installed, and what is known to be installed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from mlaudit.facts.records import Dependency, FileFacts, Locked, Manifest
from mlaudit.project.distributions import known_distributions
from mlaudit.project.roots import ProjectRoot, find_roots
from mlaudit.project.versions import Interval, bounds_of, is_exact

if TYPE_CHECKING:
    from mlaudit.project.interpreters import PythonSource
    from mlaudit.repo.model import Repo

_INSTALLERS = frozenset({"python", "pip", "setuptools", "wheel", "uv", "conda"})
"""What installs the rest; no version of these changes what a model computes."""


class Declaration(Struct, frozen=True):
    """A dependency and the file that declares it."""

    dependency: Dependency
    path: str
    compiled: bool = False
    """The file was written by a tool that resolved everything (`Freezing.COMPILED`)."""


class LockedAt(Struct, frozen=True):
    """A locked distribution and the lock file."""

    locked: Locked
    path: str


class Freezing(str, Enum):
    """How firmly a root holds the versions of what it runs on, firmest first."""

    LOCKED = "locked"
    COMPILED = "compiled"
    """A compiled, hashed or frozen list, indirect dependencies included."""
    PINNED = "pinned"
    """Every direct dependency has one version; the indirect ones are open."""
    RANGES = "ranges"
    NONE = "none"
    """No dependencies are declared."""


class Freeze(Struct, frozen=True):
    freezing: Freezing
    path: str = ""
    """The lock or list that freezes, or the first manifest that does not; empty for NONE."""
    loose: tuple[Declaration, ...] = ()
    """Runtime dependencies without an exact version, where the freezing is PINNED or RANGES."""


class Environment:
    """Project roots, what they declare and lock, and the interpreters they name.

    A root is the nearest folder with a manifest; roots do not mix. Only a workspace's lock is
    shared by its members.
    """

    def __init__(self, facts: Mapping[str, FileFacts], repo: Repo | None = None) -> None:
        self._facts = facts
        self._repo = repo
        self._declared: dict[str, dict[str, tuple[Declaration, ...]]] = {}
        self._locked: dict[str, dict[str, tuple[LockedAt, ...]]] = {}
        self._versions: dict[tuple[str, str], Interval | None] = {}

    @cached_property
    def roots(self) -> tuple[ProjectRoot, ...]:
        """Sorted by path; the repository's own root is always the first."""
        return find_roots(self._facts)

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
        """What is known of a distribution's version: lock, else compiled list, pin or bounds.

        `where` is a root or the path of any file. Several lists of one root may speak of different
        environments, so all that is said on the firmest level counts.
        """
        root = self.root_of(where) if isinstance(where, str) else where
        key = root.path, name
        if key not in self._versions:
            self._versions[key] = self._version(root, name)
        return self._versions[key]

    def _version(self, root: ProjectRoot, name: str) -> Interval | None:
        found = self.locked(root, name)
        versions = [(f"=={one.locked.version}", one.path) for one in found if one.locked.version]
        if versions:
            return _interval(versions, "lock")
        said = [*self.declared(root, name), *self._constraints(root, name)]
        said = [one for one in said if one.dependency.specifier]
        for wanted in (
            [one for one in said if not one.dependency.group],
            [one for one in said if one.dependency.group],
        ):
            interval = _firmest(wanted)
            if interval:
                return interval
        return None

    def frozen(self, root: ProjectRoot) -> Freeze:
        """How the root's runtime dependencies are frozen, and by which file."""
        locks = self.locks_of(root)
        if locks:
            return Freeze(Freezing.LOCKED, locks[0])
        runtime = [one for one in self.declarations(root) if _is_runtime(one.dependency)]
        if not runtime:
            return Freeze(Freezing.NONE)
        compiled = next((one.path for one in runtime if one.compiled), "")
        if compiled:
            return Freeze(Freezing.COMPILED, compiled)
        loose = tuple(one for one in runtime if not self._is_pinned(root, one.dependency))
        kind = Freezing.RANGES if loose else Freezing.PINNED
        return Freeze(kind, (loose or runtime)[0].path, loose)

    def packaged(self, root: ProjectRoot) -> bool:
        """Whether the root describes a package that others can install and import."""
        return any(manifest.packaged for manifest in self._manifests(root.manifests))

    def classifiers(self, root: ProjectRoot) -> tuple[str, ...]:
        """The trove classifiers of the package, which say that it is meant to be published."""
        manifests = self._manifests(root.manifests)
        return tuple(dict.fromkeys(one for each in manifests for one in each.classifiers))

    def python_sources(self, root: ProjectRoot) -> tuple[PythonSource, ...]:
        """Everything that names an interpreter for the root, with its place."""
        from mlaudit.project.interpreters import python_sources

        return python_sources(self, self._facts, self._repo, root)

    def is_dynamic(self, root: ProjectRoot) -> bool:
        """Whether some dependencies are computed, so that the declared ones may not be all."""
        return any("dependencies" in one.dynamic for one in self._manifests(root.manifests))

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

    def _constraints(self, root: ProjectRoot, name: str) -> tuple[Declaration, ...]:
        return self._gathered(root.constraints).get(name, ())

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
        if dependency.source in ("path", "editable") or _pins(dependency):
            return True
        if dependency.source in ("vcs", "url"):
            return bool(dependency.ref) or dependency.source == "url"
        return any(_pins(one.dependency) for one in self._constraints(root, dependency.name))


def _is_runtime(dependency: Dependency) -> bool:
    return not dependency.group and dependency.name not in _INSTALLERS and bool(dependency.name)


def _pins(dependency: Dependency) -> bool:
    """`==1.2.3`; for conda `=1.2.3` too, which leaves open no more than the build."""
    if is_exact(dependency.specifier):
        return True
    fuzzy = dependency.specifier.removesuffix(".*")
    return (
        dependency.channel == "conda"
        and fuzzy != dependency.specifier
        and is_exact(fuzzy)
        and fuzzy.count(".") >= 2
    )


def is_compiled(manifest: Manifest) -> bool:
    """Whether a tool resolved the list: its header says so, all have hashes, or it reads like the
    output of `pip freeze`, exact throughout and with packages that nobody asks for by hand."""
    wanted = [one for one in manifest.dependencies if one.source == "index"]
    if not wanted or manifest.manager not in ("requirements", "conda"):
        return False
    if manifest.compiled_by or all(one.hashed for one in wanted):
        return True
    if not all(map(_pins, wanted)):
        return False
    return len({one.name for one in wanted} & known_distributions().indirect) >= 3


def _firmest(said: list[Declaration]) -> Interval | None:
    compiled = [one for one in said if one.compiled and is_exact(one.dependency.specifier)]
    if compiled:
        return _interval(map(_said, compiled), "compiled")
    pinned = [one for one in said if is_exact(one.dependency.specifier)]
    if pinned:
        return _interval(map(_said, pinned), "pin")
    known = [one for one in said if bounds_of(one.dependency.specifier)]
    # What cannot be understood may allow anything.
    return _interval(map(_said, known), "bounds") if known and len(known) == len(said) else None


def _said(declaration: Declaration) -> tuple[str, str]:
    return declaration.dependency.specifier, declaration.path


def _interval(said: Iterable[tuple[str, str]], source: object) -> Interval:
    specifiers, paths = zip(*said, strict=True)
    return Interval(tuple(dict.fromkeys(specifiers)), source, tuple(dict.fromkeys(paths)))  # type: ignore[arg-type]
