"""Checksums of files and folders on disk, as DVC takes them.

A folder's is that of a list of what lies in it, whatever git ignores and .dvcignore does not. What
cannot be told (a link, too many bytes, a file that cannot be read) has no checksum.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mlaudit.project.dvc_ignoring import IgnoreFiles
from mlaudit.repo.regular import read_regular

MOST_BYTES = 256 * 2**20
"""That are hashed in one audit."""
MOST_FILES = 20_000
_BLOCK = 512
_CHUNK = 2**20
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

    def __init__(self, root: Path, ignored: IgnoreFiles) -> None:
        self._root = str(root)
        self._ignored = ignored
        self._bytes = MOST_BYTES
        self._files = MOST_FILES
        self._known: dict[tuple[str, bool], Hash | None] = {}

    def exists(self, path: str) -> bool:
        return os.path.lexists(self._on_disk(path))

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

    def _on_disk(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _hash(self, path: str, legacy: bool) -> Hash:
        where = self._on_disk(path)
        if os.path.realpath(where) != where:
            raise UnknownHashError("reached through a link")
        if not stat.S_ISDIR(os.lstat(where).st_mode):
            return Hash(self._of_file(where, legacy))
        items = [
            {"md5": self._of_file(self._on_disk(file), legacy), "relpath": file[len(path) + 1 :]}
            for file in self._below(path)
        ]
        items.sort(key=lambda item: item["relpath"])
        listing = json.dumps(items, sort_keys=True).encode()
        return Hash(f"{_md5(listing)}.dir", len(items))

    def _below(self, folder: str) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            at = waiting.pop()
            with os.scandir(self._on_disk(at)) as entries:
                names = [(e.name, e.is_symlink(), e.is_dir(follow_symlinks=False)) for e in entries]
            if any(name == ".dvcignore" for name, _, _ in names):
                raise UnknownHashError("DVC takes no folder with ignore rules in it")
            if at != folder and any(name == ".dvc" for name, _, _ in names):
                raise UnknownHashError("a DVC repository in the folder")
            for name, link, is_folder in names:
                path = f"{at}/{name}" if at else name
                if name in _NEVER or self._ignored.ignoring(path, folder=is_folder):
                    continue
                if link:
                    raise UnknownHashError("a link in the folder")
                if is_folder:
                    waiting.append(path)
                else:
                    yield path

    def _of_file(self, where: str, legacy: bool) -> str:
        self._files -= 1
        self._bytes -= os.lstat(where).st_size
        if self._bytes < 0 or self._files < 0:
            raise UnknownHashError("too much to hash")
        if read_regular(where, len(_POINTER)) == _POINTER:
            raise UnknownHashError("Git LFS has the file")
        if not legacy:
            return _md5_of_file(where)
        data = read_regular(where, MOST_BYTES)
        return _md5(b"".join(_unix_chunks(data)))


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _md5_of_file(where: str) -> str:
    # `read_regular` has shown that opening it does not wait.
    digest = hashlib.md5(usedforsecurity=False)
    with open(where, "rb") as stream:  # noqa: PTH123 - a text, not a Path
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _unix_chunks(data: bytes) -> Iterator[bytes]:
    """With the line ends of Unix where it looks like text, chunk by chunk as DVC 2 did."""
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        yield chunk.replace(b"\r\n", b"\n") if _is_text(chunk[:_BLOCK]) else chunk


def _is_text(block: bytes) -> bool:
    strange = len(block.translate(None, _TEXT))
    return b"\0" not in block and strange <= 0.30 * len(block)
