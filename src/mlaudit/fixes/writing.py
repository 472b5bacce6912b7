"""Changed files, onto the disk: each as a whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mlaudit.fixes.edits import Change, Unwritten


def write_changes(root: Path, changes: Iterable[Change]) -> tuple[Unwritten, ...]:
    """Writes what changed below `root`. Gives what could not, or should not, be written."""
    return tuple(one for change in changes if (one := _write(root, change)) is not None)


def _write(root: Path, change: Change) -> Unwritten | None:
    try:
        reason = _replace(root / change.path, root, change)
    except OSError as error:
        reason = error.strerror or "cannot be written"
    return Unwritten(change.path, reason) if reason else None


def _replace(file: Path, root: Path, change: Change) -> str:
    """Why the file was left alone; empty when it was written. Raises OSError."""
    if change.before is None:
        with file.open("xb") as stream:
            stream.write(change.after)
        return ""
    status = file.lstat()
    if file.resolve(strict=True) != root.resolve() / change.path:
        return "it lies behind a symbolic link"
    if not stat.S_ISREG(status.st_mode):
        return "no regular file"
    if not os.access(file, os.W_OK):
        return "read-only"
    if file.read_bytes() != change.before:
        return "it changed since it was read"
    _exchange(file, status, change.after)
    return ""


def _exchange(file: Path, status: os.stat_result, data: bytes) -> None:
    """Puts a new file in the place of the old, with its mode and owner."""
    draft = file.with_name(f".{file.name[:200]}.{os.getpid()}.tmp")
    descriptor = os.open(
        draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
    )
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(OSError, AttributeError):
            os.chown(draft, status.st_uid, status.st_gid)
        draft.chmod(stat.S_IMODE(status.st_mode))
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
