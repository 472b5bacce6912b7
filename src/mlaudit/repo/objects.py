"""Sizes and contents of git objects. What is not in this clone is left out, and never fetched."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from subprocess import Popen
from threading import Event, Thread
from time import monotonic
from typing import IO

from mlaudit.repo.git import GitError, run_git, start_git
from mlaudit.repo.gitfolder import GitFolder

_SMALL = 1 << 20
"""Bytes up to which a content is read whole for its head: cheaper than a process of its own."""

_LONGEST_WAIT = 60.0
"""Seconds for one content."""

# Without this, git unpacks a content as a whole before it writes the first byte of it.
_STREAMED = ("-c", "core.bigFileThreshold=1m")


def sizes(folder: GitFolder, oids: Iterable[str]) -> dict[str, int]:
    """Bytes of each object that is there. Raises GitError."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    fields = "--batch-check=%(objectname) %(objectsize)"
    answers = run_git(folder, "cat-file", "--buffer", fields, stdin=asked).decode()
    pairs = (line.split(" ") for line in answers.splitlines())
    return {oid: int(size) for oid, size in pairs if size.isdecimal()}


def contents(folder: GitFolder, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Ids and contents of blobs, each whole, in the order asked for.

    One at a time is in memory: ask for none that is too large. Raises GitError when git cannot be
    started.
    """
    with start_git(folder, "cat-file", "--buffer", "--batch") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked = "".join(f"{oid}\n" for oid in oids).encode()
        writer = Thread(target=_feed, args=(process.stdin, asked))
        writer.start()
        try:
            while header := process.stdout.readline():
                oid, kind, *size = header.split()
                if not size:
                    continue
                content = process.stdout.read(int(size[0]) + 1)[:-1]
                if kind == b"blob" and len(content) == int(size[0]):
                    yield oid.decode(), content
        finally:
            process.kill()
            writer.join()


def _feed(stream: IO[bytes], data: bytes) -> None:
    with suppress(OSError):
        stream.write(data)
        stream.close()


def heads(
    folder: GitFolder, blobs: Mapping[str, int], length: int, limit: float
) -> Iterator[tuple[str, bytes]]:
    """The first `length` bytes of blobs, given by id and size, within `limit` seconds.

    Those for which there was no time are left out. Raises GitError.
    """
    end = monotonic() + limit
    small = [oid for oid, size in blobs.items() if size <= _SMALL]
    for oid, content in contents(folder, small) if small else ():
        yield oid, content[:length]
        if monotonic() > end:
            return
    for oid, size in blobs.items():
        if size > _SMALL and monotonic() < end:
            with start_git(folder, *_STREAMED, "cat-file", "blob", oid) as process:
                assert process.stdout is not None
                head = process.stdout.read(length)
            if len(head) == length:
                yield oid, head


class Blobs:
    """Contents of blobs on demand, from one process of git that lives as long as the block."""

    def __init__(self, folder: GitFolder) -> None:
        self._folder = folder
        self._running = ExitStack()
        self._process: Popen[bytes] | None = None
        self._asked: str | None = None
        """What is waited for."""

    def __enter__(self) -> Blobs:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self, oid: str) -> bytes:
        """A whole content. Raises OSError when this clone lacks it, or git cannot tell."""
        try:
            process = self._process or self._start()
            self._asked = oid
            content = _answer(process, oid)
        except (GitError, OSError, ValueError) as error:
            self._end()  # a broken object ends git: what is asked next gets a new process
            raise OSError(errno.EIO, f"git cannot read it: {error}", oid) from None
        finally:
            self._asked = None
        if content is None:
            raise OSError(errno.ENOENT, "this clone lacks it", oid)
        return content

    def head(self, oid: str, size: int, length: int) -> bytes:
        """The first bytes of a content of `size` bytes. Raises OSError as `read` does."""
        if size <= max(_SMALL, length):
            return self.read(oid)[:length]
        try:
            found = dict(heads(self._folder, {oid: size}, length, _LONGEST_WAIT))
        except GitError as error:
            raise OSError(errno.EIO, str(error), oid) from None
        if oid not in found:
            raise OSError(errno.ENOENT, "this clone lacks it", oid)
        return found[oid]

    def _start(self) -> Popen[bytes]:
        process = start_git(self._folder, *_STREAMED, "cat-file", "--batch")
        self._process = self._running.enter_context(process)
        over = Event()
        self._running.callback(over.set)
        Thread(target=self._watch, args=(self._process, over), daemon=True).start()
        return self._process

    def _watch(self, process: Popen[bytes], over: Event) -> None:
        """Ends a process that lets wait too long: what it opens may be no regular file.

        One thread for all answers, for a timer for each costs more than the answers.
        """
        before = None
        while not over.wait(_LONGEST_WAIT):
            if self._asked is not None and self._asked == before:
                process.kill()
            before = self._asked

    def _end(self) -> None:
        self._process = None
        self._running.close()


def _answer(process: Popen[bytes], oid: str) -> bytes | None:
    """None for what is not there, or no blob. Raises ValueError when git has gone."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{oid}\n".encode())
    process.stdin.flush()
    header = process.stdout.readline().split()
    if not header:
        raise ValueError("it gave up")
    if len(header) < 3:
        return None
    size = int(header[2])
    content = process.stdout.read(size + 1)[:-1]
    if len(content) != size:
        raise ValueError("it gave up")
    return content if header[1] == b"blob" else None
