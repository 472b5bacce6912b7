"""How firmly the versions are held that a project root runs on."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from mlaudit.facts.records import Dependency, Locked, Manifest
from mlaudit.project.environment.distributions import known_distributions
from mlaudit.project.environment.versions import is_exact

INSTALLERS = frozenset(
    {
        *("python", "pip", "setuptools", "wheel", "uv", "conda", "poetry", "pdm", "pipenv"),
        *("pip-tools", "hatch", "hatchling", "build", "twine", "tox", "nox", "virtualenv"),
    }
)
"""What installs the rest; no version of these changes what a model computes."""


class Declaration(Struct, frozen=True):
    """A dependency and the file that declares it."""

    dependency: Dependency
    path: str
    compiled: bool = False
    """The file was written by a tool that resolved everything (`Freezing.COMPILED`)."""
    code: bool = False
    """The place is in the lines of `PythonFacts`."""


class LockedAt(Struct, frozen=True):
    """A locked distribution and the lock file."""

    locked: Locked
    path: str


class Freezing(str, Enum):
    """How firmly a root holds the versions of what it runs on, firmest first."""

    LOCKED = "locked"
    COMPILED = "compiled"
    """A compiled, hashed or frozen list, indirect dependencies included."""
    PINNED = "pinned"
    """Every direct dependency has one version; the indirect ones are open."""
    RANGES = "ranges"
    NONE = "none"
    """No dependencies are declared."""


class Freeze(Struct, frozen=True):
    freezing: Freezing
    path: str = ""
    """The lock or list that freezes, or the first manifest that does not; empty for NONE."""
    loose: tuple[Declaration, ...] = ()
    """Runtime dependencies without an exact version, where the freezing is PINNED or RANGES."""


def is_runtime(dependency: Dependency) -> bool:
    return not dependency.group and dependency.name not in INSTALLERS and bool(dependency.name)


def pins(dependency: Dependency) -> bool:
    """`==1.2.3`; for conda `=1.2.3` too, which leaves open no more than the build."""
    if is_exact(dependency.specifier):
        return True
    fuzzy = dependency.specifier.removesuffix(".*")
    return (
        dependency.channel == "conda"
        and fuzzy != dependency.specifier
        and is_exact(fuzzy)
        and fuzzy.count(".") >= 2
    )


def is_compiled(manifest: Manifest) -> bool:
    """Whether a tool resolved the list: its header says so, all have hashes, or it reads like the
    output of `pip freeze`, exact throughout and with packages that nobody asks for by hand."""
    wanted = [one for one in manifest.dependencies if one.source == "index"]
    if not wanted or manifest.manager not in ("requirements", "conda"):
        return False
    if manifest.compiled_by or all(one.hashed for one in wanted):
        return True
    if not all(map(pins, wanted)):
        return False
    return len({one.name for one in wanted} & known_distributions().indirect) >= 3
