"""What the sources of a project root tell of one distribution's version, the firmest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mlaudit.project.environment.distributions import known_distributions
from mlaudit.project.environment.freezing import Declaration
from mlaudit.project.environment.markers import applies
from mlaudit.project.environment.versions import Interval, Level, interval_of, is_exact, understood
from mlaudit.project.roots import ProjectRoot

if TYPE_CHECKING:
    from mlaudit.project.environment.environment import Environment
    from mlaudit.project.environment.setup_model import Setup


def known_version(environment: Environment, root: ProjectRoot, name: str) -> Interval | None:
    """Lock, else compiled list, pin, conda, image, bounds; else the same of groups."""
    locked = [
        (f"=={one.locked.version}", one.path)
        for one in environment.locked(root, name)
        if one.locked.version
    ]
    if locked:
        return interval_of(locked, "lock")
    said = _said_of(environment, root, name)
    runtime = [one for one in said if not one.dependency.group]
    found = _held(runtime) or _in_images(environment, root, name) or _bounded(runtime)
    if found is not None:
        return found
    groups = [one for one in said if one.dependency.group]
    return _held(groups) or _bounded(groups)


def in_notebook(setups: Iterable[Setup], name: str) -> Interval | None:
    """The pin of a `%pip install` in the notebook itself."""
    names = known_distributions().names_of(name)
    wanted = [
        Declaration(one, setup.path)
        for setup in setups
        for install in setup.installs
        for one in install.dependencies
        if one.name in names
    ]
    return _held(wanted)


def _said_of(environment: Environment, root: ProjectRoot, name: str) -> list[Declaration]:
    """Declarations with a version, without those for machines that the project does not take."""
    said = [*environment.declared(root, name), *environment.constraints(root, name)]
    python = environment.takes_python(root) if any(one.dependency.marker for one in said) else ""
    return [
        one
        for one in said
        if one.dependency.specifier and applies(one.dependency.marker, python) is not False
    ]


def _in_images(environment: Environment, root: ProjectRoot, name: str) -> Interval | None:
    """What the images of an application have; who uses a package has images of his own."""
    if environment.packaged(root):
        return None
    names = known_distributions().names_of(name)
    said = [
        (one.specifier, setup.path)
        for setup in environment.setups(root)
        if setup.side == "image"
        for one in (*setup.given, *(each for i in setup.installs for each in i.dependencies))
        if one.name in names and is_exact(one.specifier.removesuffix(".*"))
    ]
    return interval_of(said, "image") if said else None


def _held(said: Sequence[Declaration]) -> Interval | None:
    """The exact versions: of compiled lists, else written by hand for pip, else for conda."""
    exact = [one for one in said if is_exact(one.dependency.specifier)]
    conda = [one for one in said if one.dependency.channel == "conda" and _is_series(one)]
    levels: tuple[tuple[Level, list[Declaration]], ...] = (
        ("compiled", [one for one in exact if one.compiled]),
        ("pin", [one for one in exact if one.dependency.channel == "pip"]),
        ("conda", [*exact, *conda]),
    )
    for level, found in levels:
        if found:
            return interval_of(map(_said, found), level)
    return None


def _is_series(declaration: Declaration) -> bool:
    """Conda's `=2.1`, which is as firm as people write it there."""
    return is_exact(declaration.dependency.specifier.removesuffix(".*"))


def _bounded(said: Sequence[Declaration]) -> Interval | None:
    # What cannot be understood may allow anything.
    if not said or not all(understood(one.dependency.specifier) for one in said):
        return None
    return interval_of(map(_said, said), "bounds")


def _said(declaration: Declaration) -> tuple[str, str]:
    return declaration.dependency.specifier, declaration.path
