"""What the history of a git repository holds: every content once, and the commit that brought it.

Two processes do the work. `git log --raw` lists what each commit changed, children before their
parents, which costs about as much as `git rev-list --objects`, needs no blob and names the commit;
`git cat-file` is handed each new object id and tells the sizes. Commits of branches, tags and
remote branches count, but not what no clone gets, such as the stash. What a tag names without a
commit is not seen.

A shallow clone ends at its border, and a partial clone lacks objects. Nothing is fetched: what is
not there is counted, and not determined.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from threading import Thread, Timer
from time import monotonic
from typing import IO

from msgspec import Struct, structs

from mlaudit.repo.git import GitError, run_git, start_git
from mlaudit.repo.gitfolder import GitFolder, find_git_folder
from mlaudit.repo.model import Repo
from mlaudit.repo.objects import contents

TIME_LIMIT = 120.0
"""Seconds that the walk may take."""

_CHUNK = 1 << 18
_TELL_EVERY = 0.2
_FILE_MODES = frozenset({"100644", "100755", "100664"})
# Refs that no clone gets.
_LOCAL = ("refs/stash", "refs/replace/*", "refs/original/*", "refs/bisect/*")
_LOG = (
    *("log", "--raw", "-z", "-c", "--no-renames", "--no-abbrev", "--topo-order"),
    *("--format=%H", *(f"--exclude={pattern}" for pattern in _LOCAL), "--all"),
)
# Mapped stretches of pack files count as memory. The log reads them in order and needs few.
_FRUGAL = ("-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=64m")
_SIZES = ("cat-file", "--buffer", "--batch-check=%(objectname) %(objectsize) %(objectsize:disk)")


class PastBlob(Struct, frozen=True, gc=False):
    """A content that some commit brought into the repository."""

    oid: str
    path: str
    """Where it lay in that commit."""
    commit: str
    """The first one with this content: none of its ancestors has it."""
    size: int
    """Bytes."""
    stored: int
    """Bytes in the object store, compressed: what every clone downloads for it."""
    at_head: bool
    """Whether the commit that is checked out still has it, under whatever name."""


class History(Struct, frozen=True):
    blobs: tuple[PastBlob, ...] = ()
    """Each once, roughly from the newest commits to the oldest."""
    commits: int = 0
    """That were read."""
    missing: int = 0
    """Contents that commits name and this clone lacks."""
    problems: tuple[str, ...] = ()
    """Why something of the history is not determined."""
    folder: GitFolder | None = None

    def contents(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Ids and contents of blobs, each whole, in the order asked for.

        One at a time is in memory: ask for none that is too large (see `PastBlob.size`). Asking
        in the order of `blobs` is the fastest. What is not there is left out. Raises GitError
        when git cannot be started.
        """
        return contents(self.folder, oids) if self.folder is not None else iter(())


def history_of(repo: Repo, tell: Callable[[str], None] = lambda _: None) -> History | None:
    """The history of an opened repository; None outside git. Never fails."""
    folder = find_git_folder(repo.root) if repo.git is not None else None
    if folder is None:
        return None
    try:
        return read_history(folder, tell=tell)
    except GitError as error:
        return History(problems=(str(error),))


def without(history: History, patterns: Sequence[str]) -> History:
    """The history without the files that patterns, written as in .gitignore, name."""
    if not patterns:
        return history
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(patterns)
    kept = tuple(blob for blob in history.blobs if not spec.match_file(blob.path))
    return structs.replace(history, blobs=kept)


def read_history(
    folder: GitFolder, limit: float = TIME_LIMIT, tell: Callable[[str], None] = lambda _: None
) -> History:
    """Walks all commits once, for `limit` seconds at most. `tell` hears of the progress.

    Raises GitError when git cannot be started.
    """
    walk = _Walk(tell)
    walk.run(folder, limit)
    blobs = tuple(walk.blobs(_oids_at_head(folder)))
    missing = len(walk.brought) - len(blobs)
    problems = _problems(walk, missing, limit, shallow=(folder.common / "shallow").is_file())
    return History(blobs, walk.commits, missing, tuple(problems), folder)


