"""Sizes and contents of git objects. What is not in this clone is left out, and never fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import IO

from mlaudit.repo.git import run_git, start_git
from mlaudit.repo.gitfolder import GitFolder

_SMALL = 1 << 20
"""Bytes up to which a content is read whole for its head: cheaper than a process of its own."""

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
