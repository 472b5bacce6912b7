"""The repository in memory, where its code can be changed before it is on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import attrgetter

import msgspec

from mlaudit.fixes.edits import Change, Fix
from mlaudit.fixes.model import IGNORE_FILE, may_be_fixed
from mlaudit.repo.contexts import context_of
from mlaudit.repo.kinds import kind_of
from mlaudit.repo.model import File, Kind, Repo


class Draft(Repo, frozen=True, kw_only=True):
    """A repository whose code is read once and then kept, so that edits fit what was audited."""

    originals: dict[str, bytes]
    """As on disk when they were first read."""
    edited: dict[str, bytes]
    fixes: list[Fix]
    """All that were made so far."""
    fixable: dict[str, Kind]
    made: frozenset[str] = frozenset()
    """Files that are not on disk yet."""

    def read(self, path: str) -> bytes:
        if path in self.edited:
            return self.edited[path]
        if path not in self.fixable:
            return super().read(path)
        if path not in self.originals:
            self.originals[path] = b"" if path in self.made else super().read(path)
        return self.originals[path]

    def changes(self) -> Iterator[Change]:
        """What differs from the disk, sorted by path."""
        for path in sorted(self.edited):
            if self.edited[path] != self.originals[path]:
                before = None if path in self.made else self.originals[path]
                yield Change(path, before, self.edited[path])


def drafted(repo: Repo) -> Draft:
    """The repository with room for changes, and with a .gitignore where git has none."""
    made = frozenset({IGNORE_FILE} if _lacks_ignore_file(repo) else ())
    fields = msgspec.structs.asdict(repo)
    fields["files"] = tuple(sorted((*repo.files, *map(_made, made)), key=attrgetter("path")))
    fixable = {file.path: file.kind for file in fields["files"] if may_be_fixed(file)}
    return Draft(**fields, originals={}, edited={}, fixes=[], fixable=fixable, made=made)


def _lacks_ignore_file(repo: Repo) -> bool:
    return repo.git is not None and repo.whole and not os.path.lexists(repo.root / IGNORE_FILE)


def _made(path: str) -> File:
    kind = kind_of(path)
    return File(path, kind, context_of(path, kind), tracked=False)
