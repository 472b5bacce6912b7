"""What lies where below the root of a repository: on the disk, or in a commit."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from mlaudit.repo.gitfolder import GitFolder, find_git_folder
from mlaudit.repo.regular import read_regular

_CHUNK = 1 << 20


class Entry(NamedTuple):
    """Something in a folder."""

    name: str
    link: bool
    folder: bool


class Tree(Protocol):
    """Answers by path, relative to the root and with `/`; the root itself is the empty path.

    Everything raises OSError for what is not there or cannot be read.
    """

    @property
    def git(self) -> GitFolder | None:
        """Where git keeps what it knows of it; None outside git."""

    def read(self, path: str) -> bytes: ...

    def read_head(self, path: str, size: int) -> bytes:
        """At most the first `size` bytes of a regular file."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a regular file, piece by piece: 1 MiB each, but for the last."""

    def size(self, path: str) -> int: ...

    def exists(self, path: str) -> bool:
        """Whether anything lies there, be it a link to nothing."""

    def is_folder(self, path: str) -> bool:
        """Raises OSError, too, for what is a link or lies beyond one."""

    def entries(self, folder: str) -> list[Entry]: ...


class Disk:
    """A folder on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def git(self) -> GitFolder | None:
        return find_git_folder(self._root)

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if path else str(self._root)

    def read(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def read_head(self, path: str, size: int) -> bytes:
        return read_regular(self._root / path, size)

    def chunks(self, path: str) -> Iterator[bytes]:
        where = self._at(path)
        read_regular(where, 0)  # opening anything else may wait for ever
        with open(where, "rb") as stream:  # noqa: PTH123 - a text, not a Path
            while chunk := stream.read(_CHUNK):
                yield chunk

    def size(self, path: str) -> int:
        return os.lstat(self._at(path)).st_size

    def exists(self, path: str) -> bool:
        return os.path.lexists(self._at(path))

    def is_folder(self, path: str) -> bool:
        where = self._at(path)
        if os.path.realpath(where) != where:
            raise OSError(f"reached through a link: {path}")
        return stat.S_ISDIR(os.lstat(where).st_mode)

    def entries(self, folder: str) -> list[Entry]:
        with os.scandir(self._at(folder)) as entries:
            return [
                Entry(each.name, each.is_symlink(), each.is_dir(follow_symlinks=False))
                for each in entries
            ]
