"""How firmly a version is held, in a word or two."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from mlaudit.analyses.conflicting_pins import Conflict
from mlaudit.analyses.stale_lock import Stale
from mlaudit.project.environment.versions import Interval, bounds_of, is_exact, understood

Grade = Literal["held", "loose", "wrong"]


class Verdict(Struct, frozen=True):
    grade: Grade
    """`held`: one version is known; `loose`: several fit; `wrong`: the sides contradict."""
    text: str


def of_stale(stale: Stale) -> Verdict:
    """A lock that contradicts."""
    lock = posixpath.basename(stale.lock)
    held = ", ".join(dict.fromkeys(one.locked.version for one in stale.held))
    return Verdict("wrong", f"{lock} has {held}" if held else f"not in {lock}")


def of_conflict(conflict: Conflict) -> Verdict:
    """Two sources that contradict."""
    one, other = conflict.one, conflict.other
    return Verdict(
        "wrong",
        f"{one.dependency.specifier} in {posixpath.basename(one.path)}, "
        f"{other.dependency.specifier} in {posixpath.basename(other.path)}",
    )


def of_commands(says: Iterable[str]) -> Verdict:
    """Where no manifest tells a version: what the commands say."""
    texts = set(says)
    if not texts:
        return Verdict("loose", "not understood")
    if texts <= {"path", "editable"}:
        return Verdict("held", "in the repository")
    if "any" in texts:
        return Verdict("loose", "any version")
    if any(one.startswith("git") for one in texts) or "url" in texts:
        return Verdict("loose", "from a URL")
    if all(is_exact(one.removesuffix(".*")) for one in texts):
        return Verdict("held", "pinned") if len(texts) == 1 else Verdict("loose", "several pins")
    return Verdict("loose", "range" if all(map(understood, texts)) else "not understood")


def of_version(version: Interval) -> Verdict:
    """What is known, by its source."""
    match version.source:
        case "lock":
            return Verdict("held", "locked")
        case "compiled":
            return Verdict("held", "frozen list")
        case "pin" | "conda" | "image" if len(version.specifiers) > 1:
            return Verdict("loose", "several pins")
        case "pin":
            return Verdict("held", "pinned")
        case "conda":
            return Verdict("held", "pinned by conda")
        case "image":
            return Verdict("held", "pinned in the image")
        case "bounds":
            bounds = [bounds_of(one) for one in version.specifiers]
            open_above = any(one is None or one.upper is None for one in bounds)
            return Verdict("loose", "no upper bound" if open_above else "range")
