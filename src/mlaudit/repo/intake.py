"""Taking listed paths in: what lies there on disk, and whether it may be read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from mlaudit.repo.contexts import context_of
from mlaudit.repo.kinds import has_extension, kind_of, kind_of_script
from mlaudit.repo.model import File, Kind, Link, Skipped
from mlaudit.repo.regular import read_regular

_SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISDIR, "a folder in place of the file that git knows"),
)
HEAD_BYTES = 512
"""What is read to tell what an executable without an extension is."""
OUTSIDE = "the path leads out of the repository"
_NO_SEGMENTS = frozenset({"", ".", "..", ".git"})


class Intake:
    """Collects the files of one repository from paths that need not be what they seem.

    A path from git's index may climb out of the repository or run through a link, for the index
    is input like any other; and what lies on disk may have changed since.
    """

    def __init__(self, root: str, attributes: Mapping[str, Mapping[str, bool]] | None = None):
        self.files: dict[str, File] = {}
        self.links: list[Link] = []
        self.skipped: list[Skipped] = []
        self._root = root
        self._attributes = attributes or {}
        self._real_folders: dict[str, bool] = {"": True}

    def skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(path, reason))

    def take(self, path: str, oid: str = "", *, link: bool = False) -> None:
        """Takes one path in. An object id says that it is in the index of git, maybe as a link."""
        if not stays_inside(path):
            self.skip(path, OUTSIDE)
            return
        try:
            status = self._status(path)
        except FileNotFoundError:
            if oid and not link:
                self._add(path, oid, kind_of(path), missing=True)
            return
        except (OSError, ValueError) as error:
            self.skip(path, getattr(error, "strerror", None) or str(error))
            return
        if stat.S_ISREG(status.st_mode):
            self._add(path, oid, self._kind(path, status.st_mode), size=status.st_size)
        elif stat.S_ISLNK(status.st_mode):
            self._take_link(path)
        else:
            self.skip(path, _special(status.st_mode))

    def _status(self, path: str) -> os.stat_result:
        """Like lstat, but a path that runs through a link or a file is not found."""
        if not self._is_real_folder(path.rpartition("/")[0]):
            raise FileNotFoundError(errno.ENOENT, "beyond a symbolic link", path)
        return os.lstat(f"{self._root}/{path}")

    def _is_real_folder(self, folder: str) -> bool:
        known = self._real_folders.get(folder)
        if known is None:
            known = self._is_real_folder(folder.rpartition("/")[0])
            if known:
                try:
                    known = stat.S_ISDIR(os.lstat(f"{self._root}/{folder}").st_mode)
                except OSError:
                    known = False
            self._real_folders[folder] = known
        return known

    def _kind(self, path: str, mode: int) -> Kind:
        kind = kind_of(path)
        if kind is Kind.TEXT and mode & 0o111 and not has_extension(path):
            try:
                return kind_of_script(read_regular(f"{self._root}/{path}", HEAD_BYTES))
            except OSError:
                return kind
        return kind

    def _add(self, path: str, oid: str, kind: Kind, size: int = 0, missing: bool = False) -> None:
        self.files[path] = File(
            path=path,
            kind=kind,
            context=context_of(path, kind, self._attributes.get(path)),
            size=size,
            tracked=bool(oid),
            oid=oid,
            missing=missing,
        )

    def _take_link(self, path: str) -> None:
        try:
            target = os.path.realpath(f"{self._root}/{path}", strict=True)
        except (OSError, ValueError) as error:
            loop = getattr(error, "errno", None) == errno.ELOOP
            self.skip(path, f"a symbolic link {'in a loop' if loop else 'to nothing'}")
            return
        if not Path(target).is_relative_to(self._root):
            self.skip(path, "a symbolic link out of the repository")
            return
        self.links.append(Link(path, Path(target).relative_to(self._root).as_posix()))


def _special(mode: int) -> str:
    return next((name for test, name in _SPECIAL if test(mode)), "no regular file")


def stays_inside(path: str) -> bool:
    """Whether a path that git lists is one below the root, and none of git's own."""
    # An absolute path has an empty segment; on Windows it may have a drive.
    return _NO_SEGMENTS.isdisjoint(path.split("/")) and (os.sep == "/" or not Path(path).drive)
