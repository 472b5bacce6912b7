"""Where a path that is written in a file lies in the repository."""

from __future__ import annotations

import posixpath


def located(folder: str, wdir: str, path: str) -> str | None:
    """A path as seen from a folder, relative to the repository; None when it leads out of it.

    `wdir` is the folder that a stage runs in, as seen from the other. A path as Windows has it is
    not followed.
    """
    if not path or "://" in path or "\0" in path or path[1:2] == ":":
        return None
    if path.startswith("/") or wdir.startswith("/") or "\\" in path + wdir:
        return None
    joined = posixpath.normpath(posixpath.join(folder, wdir, path))
    if joined == ".":
        return ""
    return None if joined == ".." or joined.startswith("../") else joined
