"""Which code of the repository a command runs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from mlaudit.facts.commands import python_target, split_commands
from mlaudit.facts.python_commands import without_runners
from mlaudit.patterns import Gated
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.resolution import Definition
from mlaudit.repo.model import Kind

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_FARTHEST = 3
"""Scripts inside one another that are followed."""
_NOTEBOOK = Gated(r"[\w./-]+\.ipynb")
_SHELLS = frozenset({"sh", "bash", "zsh", "dash"})


class Commanded:
    """Looks up what commands run. Files and console scripts are indexed when first asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._facts = project.facts

    def entries(
        self, path: str, text: str, folders: tuple[str, ...] = (), left: int = _FARTHEST
    ) -> Iterator[EntryPoint]:
        """The programs that a command runs, which stands in the file `path`."""
        for argv in split_commands(text):
            target = python_target(argv)
            if target is not None:
                yield from self._program(path, target, folders)
                continue
            words = without_runners(argv)
            name = words[0].rpartition("/")[2] if words else ""
            if name in ("papermill", "jupyter", "runipy", "ploomber"):
                yield from self._notebooks(path, text, folders)
            elif name in _SHELLS or name.endswith(".sh"):
                yield from self._script(path, words, folders, left)
            elif name in self._scripts:
                yield self._scripts[name]

    def _program(self, path: str, target: str, folders: tuple[str, ...]) -> Iterator[EntryPoint]:
        names = [target]
        if target.startswith("-m "):
            stem = target[3:].replace(".", "/")
            names = [f"{stem}.py", f"{stem}/__main__.py"]
        for name in names:
            found = self._find(path, name, folders)
            if found and self._facts[found].python is not None:
                yield EntryPoint(found, 0, "command")
                return

    def _find(self, path: str, name: str, folders: tuple[str, ...]) -> str:
        """A file as seen from a folder of the command, of its file, or the top; else the only."""
        name = name.removeprefix("./")
        for folder in (*folders, path.rpartition("/")[0], "", "src"):
            candidate = posixpath.normpath(posixpath.join(folder, name))
            if candidate in self._facts:
                return candidate
        alike = self._by_name.get(name.rpartition("/")[2], [])
        for end in (*(f"/{folder}/{name}" for folder in folders if folder), f"/{name}"):
            ending = [one for one in alike if one.endswith(end)]
            for found in ([one for one in ending if _same_top(one, path)], ending):
                if len(found) == 1:
                    return found[0]
        return ""

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._facts:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    def _notebooks(self, path: str, text: str, folders: tuple[str, ...]) -> Iterator[EntryPoint]:
        for named in islice(_NOTEBOOK.finditer(text), 1):
            found = self._find(path, named[0], folders)
            if found and self._facts[found].python is not None:
                yield EntryPoint(found, 0, "notebook")

    def _script(
        self, path: str, words: list[str], folders: tuple[str, ...], left: int
    ) -> Iterator[EntryPoint]:
        name = next((word for word in words if word.endswith(".sh")), "")
        found = self._find(path, name, folders) if name and left else ""
        if found and self._facts[found].kind is Kind.SHELL:
            for command in self._facts[found].commands:
                yield from self.entries(found, command.text, folders, left - 1)

    @cached_property
    def _scripts(self) -> dict[str, EntryPoint]:
        """Console scripts by name."""
        found: dict[str, EntryPoint] = {}
        for facts in self._facts.values():
            for script, target in facts.manifest.scripts if facts.manifest is not None else ():
                dotted = target.partition("[")[0].strip().replace(":", ".")
                where = self._project.program.resolver.name(facts.path, dotted)
                if isinstance(where, Definition):
                    entry = EntryPoint(where.path, where.scope, "console-script")
                    found.setdefault(script, entry)
        return found


def _same_top(one: str, other: str) -> bool:
    """Whether two files share more than the top of the repository, as far as the other is deep."""
    folders = other.split("/")[:-1][:2]
    return bool(folders) and one.split("/")[: len(folders)] == folders
