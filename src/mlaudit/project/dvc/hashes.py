"""Checksums of files and folders, as DVC takes them.

A folder's is that of a list of what lies in it, whatever git ignores and .dvcignore does not. What
cannot be told (a link, too many bytes, a file that cannot be read) has no checksum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlaudit.project.dvc.ignoring import IgnoreFiles
from mlaudit.repo.trees import Tree

MOST_BYTES = 256 * 2**20
"""That are hashed in one audit."""
MOST_FILES = 20_000
_BLOCK = 512
_TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"
_NEVER = frozenset({".git", ".hg", ".dvc"})
_POINTER = b"version https://git-lfs"


class Hash(NamedTuple):
    md5: str
    """Of a folder it ends in `.dir`."""
    files: int = 1


class UnknownHashError(Exception):
    """A checksum cannot be told."""


class Hashes:
    """Of one DVC repository; each is taken once."""

    def __init__(self, tree: Tree, ignored: IgnoreFiles) -> None:
        self._tree = tree
        self._ignored = ignored
        self._bytes = MOST_BYTES
        self._files = MOST_FILES
        self._known: dict[tuple[str, bool], Hash | None] = {}

    def exists(self, path: str) -> bool:
        return self._tree.exists(path)

    def of(self, path: str, *, legacy: bool = False) -> Hash | None:
        """The checksum of what lies at a path; None when it cannot be told, or nothing does."""
        key = (path, legacy)
        if key not in self._known:
            try:
                self._known[key] = self._hash(path, legacy)
            except (OSError, ValueError, UnknownHashError):
                self._known[key] = None
        return self._known[key]

    def below(self, folder: str) -> tuple[str, ...] | None:
        """The files that DVC sees in a folder; None when that cannot be told."""
        try:
            return tuple(self._below(folder))
        except (OSError, ValueError, UnknownHashError):
            return None

    def _hash(self, path: str, legacy: bool) -> Hash:
        if not self._tree.is_folder(path):
            return Hash(self._of_file(path, legacy))
        items = [
            {"md5": self._of_file(file, legacy), "relpath": file[len(path) + 1 :]}
            for file in self._below(path)
        ]
        items.sort(key=lambda item: item["relpath"])
        listing = json.dumps(items, sort_keys=True).encode()
        return Hash(f"{_md5([listing])}.dir", len(items))

    def _below(self, folder: str) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            at = waiting.pop()
            entries = self._tree.entries(at)
            if any(entry.name == ".dvcignore" for entry in entries):
                raise UnknownHashError("DVC takes no folder with ignore rules in it")
            if at != folder and any(entry.name == ".dvc" for entry in entries):
                raise UnknownHashError("a DVC repository in the folder")
            for name, link, is_folder in entries:
                path = f"{at}/{name}" if at else name
                if name in _NEVER or self._ignored.ignoring(path, folder=is_folder):
                    continue
                if link:
                    raise UnknownHashError("a link in the folder")
                if is_folder:
                    waiting.append(path)
                else:
                    yield path

    def _of_file(self, path: str, legacy: bool) -> str:
        self._files -= 1
        self._bytes -= self._tree.size(path)
        if self._bytes < 0 or self._files < 0:
            raise UnknownHashError("too much to hash")
        if self._tree.read_head(path, len(_POINTER)) == _POINTER:
            raise UnknownHashError("Git LFS has the file")
        chunks = self._tree.chunks(path)
        return _md5(map(_unix_lines, chunks) if legacy else chunks)


def _md5(chunks: Iterable[bytes]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _unix_lines(chunk: bytes) -> bytes:
    """With the line ends of Unix where it looks like text, chunk by chunk as DVC 2 did."""
    return chunk.replace(b"\r\n", b"\n") if _is_text(chunk[:_BLOCK]) else chunk


def _is_text(block: bytes) -> bool:
    strange = len(block.translate(None, _TEXT))
    return b"\0" not in block and strange <= 0.30 * len(block)
