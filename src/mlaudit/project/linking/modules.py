"""Which file an import means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

PACKAGE = "__init__.py"


class Found(Struct, frozen=True):
    """The file that an import leads to, and the names to look up in it."""

    path: str
    rest: tuple[str, ...]


class Modules:
    """The Python files of a repository as modules, wherever their source root lies."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._files: dict[str, str] = {}
        """Path without its suffix, the folder for a package: the file."""
        self._folders: set[str] = {""}
        for path in paths:
            folder, _, name = path.rpartition("/")
            self._files[folder if name == PACKAGE else path.rpartition(".")[0]] = path
            while folder and folder not in self._folders:
                self._folders.add(folder)
                folder = folder.rpartition("/")[0]
        self._parents: dict[str, list[str]] = defaultdict(list)
        """First segment of an absolute import: folders that hold such a module or package."""
        self._found: dict[tuple[str, str], Found | None] = {}
        """By import and folder of the importing file."""
        for key in sorted(self._files.keys() | self._folders):
            folder, _, name = key.rpartition("/")
            if name:
                self._parents[name].append(folder)

    def find(self, target: str, importer: str) -> Found | None:
        """The file that `target`, as `importer` writes it, leads to. None when outside."""
        first = target.partition(".")[0]
        if first and first not in self._parents:
            return None
        key = target, importer.rpartition("/")[0]
        if key not in self._found:
            self._found[key] = self._find(target, importer)
        return self._found[key]

    def _find(self, target: str, importer: str) -> Found | None:
        dots = len(target) - len(target.lstrip("."))
        segments = tuple(target[dots:].split(".")) if len(target) > dots else ()
        base = _climb(importer, dots) if dots else self._base(segments[0], importer)
        if base is None:
            return None
        found = self._descend(base, segments)
        if dots or found is None or not found.rest or base not in self._files:
            return found
        return self._from_outside(base, segments, found)

    def _from_outside(self, package: str, segments: tuple[str, ...], found: Found) -> Found:
        """Inside a package `net` with a module `net/net.py`, `net.loss` means `net/loss.py`."""
        base = self._base(segments[0], package)
        other = self._descend(base, segments) if base is not None else None
        return other if other is not None and len(other.rest) < len(found.rest) else found

    def _base(self, name: str, importer: str) -> str | None:
        """The folder under which an absolute import of `name` is found.

        That of the importing file (a script's folder is on the path), or one above it; else the
        only one there is. Several in other places: not known.
        """
        folders = self._parents.get(name)
        if not folders:
            return None
        folder = importer
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in folders:
                return folder
            if _join(folder, "src") in folders:
                return _join(folder, "src")
        with_code = [f for f in folders if _join(f, name) in self._files]
        candidates = with_code or folders
        return candidates[0] if len(candidates) == 1 else None

    def _descend(self, base: str, segments: tuple[str, ...]) -> Found | None:
        found = None
        key = base
        if base in self._files:
            found = Found(self._files[base], segments)
        for depth, segment in enumerate(segments, 1):
            key = _join(key, segment)
            if key in self._files:
                found = Found(self._files[key], segments[depth:])
            elif key not in self._folders:
                break
        return found


def _climb(path: str, dots: int) -> str | None:
    for _ in range(dots):
        if not path:
            return None
        path = path.rpartition("/")[0]
    return path


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
