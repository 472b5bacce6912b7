"""What is known of the version of a distribution."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from packaging.version import Version

    End: TypeAlias = "tuple[Version | None, bool]"
    """One end of an interval, and whether it belongs to it."""


_LOCAL = re.compile(r"\+[a-z0-9.]+", re.IGNORECASE)

Level: TypeAlias = Literal["lock", "compiled", "pin", "conda", "image", "bounds"]
"""What tells a version, the firmest first."""


class Bounds(NamedTuple):
    """The ends of the versions that a specifier allows; None where it is open."""

    lower: Version | None
    lower_included: bool
    upper: Version | None
    upper_included: bool


class Interval(Struct, frozen=True):
    """All that the project says of one distribution's version.

    The real version fulfils one of `specifiers`, nobody knows which: they stand for different
    platforms, environments or files. A question is answered yes only if it holds for each.
    """

    specifiers: tuple[str, ...]
    source: Level
    paths: tuple[str, ...]
    """Files that say so, the first one leading."""

    def all_below(self, version: str) -> bool:
        """Whether every possible version is lower. Pre-releases of `version` are not."""
        return all(_below(bounds_of(one), version) for one in self.specifiers)

    def all_at_least(self, version: str) -> bool:
        """Whether every possible version is `version` or later."""
        return all(_at_least(bounds_of(one), version) for one in self.specifiers)

    @property
    def exact(self) -> str:
        """The one version, without a local part; empty when there are several or a range."""
        found = {one[2:].partition("+")[0] for one in self.specifiers if is_exact(one)}
        return found.pop() if len(found) == 1 and all(map(is_exact, self.specifiers)) else ""


def interval_of(said: Iterable[tuple[str, str]], source: Level) -> Interval:
    """The interval of what several files say: pairs of specifier and path."""
    specifiers, paths = zip(*said, strict=True)
    return Interval(tuple(dict.fromkeys(specifiers)), source, tuple(dict.fromkeys(paths)))


def is_exact(specifier: str) -> bool:
    """Whether only one release fulfils it: `==1.2`, not `==1.*`."""
    return specifier.startswith("==") and not set(specifier) & set(",*")


def disjoint(one: str, other: str) -> bool:
    """Whether no version fulfils both. False when either cannot be understood.

    `2.1.0+cpu` and `2.1.0+cu118` are builds of one version.
    """
    first, second = bounds_of(_LOCAL.sub("", one)), bounds_of(_LOCAL.sub("", other))
    return first is not None and second is not None and _meet(first, second) is None


def understood(specifier: str) -> bool:
    """Whether it is a PEP 440 specifier that some version fulfils."""
    return bounds_of(specifier) is not None


def allows(specifier: str, version: str) -> bool | None:
    """Whether the version fulfils the specifier, pre-releases as any other. None when either
    cannot be understood."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def _below(bounds: Bounds | None, version: str) -> bool:
    from packaging.version import Version

    if bounds is None or bounds.upper is None:
        return False
    limit = Version(version)
    if bounds.upper_included:
        return Version(bounds.upper.base_version) < limit
    return bounds.upper <= limit


def _at_least(bounds: Bounds | None, version: str) -> bool:
    from packaging.version import Version

    return bounds is not None and bounds.lower is not None and bounds.lower >= Version(version)


@lru_cache(maxsize=4096)
def bounds_of(specifier: str) -> Bounds | None:
    """The bounds of a PEP 440 specifier; None when it is none, is empty or allows nothing.

    Exclusions (`!=1.2`) are left out: they never widen what is allowed.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        clauses = list(SpecifierSet(specifier))
        bounds: Bounds | None = Bounds(None, False, None, False)
        for clause in clauses:
            for limits in _limits(clause.operator, clause.version):
                bounds = _meet(bounds, limits) if bounds else None
    except (InvalidSpecifier, ValueError):
        return None
    return bounds if clauses else None


def _limits(operator: str, text: str) -> Iterator[Bounds]:
    from packaging.version import Version

    if text.endswith(".*"):
        if operator == "==":
            low = Version(text[:-2])
            yield Bounds(low, True, _next(low, len(low.release)), False)
        return
    version = Version(text)
    if operator in ("==", "==="):
        yield Bounds(version, True, version, True)
    elif operator == "~=":
        yield Bounds(version, True, _next(version, len(version.release) - 1), False)
    elif operator in (">=", ">"):
        yield Bounds(version, operator == ">=", None, False)
    elif operator in ("<=", "<"):
        yield Bounds(None, False, version, operator == "<=")


def _next(version: Version, length: int) -> Version:
    """The first version whose leading `length` numbers are higher."""
    from packaging.version import Version

    release = version.release[:length]
    raised = ".".join(map(str, (*release[:-1], release[-1] + 1)))
    return Version(f"{version.epoch}!{raised}")


def _meet(one: Bounds, other: Bounds) -> Bounds | None:
    """What fulfils both; None when nothing does."""
    bounds = Bounds(*_later(one[:2], other[:2]), *_earlier(one[2:], other[2:]))
    if bounds.lower is None or bounds.upper is None or bounds.lower < bounds.upper:
        return bounds
    touching = bounds.lower == bounds.upper and bounds.lower_included and bounds.upper_included
    return bounds if touching else None


def _later(one: End, other: End) -> End:
    if one[0] is None or other[0] is None:
        return other if one[0] is None else one
    if one[0] == other[0]:
        return one if not one[1] else other
    return one if one[0] > other[0] else other


def _earlier(one: End, other: End) -> End:
    if one[0] is None or other[0] is None:
        return other if one[0] is None else one
    if one[0] == other[0]:
        return one if not one[1] else other
    return one if one[0] < other[0] else other
