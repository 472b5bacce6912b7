"""Packages that a repository names outside its manifests: installed by hand, or in other lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.installs import Install, installs
from mlaudit.facts.paths import beside
from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Command, FileFacts
from mlaudit.project.roots import within
from mlaudit.rules.matchers import paths

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.project.roots import ProjectRoot

_INSTALLS = re.compile(r"\b(?:install|add|create|update)\b")
_KEYS = re.compile(r"depend|package|require|pip|conda|install|librar", re.IGNORECASE)
_NOT_KEYS = frozenset({"additional_dependencies", "known_third_party", "known_first_party"})
_LONGEST = 200
"""Characters of an item that may name a package."""
_ITEM = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>~!].*)?\s*")
_ARGUMENT = re.compile(r"pip|package|require|install|conda|depend", re.IGNORECASE)


class Mentions:
    """What is named anywhere, gathered when first asked for."""

    def __init__(self, project: Project, others: tuple[str, ...]) -> None:
        self._project = project
        self._is_other = paths.glob(f"**/{name}" for name in others)

    def name(self, names: Iterable[str], root: ProjectRoot) -> bool:
        """Whether one of the distributions is named, or a file that might name it is not read."""
        if any(within(folder, root.path) or within(root.path, folder) for folder in self._unread):
            return True
        return not self._names.isdisjoint(names)

    @cached_property
    def _unread(self) -> frozenset[str]:
        """Folders with lists of packages in a form of their own."""
        files = self._project.files
        found = {path.rpartition("/")[0] for path in files if self._is_other(path)}
        for facts, install in self._installs:
            for name in (*install.lists, *install.constraints):
                for path in (beside(facts.path, name), name.lstrip("./")):
                    read = self._project.facts.get(path)
                    if path in files and (read is None or read.manifest is None):
                        found.add(path.rpartition("/")[0])
        return frozenset(found)

    @cached_property
    def _names(self) -> frozenset[str]:
        found = {one.name for _, install in self._installs for one in install.dependencies}
        for facts in self._project.facts.values():
            found.update(_of_document(facts))
            found.update(_of_python(facts))
        return frozenset(found)

    @cached_property
    def _installs(self) -> list[tuple[FileFacts, Install]]:
        return [
            (facts, install)
            for facts in self._project.facts.values()
            for command in commands_of(facts)
            if _INSTALLS.search(command.text)
            for install in installs(command.text, facts.path, command.line)
        ]


def commands_of(facts: FileFacts) -> Iterator[Command]:
    """All commands that a file gives, to a shell or to its readers."""
    yield from facts.runs
    yield from facts.prose.commands if facts.prose else ()


def _of_document(facts: FileFacts) -> Iterator[str]:
    for entry in facts.document.entries if facts.document else ():
        if not isinstance(entry.value, str) or not entry.path:
            continue
        keys = [key for key in entry.path if isinstance(key, str)]
        if not any(map(_KEYS.search, keys)) or not _NOT_KEYS.isdisjoint(keys):
            continue
        found = _ITEM.fullmatch(entry.value) if len(entry.value) < _LONGEST else None
        if found:
            yield normalise(found[1])
        if isinstance(entry.path[-1], str):
            yield normalise(entry.path[-1])


def _of_python(facts: FileFacts) -> Iterator[str]:
    """Lists such as `packages_to_install=["pandas==2.2"]` of a pipeline's step."""
    for text in facts.python.texts if facts.python else ():
        if text.role != "argument" and text.role != "element":
            continue
        pinned = "==" in text.value
        if pinned or _ARGUMENT.search(text.name) or _ARGUMENT.search(text.callee):
            found = _ITEM.fullmatch(text.value) if len(text.value) < _LONGEST else None
            if found:
                yield normalise(found[1])