class _Walk:
    """One walk over the commits, which feeds the ids of blobs to a second process."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told = monotonic()
        self.brought: dict[str, tuple[str, str]] = {}
        """Path and commit, by object id."""
        self.sizes: dict[str, tuple[int, int]] = {}
        """Bytes, and bytes in the object store."""
        self.commits = 0
        self.late = False
        self.complete = False

    def run(self, folder: GitFolder, limit: float) -> None:
        with (
            start_git(folder, *_SIZES) as sizes,
            start_git(folder, *_FRUGAL, *_LOG) as log,
        ):
            assert sizes.stdin is not None
            assert sizes.stdout is not None
            assert log.stdout is not None
            reader = Thread(target=self._measure, args=(sizes.stdout,))
            timer = Timer(limit, self._stop, (log.kill,))
            reader.start()
            timer.start()
            try:
                self._read(log.stdout, sizes.stdin)
                self.complete = log.wait() == 0 and not self.late
            finally:
                timer.cancel()
                with suppress(OSError):
                    sizes.stdin.close()
                reader.join()

    def _measure(self, answers: IO[bytes]) -> None:
        """Reads lines of id, size and stored size; of id and `missing` for what is not there."""
        for line in answers:
            fields = line.split()
            if len(fields) == 3:
                self.sizes[fields[0].decode()] = (int(fields[1]), int(fields[2]))

    def blobs(self, at_head: Collection[str]) -> Iterator[PastBlob]:
        for oid, (path, commit) in self.brought.items():
            sizes = self.sizes.get(oid)
            if sizes is not None:
                yield PastBlob(oid, path, commit, *sizes, oid in at_head)

    def _stop(self, kill: Callable[[], None]) -> None:
        self.late = True
        kill()

    def _read(self, log: IO[bytes], sizes: IO[bytes]) -> None:
        """A child comes before its parents, so the last commit with a content is the first."""
        brought = self.brought
        change = commit = ""
        for tokens in _tokens(log):
            asked: list[str] = []
            for token in tokens:
                if change:
                    # Modes, ids and a status: the last mode and the last id are the commit's.
                    fields = change.split(" ")
                    if fields[len(fields) // 2 - 1] in _FILE_MODES:
                        oid = fields[-2]
                        if oid not in brought:
                            asked.append(oid)
                        brought[oid] = (token, commit)
                    change = ""
                elif token.startswith((":", "\n:")):
                    change = token
                elif token:
                    commit = token
                    self.commits += 1
            sizes.write("\n".join([*asked, ""]).encode())
            self._progress()

    def _progress(self) -> None:
        if monotonic() - self._told > _TELL_EVERY:
            self._told = monotonic()
            self._tell(f"history: {self.commits} commits, {len(self.brought)} contents")


def _tokens(stream: IO[bytes]) -> Iterator[list[str]]:
    """What NUL bytes end; what is cut off at the end is left out."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        whole, _, rest = (rest + chunk).rpartition(b"\0")
        yield os.fsdecode(whole).split("\0")


def _oids_at_head(folder: GitFolder) -> frozenset[str]:
    try:
        listing = run_git(folder, "ls-tree", "-r", "-z", "--full-tree", "HEAD")
    except GitError:  # no commit yet, or one that is not there
        return frozenset()
    lines = os.fsdecode(listing).split("\0")
    return frozenset(line.partition("\t")[0].rpartition(" ")[2] for line in lines)


def _problems(walk: _Walk, missing: int, limit: float, *, shallow: bool) -> Iterator[str]:
    if walk.late:
        yield f"the history is not known in full: {limit:g} seconds were not enough for it"
    elif not walk.complete:
        yield f"the history is not known in full: git gave up after {walk.commits} commits"
    if shallow:
        yield "the history is not known in full: this is a shallow clone"
    if missing:
        yield f"the history is not known in full: this clone lacks {missing} of its contents"
