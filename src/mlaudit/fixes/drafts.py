"""The repository in memory, where its code can be changed before it is on disk."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mlaudit.fixes.edits import Change, Fix
from mlaudit.fixes.model import may_be_fixed
from mlaudit.repo.model import Kind, Repo


class Draft(Repo, frozen=True, kw_only=True):
    """A repository whose code is read once and then kept, so that edits fit what was audited."""

    originals: dict[str, bytes]
    """As on disk when they were first read."""
    edited: dict[str, bytes]
    fixes: list[Fix]
    """All that were made so far."""
    fixable: dict[str, Kind]

    def read(self, path: str) -> bytes:
        if path in self.edited:
            return self.edited[path]
        if path not in self.fixable:
            return super().read(path)
        if path not in self.originals:
            self.originals[path] = super().read(path)
        return self.originals[path]

    def changes(self) -> Iterator[Change]:
        """What differs from the disk, sorted by path."""
        for path in sorted(self.edited):
            if self.edited[path] != self.originals[path]:
                yield Change(path, self.originals[path], self.edited[path])


def drafted(repo: Repo) -> Draft:
    """The repository with room for changes."""
    fixable = {file.path: file.kind for file in repo.files if may_be_fixed(file)}
    return Draft(**msgspec.structs.asdict(repo), originals={}, edited={}, fixes=[], fixable=fixable)
