"""The parts of a repository that are judged apart: its project roots that have code of their own.

What lies above them is looked up to the top: a README, a licence, owners and the jobs of CI speak
for all that is below. A document that belongs to no part speaks for those that it names, or for
all where it names none.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mlaudit.project.nature import Nature, in_benchmarks
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.practices.tools import COUNTED
from mlaudit.project.project import Project
from mlaudit.project.roots import ProjectRoot, within
from mlaudit.repo.model import File

_UPWARDS = re.compile(
    r"(?:(?:\.github|\.gitlab|docs)/)?(?:README|LICEN[CS]E|COPYING|CODEOWNERS|CHANGELOG|CHANGES"
    r"|CONTRIBUTING|SECURITY|PULL_REQUEST_TEMPLATE|dependabot|renovate)[^/]*"
    r"|\.pre-commit-config\.ya?ml|\.gitattributes|\.secrets\.baseline|\.gitleaks\.toml",
    re.IGNORECASE,
)
"""Below the folder of a root: what speaks for all roots inside it."""
_MOST_ENTRIES = 5_000
"""Entries of a document that are searched for names of parts: beyond it is data, no setting."""


class Part(NamedTuple):
    """A project root, and the files on which its level rests."""

    root: ProjectRoot
    files: Mapping[str, File]

    def holds(self, project: Project, path: str) -> bool:
        """Whether a finding there is about this part; of what is not there, one in its folders."""
        if path in self.files:
            return True
        folder = posixpath.dirname(path)
        return path not in project.files and (
            within(folder, self.root.path) or within(self.root.path, folder)
        )


def whole(project: Project) -> Part:
    """The repository as one part."""
    return Part(project.environment.root_of(""), project.files)


def parts(project: Project) -> tuple[Part, ...]:
    """Every root with code in use, by path. One alone has all files of the repository."""
    environment = project.environment
    roots = {root.path: root for root in environment.roots}
    found = {
        environment.root_of(path).path
        for path, facts in project.facts.items()
        if facts.python is not None and project.files[path].context in COUNTED
    }
    coded = sorted(path for path in found if not _is_aside(project, roots[path]))
    if len(coded) < 2:
        return (Part(roots[coded[0] if coded else ""], project.files),)
    sharing = _Sharing(project, coded)
    files: dict[str, dict[str, File]] = {folder: {} for folder in coded}
    for path, file in project.files.items():
        for folder in sharing.parts_of(path):
            files[folder][path] = file
    return tuple(Part(roots[one], files[one]) for one in coded)


def _is_aside(project: Project, root: ProjectRoot) -> bool:
    """Whether a root is the benchmark of what it lies in, or a tool of a library's makers."""
    if in_benchmarks(root.path):
        return True
    return project.nature(root) is Nature.UNKNOWN and any(
        other.path != root.path
        and within(other.path, root.path)
        and project.nature(other) is Nature.LIBRARY
        for other in project.environment.roots
    )


class _Sharing:
    """Which parts a file speaks for."""

    def __init__(self, project: Project, coded: list[str]) -> None:
        self._project = project
        self._coded = coded
        self._roots = {root.path: root for root in project.environment.roots}
        below = "|".join(re.escape(one) for one in sorted(coded, key=len, reverse=True) if one)
        self._names = re.compile(rf"(?:(?<![\w/.-])|(?<=[.}}]/))({below})(?![\w-]|\.\w)")

    def parts_of(self, path: str) -> Iterator[str]:
        home = self._home(path)
        if home is not None:
            yield home
        inner = [one for one in self._coded if one != home and within(home or "", one)]
        if inner:
            yield from self._spoken_for(path, home, inner)

    def _home(self, path: str) -> str | None:
        """The nearest part that the file lies in."""
        holding = (one for one in self._coded if within(one, path))
        return max(holding, key=len, default=None)

    def _spoken_for(self, path: str, home: str | None, inner: list[str]) -> Iterator[str]:
        """Those of the parts below a file for which it speaks."""
        if _UPWARDS.fullmatch(path[len(home or "") :].lstrip("/")):
            yield from inner
            return
        named = self._named(path)
        if named:
            yield from (one for one in inner if one in named)
        elif home is None or is_ci(path):
            yield from inner
        else:
            yield from self._locking(path, inner)

    def _locking(self, path: str, inner: list[str]) -> Iterator[str]:
        """The members of a workspace whose lock this is."""
        for one in inner:
            root = self._roots[one]
            if root.member and path in self._roots[root.workspace].locks:
                yield one

    def _named(self, path: str) -> frozenset[str]:
        """The parts whose folders a document, or a command in it, names."""
        facts = self._project.facts.get(path)
        if facts is None or facts.python is not None or facts.lock is not None:
            return frozenset()
        entries = facts.document.entries[:_MOST_ENTRIES] if facts.document is not None else ()
        texts = [entry.value for entry in entries if isinstance(entry.value, str)]
        texts += [command.text for command in facts.runs]
        return frozenset(name for text in texts for name in self._names.findall(text))
