"""What changed since DVC recorded it, and what is not known."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

What: TypeAlias = Literal["stage", "command", "dependency", "parameter", "output"]
How: TypeAlias = Literal["modified", "new", "missing", "unrecorded"]


class Change(Struct, frozen=True):
    """Something is not as it was recorded."""

    what: What
    how: How
    name: str = ""
    """A path as written, or for a parameter its key."""
    line: int = 0
    """Where it is declared."""
    path: str = ""
    """In the repository: that of the dependency or output, or of the file of a parameter."""
    path_line: int = 0
    """Of a parameter in its file; 0 when that is not known."""


class Unknown(Struct, frozen=True):
    """Something of which a checkout does not tell whether it changed."""

    what: What
    name: str
    reason: str
    path: str = ""


Seen: TypeAlias = Change | Unknown


class Status(Struct, frozen=True):
    """Of one stage or pointer."""

    path: str
    """Of the dvc.yaml or .dvc file."""
    name: str
    """Of the stage; empty for a pointer."""
    line: int
    changes: tuple[Change, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    settled: str = ""
    """Why the question does not arise: `frozen`, or `runs always`."""
