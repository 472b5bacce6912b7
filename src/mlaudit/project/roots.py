"""Project roots: the folders whose files share one environment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from msgspec import Struct

from mlaudit.facts.records import FileFacts
from mlaudit.repo.model import Kind

_BESIDE = frozenset(
    {
        *("requirements", "requirement", "reqs", "deps", "dependencies", "constraints", "locks"),
        *("environment", "environments", "env", "envs", "conda", "conda-env", "binder", ".binder"),
        *("docker", "dockerfiles", "container", ".devcontainer", "build", "ci", ".github"),
        *(".circleci", "docs", "doc", "tests", "test"),
    }
)
"""Folders that hold the manifests of the folder above them."""
_LISTS = frozenset({"requirements", "requirement", "reqs"})
"""Folders that may hold further ones, by the part or the platform that a list is for."""
_LOOSE = frozenset({Kind.REQUIREMENTS, Kind.CONDA, Kind.LOCK})
"""Kinds that may lie in such a folder; the others always describe their own."""


class ProjectRoot(Struct, frozen=True):
    """A folder with its manifests. Two roots never share a version."""

    path: str
    """Relative to the repository; empty for its own root."""
    manifests: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    """Requirements files that the manifests bring in, wherever they lie."""
    constraints: tuple[str, ...] = ()
    workspace: str = ""
    """The enclosing root whose lock covers this one too; empty without one."""
    member: bool = False
    """Whether there is such a root; its path may be empty."""

    @property
    def files(self) -> tuple[str, ...]:
        """All that declares dependencies, constraints apart."""
        return tuple(dict.fromkeys((*self.manifests, *self.included)))


def find_roots(facts: Mapping[str, FileFacts], homes: Mapping[str, str]) -> tuple[ProjectRoot, ...]:
    """Every root, sorted by path; that of the repository is always among them."""
    folders = sorted({"", *homes.values()})
    return tuple(_root(folder, facts, homes, folders) for folder in folders)


def within(folder: str, path: str) -> bool:
    """Whether the path is the folder, or lies in it."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def is_beside(name: str) -> bool:
    """Whether folders of this name hold what describes the folder above them."""
    return name.lower() in _BESIDE


def beside(folder: str, root: str) -> bool:
    """Whether a folder is a root, or holds what describes it."""
    below = folder.removeprefix(root).strip("/").split("/")
    return within(root, folder) and all(not name or is_beside(name) for name in below)


def find_homes(facts: Mapping[str, FileFacts]) -> dict[str, str]:
    """The path of the root of every manifest and lock."""
    homes = {
        path: _home(path, one.kind)
        for path, one in facts.items()
        if one.manifest is not None or one.lock is not None
    }
    for path in sorted(homes, key=lambda path: (path.count("/"), path)):
        for other in _included(path, facts, "requirement"):
            # A part of a list lies with the list, even in a folder of its own below it.
            below = other in homes and within(homes[path], homes[other])
            if below and not _defines(homes[other], facts):
                homes[other] = homes[path]
    return homes


def _home(path: str, kind: Kind) -> str:
    folder = posixpath.dirname(path)
    if kind in _LOOSE:
        lists = next((i for i, name in enumerate(folder.split("/")) if name in _LISTS), None)
        if lists is not None:
            folder = "/".join(folder.split("/")[:lists])
        while folder and posixpath.basename(folder).lower() in _BESIDE:
            folder = posixpath.dirname(folder)
    return folder


def _defines(folder: str, facts: Mapping[str, FileFacts]) -> bool:
    """Whether the folder has a file that describes a project, and not only a list."""
    names = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "pixi.toml")
    paths = (f"{folder}/{name}" if folder else name for name in names)
    return any(path in facts and facts[path].manifest is not None for path in paths)


def _included(start: str, facts: Mapping[str, FileFacts], kind: str) -> Iterator[str]:
    """Files of the kind that are brought in at any remove; each once, so cycles end."""
    seen = {start}
    waiting = [start]
    while waiting:
        one = facts.get(waiting.pop())
        for include in one.manifest.includes if one and one.manifest else ():
            if include.path in seen or include.path not in facts:
                continue
            seen.add(include.path)
            if include.kind == "requirement":
                waiting.append(include.path)
            if include.kind == kind:
                yield include.path


def _root(
    folder: str, facts: Mapping[str, FileFacts], homes: Mapping[str, str], folders: list[str]
) -> ProjectRoot:
    mine = sorted(path for path, home in homes.items() if home == folder)
    constrained = {other for path in mine for other in _included(path, facts, "constraint")}
    constrained |= {path for path in mine if _is_constraints(path)}
    lists = [path for path in mine if path not in constrained or _is_both(path, facts)]
    lists = [path for path in lists if facts[path].manifest]
    included = {other for path in lists for other in _included(path, facts, "requirement")}
    workspace = _workspace(folder, facts, folders)
    return ProjectRoot(
        folder,
        manifests=tuple(lists),
        locks=tuple(path for path in mine if facts[path].lock),
        included=tuple(sorted(included.difference(lists))),
        constraints=tuple(sorted(constrained)),
        workspace=workspace or "",
        member=workspace is not None,
    )


def _is_both(path: str, facts: Mapping[str, FileFacts]) -> bool:
    """Whether a list that holds the versions for others is one to install from, too.

    Layers of pip-compile hold to the compiled list below them.
    """
    manifest = facts[path].manifest
    return manifest is not None and bool(manifest.compiled_by) and not _is_constraints(path)


def _is_constraints(path: str) -> bool:
    return posixpath.basename(path).lower().startswith("constraint")


def _workspace(folder: str, facts: Mapping[str, FileFacts], folders: list[str]) -> str | None:
    for above in reversed(folders):
        if above == folder or not within(above, folder):
            continue
        one = facts.get(f"{above}/pyproject.toml" if above else "pyproject.toml")
        globs = one.manifest.workspace if one and one.manifest else ()
        if _is_member(folder[len(above) :].strip("/"), globs):
            return above
    return None


def _is_member(relative: str, globs: tuple[str, ...]) -> bool:
    if any(_matches(relative, glob[1:]) for glob in globs if glob.startswith("!")):
        return False
    return any(_matches(relative, glob) for glob in globs if not glob.startswith("!"))


def _matches(relative: str, glob: str) -> bool:
    """A glob of uv: `*` stays within a folder, `**` does not."""
    from fnmatch import fnmatchcase

    wanted, parts = glob.strip("/").removeprefix("./").split("/"), relative.split("/")
    if "**" in wanted:
        return fnmatchcase(relative, glob.strip("/"))
    return len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))
