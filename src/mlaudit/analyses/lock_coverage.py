"""Which declarations a lock file, or a compiled list, was made from."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator

from msgspec import Struct

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Dependency, Locked, Manifest
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.freezing import Declaration, LockedAt
from mlaudit.project.environment.markers import machines
from mlaudit.project.roots import ProjectRoot

_COMPILERS = frozenset({"pip-compile", "uv pip compile", "hatch-pip-compile"})
_UNIVERSAL = frozenset({"uv", "poetry", "pdm"})
"""Locks that hold for every interpreter and platform at once."""
_ALL_GROUPS = frozenset({"uv", "poetry", "pipenv"})
"""Tools that lock the extras and the groups, whatever is installed."""
_SOURCE = re.compile(r"\.(?:in|txt|toml|cfg|py)$")
_TAKING_FILES = frozenset({"-o", "--output-file", "-c", "--constraint", "--override"})
_OF_PYTHON = re.compile(r"\bpython_(?:full_)?version\b")
_OF_PLATFORM = re.compile(r"\b(?:sys_platform|platform_\w+|os_name|implementation_\w+|extra)\b")


class Coverage(Struct, frozen=True):
    """A lock and the declarations that must be in it."""

    lock: str
    packages: dict[str, tuple[LockedAt, ...]]
    declarations: tuple[Declaration, ...]
    universal: bool = False
    freed: frozenset[str] = frozenset()
    """Names whose declared versions the project overrides, and those of its own packages."""

    def held(self, name: str) -> tuple[LockedAt, ...]:
        return self.packages.get(name, ())

    def decides(self, declaration: Declaration, python: str) -> bool:
        """Whether the lock must fulfil the declaration. `python` are the project's interpreters.

        A marker of platforms leaves that open: who knows for which the lock was made.
        """
        dependency = declaration.dependency
        if dependency.source != "index" or not dependency.name or dependency.name in self.freed:
            return False
        if not dependency.marker:
            return True
        found = machines(dependency.marker, python)
        if not found or _OF_PLATFORM.search(dependency.marker):
            return False
        everywhere = len(found) == len(machines("", python) or ())
        return everywhere or (self.universal and bool(_OF_PYTHON.search(dependency.marker)))


def coverages(environment: Environment, root: ProjectRoot) -> Iterator[Coverage]:
    """Every lock and compiled list of the root, with what it was made from."""
    for path in root.locks:
        yield from _of_lock(environment, root, path)
    for path in (*root.files, *root.constraints):
        manifest = environment.manifest(path)
        if manifest is not None and manifest.compiled_by in _COMPILERS:
            yield from _of_list(environment, path, manifest)


def _of_lock(environment: Environment, root: ProjectRoot, path: str) -> Iterator[Coverage]:
    lock = environment.lock(path)
    folder = posixpath.dirname(path)
    if lock is None:
        return
    files = _files_of(environment, root, folder, lock.manager, posixpath.basename(path))
    manifests = [(file, environment.manifest(file)) for file in files]
    declarations = tuple(
        Declaration(one, file)
        for file, manifest in manifests
        for one in (manifest.dependencies if manifest else ())
        if _is_locked(one, lock.manager)
    )
    if declarations:
        names = {normalise(manifest.name) for _, manifest in manifests if manifest}
        yield Coverage(
            path,
            _by_name(LockedAt(one, path) for one in lock.packages),
            declarations,
            lock.manager in _UNIVERSAL,
            frozenset(names | set(_overridden(environment, files))),
        )


def _files_of(
    environment: Environment, root: ProjectRoot, folder: str, manager: str, name: str
) -> list[str]:
    """The manifests that a lock of this tool in this folder is made from."""

    def there(file: str) -> list[str]:
        path = posixpath.join(folder, file)
        return [path] if environment.manifest(path) else []

    if manager == "pipenv":
        return there("Pipfile")
    if manager == "pixi":
        return there("pixi.toml") or there("pyproject.toml")
    if manager == "conda-lock":
        conda = [path for path in root.files if _is_conda(environment.manifest(path))]
        named = there("environment.yml") or there("environment.yaml")
        return named if conda == named else []
    if manager == "pylock":
        return there("pyproject.toml") if name == "pylock.toml" else []
    if manager == "uv":
        members = [
            posixpath.join(one.path, "pyproject.toml")
            for one in environment.roots
            if one.member and one.workspace == root.path
        ]
        return [*there("pyproject.toml"), *filter(environment.manifest, members)]
    return there("pyproject.toml")


def _is_conda(manifest: Manifest | None) -> bool:
    return manifest is not None and manifest.manager == "conda"


def _is_locked(dependency: Dependency, manager: str) -> bool:
    if dependency.group == "build":
        return False
    return not dependency.group or manager in _ALL_GROUPS


def _overridden(environment: Environment, files: Iterable[str]) -> Iterator[str]:
    """Distributions whose declared versions the resolver was told to disregard."""
    for file in files:
        for key, value in environment.entries(file):
            if key[:2] == ("tool", "uv") and key[2:3] in (
                ("override-dependencies",),
                ("exclude-dependencies",),
            ):
                found = re.match(r"[\w.-]+", str(value))
                if found:
                    yield normalise(found[0])
            elif key[:4] == ("tool", "pdm", "resolution", "overrides") and len(key) == 5:
                yield normalise(str(key[4]))


def _of_list(environment: Environment, path: str, manifest: Manifest) -> Iterator[Coverage]:
    sources, groups = _made_from(environment, path, manifest.compiled_with)
    declarations = tuple(
        one
        for source in sources
        for one in _with_included(environment, source)
        if not source.endswith((".toml", ".cfg", ".py")) or one.dependency.group in groups
    )
    if declarations:
        packages = (LockedAt(_as_locked(one), path) for one in manifest.dependencies if one.name)
        own = {normalise(found.name) for found in map(environment.manifest, sources) if found}
        yield Coverage(path, _by_name(packages), declarations, freed=frozenset(own))


def _with_included(environment: Environment, path: str) -> Iterator[Declaration]:
    """What a list asks for, with the lists that it brings in."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        manifest = environment.manifest(one)
        if one in seen or manifest is None:
            continue
        seen.add(one)
        yield from (Declaration(each, one) for each in manifest.dependencies)
        waiting += [each.path for each in manifest.includes if each.kind == "requirement"]


