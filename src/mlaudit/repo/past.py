"""Opening a repository as it was at a commit: what git holds decides, nothing on disk does.

The files come from one `git ls-tree`, their contents from a process that is asked for each. Git
answers for .gitattributes, too: from an index of that commit, written into a folder of ours.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import NamedTuple

from mlaudit.repo.contexts import ATTRIBUTE_NAMES, context_of
from mlaudit.repo.describing import describe
from mlaudit.repo.git import GitError, own_folder, run_git
from mlaudit.repo.gitfolder import GitFolder
from mlaudit.repo.intake import HEAD_BYTES, OUTSIDE, stays_inside
from mlaudit.repo.kinds import has_extension, kind_of, kind_of_script
from mlaudit.repo.links import end_of
from mlaudit.repo.listing import attributes_of
from mlaudit.repo.model import File, Kind, Link, Repo, Skipped
from mlaudit.repo.objects import Blobs
from mlaudit.repo.trees import Entry

_LINK_MODE = "120000"
_SUBMODULE_MODE = "160000"
_EXECUTABLE_MODE = "100755"
_LONGEST_LINK = 4096
_CHUNK = 1 << 20


class Held(NamedTuple):
    """One path of a commit."""

    oid: str
    mode: str
    size: int | None
    """Bytes; None for what this clone lacks."""


class CommitTree:
    """What lies where in a commit."""

    def __init__(self, git: GitFolder, blobs: Blobs, held: Mapping[str, Held]) -> None:
        self._git = git
        self._blobs = blobs
        self._held = held

    @property
    def git(self) -> GitFolder | None:
        return self._git

    def read(self, path: str) -> bytes:
        return self._blobs.read(self._file(path).oid)

    def read_head(self, path: str, size: int) -> bytes:
        file = self._file(path)
        return self._blobs.head(file.oid, file.size or 0, size)

    def chunks(self, path: str) -> Iterator[bytes]:
        content = self.read(path)
        for start in range(0, len(content), _CHUNK):
            yield content[start : start + _CHUNK]

    def size(self, path: str) -> int:
        size = self._file(path).size
        if size is None:
            raise OSError(errno.ENOENT, "this clone lacks it", path)
        return size

    def exists(self, path: str) -> bool:
        return path in self._held or path in self._folders

    def is_folder(self, path: str) -> bool:
        if path in self._folders:
            return True
        self._file(path)
        return False

    def entries(self, folder: str) -> list[Entry]:
        if folder not in self._folders:
            raise OSError(errno.ENOENT, "no folder of that commit", folder)
        return list(self._folders[folder].values())

    def _file(self, path: str) -> Held:
        held = self._held.get(path)
        if held is None or held.mode in (_LINK_MODE, _SUBMODULE_MODE):
            raise OSError(errno.ENOENT, "no file of that commit", path)
        return held

    @cached_property
    def _folders(self) -> Mapping[str, dict[str, Entry]]:
        """What lies in each folder, by name."""
        found: dict[str, dict[str, Entry]] = {"": {}}
        for path, held in self._held.items():
            above, _, name = path.rpartition("/")
            submodule = held.mode == _SUBMODULE_MODE
            entry = Entry(name, held.mode == _LINK_MODE, submodule)
            if submodule:
                found.setdefault(path, {})
            while name not in found.setdefault(above, {}):
                found[above][name] = entry
                above, _, name = above.rpartition("/")
                if not name:
                    break
                entry = Entry(name, link=False, folder=True)
        return found


@contextmanager
def open_commit(folder: GitFolder, blobs: Blobs, commit: str) -> Iterator[Repo]:
    """The repository as it was at a commit, given by its full id; good within the block.

    Nothing is written into the repository, and nothing in its worktree matters. Raises GitError
    for a commit or folders of it that this clone lacks; a file that it lacks is there and cannot
    be read.
    """
    held = dict(_held(folder, commit))
    with own_folder() as own:
        (own / "HEAD").write_text(f"{commit}\n", encoding="ascii")
        git = GitFolder(folder.worktree, own, folder.common, bare=True)
        yield _Opening(git, blobs, commit, held).repo()


def _held(folder: GitFolder, commit: str) -> Iterator[tuple[str, Held]]:
    listing = run_git(folder, "ls-tree", "-r", "-l", "-z", "--full-tree", commit)
    for record in os.fsdecode(listing).split("\0"):
        description, tab, path = record.partition("\t")
        if tab:
            mode, _, oid, size = description.split()
            yield path, Held(oid, mode, int(size) if size.isdecimal() else None)


class _Opening:
    """Tells the files, links and submodules of one commit."""

    def __init__(self, git: GitFolder, blobs: Blobs, commit: str, held: Mapping[str, Held]) -> None:
        self._git = git
        self._blobs = blobs
        self._commit = commit
        self._held = {path: one for path, one in held.items() if stays_inside(path)}
        self._skipped = [Skipped(path, OUTSIDE) for path in held if path not in self._held]

    def repo(self) -> Repo:
        files = tuple(self._files())
        links = tuple(self._links())
        modes = {path: one.mode for path, one in sorted(self._held.items())}
        submodules = [path for path, mode in modes.items() if mode == _SUBMODULE_MODE]
        return Repo(
            root=self._git.worktree,
            files=files,
            git=describe(self._git, submodules),
            skipped=tuple(sorted(self._skipped, key=lambda skipped: skipped.path)),
            links=links,
            past=CommitTree(self._git, self._blobs, self._held),
        )

    def _files(self) -> Iterator[File]:
        attributes = self._attributes()
        for path, held in sorted(self._held.items()):
            if held.mode not in (_LINK_MODE, _SUBMODULE_MODE):
                kind = self._kind(path, held)
                yield File(
                    path=path,
                    kind=kind,
                    context=context_of(path, kind, attributes.get(path)),
                    size=held.size or 0,
                    oid=held.oid,
                    missing=held.size is None,
                )

    def _kind(self, path: str, held: Held) -> Kind:
        kind = kind_of(path)
        if kind is Kind.TEXT and held.mode == _EXECUTABLE_MODE and not has_extension(path):
            with suppress(OSError):
                return kind_of_script(self._blobs.head(held.oid, held.size or 0, HEAD_BYTES))
        return kind

    def _attributes(self) -> Mapping[str, Mapping[str, bool]]:
        """Of all paths, where a .gitattributes says what files are there for."""
        sources = [path for path in self._held if posixpath.basename(path) == ".gitattributes"]
        if not sources:
            return {}
        try:
            # Whoever asks for attributes later finds the index, too.
            run_git(self._git, "read-tree", self._commit)
            if any(b"linguist-" in self._text(path) for path in sources):
                return attributes_of(self._git, ATTRIBUTE_NAMES, list(self._held))
        except GitError:  # a tree that no index takes
            pass
        return {}

    def _text(self, path: str) -> bytes:
        held = self._held[path]
        try:
            return self._blobs.head(held.oid, held.size or 0, 1 << 20)
        except OSError:
            return b""

    def _links(self) -> Iterator[Link]:
        targets = {
            path: self._target(held)
            for path, held in sorted(self._held.items())
            if held.mode == _LINK_MODE
        }
        there = {"", *(path for path in self._held if path not in targets)}
        there.update(*map(_folders_above, self._held if targets else ()))
        for path in targets:
            end = end_of(path, targets)
            if end in there:
                yield Link(path, end or ".")
            else:
                where = "out of the repository" if end is None else "to nothing"
                self._skipped.append(Skipped(path, f"a symbolic link {where}"))

    def _target(self, held: Held) -> str:
        if (held.size or 0) > _LONGEST_LINK:
            return ""
        try:
            return os.fsdecode(self._blobs.read(held.oid))
        except OSError:
            return ""


def _folders_above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
