"""The folder in which mlaudit keeps what it need not compute twice."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import mlaudit

_ENTRIES = 8
"""Forms of a kind that are kept: there may be several versions, and packs of several projects."""


def cache_folder() -> Path | None:
    """The user's own cache folder for mlaudit, which need not exist yet; None without a home."""
    if sys.platform in ("win32", "darwin"):
        from platformdirs import user_cache_path

        return user_cache_path("mlaudit", appauthor=False)
    # As platformdirs has it, whose import costs more than all rules.
    base = os.environ.get("XDG_CACHE_HOME", "").strip()
    try:
        return (Path(base) if base else Path.home() / ".cache") / "mlaudit"
    except RuntimeError:  # a user id without an entry, as images are run with
        return None


def entry_of(kind: str, files: Sequence[Path], layout: int, folder: Path) -> Path:
    """Where the compiled form of the files lies, if there is one.

    `layout` counts up whenever the compiled form changes its meaning. Raises OSError for a
    file that is not there.
    """
    from hashlib import blake2b

    digest = blake2b(f"{layout} {mlaudit.__version__}".encode(), digest_size=16)
    for file in files:
        status = file.stat()
        digest.update(f"\0{file}\0{status.st_size}\0{status.st_mtime_ns}".encode())
    return folder / f"{kind}-{digest.hexdigest()}.msgpack"


def keep(entry: Path, content: bytes) -> None:
    """Writes an entry and drops old ones; a folder that cannot be written costs only time."""
    draft = entry.with_suffix(f".{os.getpid()}.tmp")
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(entry)
        alike = entry.parent.glob(f"{entry.name.partition('-')[0]}-*.msgpack")
        for old in sorted(alike, key=lambda one: one.stat().st_mtime)[:-_ENTRIES]:
            old.unlink(missing_ok=True)
    except OSError:
        return
