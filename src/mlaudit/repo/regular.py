"""Reading a regular file, and nothing but a regular file."""

from __future__ import annotations

import os
import stat

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def read_regular(path: str | os.PathLike[str], limit: int) -> bytes:
    """The first `limit` bytes of a file.

    Raises OSError when it cannot be read, or is a FIFO, a socket, a device or a folder: opening
    one of those may wait for ever, so it is opened without waiting and looked at before reading.
    """
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"not a regular file: {os.fspath(path)}")
        return stream.read(limit)
