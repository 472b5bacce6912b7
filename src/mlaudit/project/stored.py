"""What git holds of the files that it tracks, and held of those that it no longer does.

The working tree does not say: Git LFS puts the file itself where git has a pointer of 130 bytes, a
file may be changed or not be checked out at all. So git is asked, once, for sizes, and only for
the head of what is not on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from mlaudit.facts.blob import HEAD_BYTES, blob_of
from mlaudit.facts.records import Blob, FileFacts
from mlaudit.repo.contexts import context_of
from mlaudit.repo.git import GitError
from mlaudit.repo.gitfolder import GitFolder
from mlaudit.repo.history import History, PastBlob
from mlaudit.repo.kinds import has_extension, kind_of
from mlaudit.repo.listing import paths_with
from mlaudit.repo.model import File, Kind, Repo
from mlaudit.repo.objects import contents, heads, sizes

MAX_POINTER = 1024
"""Bytes. Git LFS takes nothing larger for a pointer."""

_HEADS_LIMIT = 60.0
# What is named so is neither data nor a model, and there may be thousands.
_MEDIA = """
    png jpg jpeg gif webp bmp tiff tif ico icns svg psd pdf mp3 wav flac ogg m4a mp4 avi mov mkv
    webm mpg mpeg ttf otf woff woff2 eot doc docx ppt pptx
"""
_MEDIA_SUFFIXES = tuple(f".{extension}" for extension in _MEDIA.split())
_WORTH_ASKING = 50_000


class Past(File, frozen=True, kw_only=True):
    """A file that a commit brought and the one that is checked out lacks."""

    commit: str
    stored: int
    """Bytes that every clone downloads for it."""


class Stored:
    """Answers for the files of one repository. Outside git there are none."""

    def __init__(self, repo: Repo, facts: Mapping[str, FileFacts], history: History | None) -> None:
        self._repo = repo
        self._facts = facts
        self._history = history
        self._formats: dict[str, Blob] = {}

    @cached_property
    def _folder(self) -> GitFolder | None:
        return self._repo.tree.git if self._repo.git is not None else None

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        asked = [
            file.oid
            for file in self._repo.files
            if file.tracked
            and (file.missing or file.size > _WORTH_ASKING or file.path in self.in_lfs)
        ]
        if not asked or self._folder is None:
            return {}
        try:
            return sizes(self._folder, asked)
        except GitError:
            return {}

    def size(self, file: File) -> int | None:
        """Bytes that git holds for a tracked file; None when that is not determined.

        Where the object is not in this clone, the size on disk has to do.
        """
        if isinstance(file, Past):
            return file.size
        known = self._sizes.get(file.oid)
        if known is not None:
            return known
        return None if file.missing or file.path in self.in_lfs else file.size

    def is_pointer(self, file: File) -> bool:
        """Whether git holds no more than a pointer of Git LFS."""
        blob = self.blob(file)
        return (blob is not None and blob.lfs) or self._pointers.get(file.oid, False)

    def is_raw(self, file: File) -> bool:
        """Whether git holds a tracked file itself, and not a pointer of Git LFS to it."""
        size = self._sizes.get(file.oid, 0)
        return size > MAX_POINTER or (size > 0 and not self._pointers.get(file.oid, True))

    @cached_property
    def _pointers(self) -> Mapping[str, bool]:
        """Of the small ones among the files in Git LFS: whether they are pointers."""
        oids = {
            file.oid
            for file in self._repo.files
            if file.path in self.in_lfs and 0 < self._sizes.get(file.oid, 0) <= MAX_POINTER
        }
        if not oids or self._folder is None:
            return {}
        try:
            found = contents(self._folder, sorted(oids))
            return {oid: blob_of(data, len(data)).lfs for oid, data in found}
        except GitError:
            return {}

    def blob(self, file: File) -> Blob | None:
        """What the first bytes say that git holds; None when they cannot be had."""
        facts = self._facts.get(file.path) if not isinstance(file, Past) else None
        if facts is not None and facts.blob is not None:
            return facts.blob
        if isinstance(file, Past) or file.missing:
            self._read_heads()
        return self._formats.get(file.oid)

    def _read_heads(self) -> None:
        """Of all that may be asked for, once."""
        if self._formats or self._folder is None:
            return
        wanted = {
            file.oid: size
            for file in (*self._repo.files, *self.past)
            if (file.missing or isinstance(file, Past))
            and (size := self.size(file))
            and _may_be_data(file)
        }
        try:
            found = heads(self._folder, wanted, HEAD_BYTES, _HEADS_LIMIT)
            self._formats = {oid: blob_of(head, wanted[oid]) for oid, head in found}
        except GitError:
            return

    @cached_property
    def past(self) -> tuple[Past, ...]:
        """What is only in the history, when that was asked for."""
        blobs = self._history.blobs if self._history is not None else ()
        return tuple(_past(blob) for blob in blobs if not blob.at_head)

    @cached_property
    def brought(self) -> Mapping[str, PastBlob]:
        """By object id: the commits that brought what is there now."""
        blobs = self._history.blobs if self._history is not None else ()
        return {blob.oid: blob for blob in blobs if blob.at_head}

    @cached_property
    def in_lfs(self) -> frozenset[str]:
        """The tracked files that .gitattributes sends through Git LFS."""
        if self._folder is None or not any(_speaks_of_lfs(self._facts.values())):
            return frozenset()
        tracked = [file.path for file in self._repo.files if file.tracked]
        try:
            return frozenset(paths_with(self._folder, "filter", "lfs", tracked))
        except GitError:
            return frozenset()


def _speaks_of_lfs(facts: Iterable[FileFacts]) -> Iterator[bool]:
    for file in facts:
        if file.kind is Kind.ATTRIBUTES:
            yield any("filter=lfs" in pattern.attributes for pattern in file.patterns)


def _past(blob: PastBlob) -> Past:
    kind = kind_of(blob.path)
    return Past(
        path=blob.path,
        kind=kind,
        context=context_of(blob.path, kind),
        size=blob.size,
        oid=blob.oid,
        missing=True,
        commit=blob.commit,
        stored=blob.stored,
    )


def _may_be_data(file: File) -> bool:
    if file.kind is Kind.BLOB:
        return not file.path.lower().endswith(_MEDIA_SUFFIXES)
    return not has_extension(file.path)
