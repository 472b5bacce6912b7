"""What a walk through a program is made of."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

from msgspec import Struct

from mlaudit.project.linking.resolution import Definition


class Half(IntEnum):
    """The part of a function that runs: a context manager is left in the middle."""

    WHOLE = 0
    BEFORE = 1
    AFTER = 2


class Site(Struct, frozen=True):
    """One call of the repository, and the library function it resolves to, if it does."""

    path: str
    number: int
    name: str
    """Empty when unresolved, or when it runs code of the repository."""
    local: bool = False
    """Runs code of the repository."""


class Run(Struct, frozen=True):
    """Code of the repository that is run: a function, or the body of a module or class."""

    path: str
    scope: int
    line: int
    """Where it is run from, in the file of whatever runs it."""
    call: int = -1
    """The call that runs it, of the same file; -1 for an import and a class body."""
    held: bool = False
    """Handed to a library, which runs it when it likes."""
    owner: Definition | None = None
    """The class of `self`, where it is another one than that which defines the method."""
    half: Half = Half.WHOLE


Key: TypeAlias = "tuple[str, int, Definition | None, Half]"
"""What a walk tells runs of the same code apart by."""
Step: TypeAlias = Site | Run
Trace: TypeAlias = "tuple[Run, ...]"
"""How the program came to a place: what it ran, from the outside in."""
