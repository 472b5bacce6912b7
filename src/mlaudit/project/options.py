"""What the user decided of how to look at the project."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


def _silent(_: str) -> None:
    pass


class Options(Struct, frozen=True):
    """Settings that rules and analyses may ask for, in units of theirs."""

    large_file: int = 10_000_000
    """Bytes from which on a file is large."""
    notebooks_policy: str = "any"
    profile: str = "auto"
    history: bool = False
    """Whether to look into what commits of the past hold."""
    exclude: tuple[str, ...] = ()
    """Patterns as in .gitignore. The files of the repository are sifted already, not its past."""
    tell: Callable[[str], None] = _silent
    """Hears of the progress of what takes long."""


DEFAULTS = Options()
