"""The folder in which mlaudit keeps what it need not compute twice."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
