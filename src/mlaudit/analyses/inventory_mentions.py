"""What one place says of a distribution's version, in a word or two."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from mlaudit.analyses.interpreter_parity import short
from mlaudit.facts.records import Dependency
from mlaudit.project.environment.interpreters import PythonSource
from mlaudit.project.environment.versions import is_exact

_SUBDIRECTORY = re.compile(r"#(?:.*&)?subdirectory=([^&\s;]+)")


class Mention(Struct, frozen=True):
    """What one place says."""

    says: str
    """A specifier or version; `any` without one, `lock` for all that the lock has."""
    path: str
    line: int
    group: str = ""
    variant: str = ""
    """The name that stands there, where it is not the row's: `mlflow-skinny` for `mlflow`."""


def lasting(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Without what takes any version where the same file pins one: that one stays."""
    pinned = {one.path for one in mentions if is_exact(one.says)}
    return tuple(one for one in mentions if one.says != "any" or one.path not in pinned)


def mention_of(name: str, one: Dependency, path: str, line: int) -> Mention:
    """What a dependency says, in the row of `name`."""
    return Mention(said_by(one), path, line, one.group, variant_of(one.name, name))


def variant_of(written: str, name: str) -> str:
    """The written name; empty where it is the row's."""
    return "" if written == name else written


def said_by(one: Dependency) -> str:
    """The specifier, else where the distribution comes from."""
    if one.source == "index" or one.specifier:
        return one.specifier or "any"
    if one.source == "vcs":
        folder = _SUBDIRECTORY.search(one.raw)
        part = f"#{folder[1]}" if folder else ""
        return f"git@{one.ref[:12]}{part}" if one.ref else f"git{part}"
    return one.source


def of_pythons(sources: Iterable[PythonSource]) -> tuple[Mention, ...]:
    """What names an interpreter: `3.11`, or a range."""
    return merged(Mention(short(one), one.path, one.span.line) for one in sources)


def merged(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """What one file says again and again of one group, once."""
    found: dict[tuple[str, ...], Mention] = {}
    for one in mentions:
        found.setdefault((one.says, one.path, one.group, one.variant), one)
    return tuple(found.values())