def _as_locked(one: Dependency) -> Locked:
    source = "index" if one.source == "index" else "vcs"
    return Locked(one.name, one.specifier.removeprefix("=="), source, line=one.span.line)  # type: ignore[arg-type]


def _made_from(environment: Environment, path: str, command: str) -> tuple[list[str], set[str]]:
    """The sources of a compiled list, and the groups that were taken in.

    None of the sources where one cannot be found: then nobody knows what the list must have.
    """
    words = _words(command)
    pairs = list(zip(words, [*words[1:], ""], strict=False))
    groups = {""}
    for word, following in pairs:
        option, _, value = word.partition("=")
        if option in ("--extra", "--group"):
            prefix = "extra:" if option == "--extra" else ""
            groups.add(prefix + normalise(value or following))
    outputs = {following for word, following in pairs if word in _TAKING_FILES}
    named = [
        word
        for word in words
        if _SOURCE.search(word) and word not in outputs and not word.startswith("-")
    ]
    found = [_found(environment, path, word) for word in named] or [
        f"{path.removesuffix('.txt')}.in"
    ]
    return (found if all(map(environment.manifest, found)) else []), groups


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _found(environment: Environment, path: str, word: str) -> str:
    """The command was given in a folder that nobody knows: that of the list, or one above it."""
    folder = posixpath.dirname(path)
    while True:
        candidate = posixpath.normpath(posixpath.join(folder, word))
        if environment.manifest(candidate) or not folder:
            return candidate
        folder = posixpath.dirname(folder)


def _by_name(packages: Iterable[LockedAt]) -> dict[str, tuple[LockedAt, ...]]:
    table: dict[str, list[LockedAt]] = {}
    for one in packages:
        table.setdefault(one.locked.name, []).append(one)
    return {name: tuple(found) for name, found in table.items()}
