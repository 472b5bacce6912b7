"""Which project roots an image, a job of CI or a notebook sets up."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlaudit.project.environment.setup_model import Setup
from mlaudit.project.roots import beside, within

if TYPE_CHECKING:
    from mlaudit.project.environment.environment import Environment


def homes_of(setup: Setup, environment: Environment) -> tuple[str, ...]:
    """Paths of the roots: of those whose files it uses, else the one that it lies in or works for.

    Empty for an image beside no manifest: what lies around it may be quite another project.
    """
    used = dict.fromkeys(_used(setup, environment))
    if used:
        return tuple(used)
    nearest = environment.root_of(setup.path)
    if setup.side == "notebook":
        return (nearest.path,)
    if setup.side == "ci":
        return _of_job(setup, environment)
    folder = posixpath.dirname(setup.path)
    own = folder == nearest.path or beside(folder, nearest.path)
    return (nearest.path,) if own and nearest.files else ()


def _used(setup: Setup, environment: Environment) -> Iterator[str]:
    own = environment.root_of(setup.path)
    names = {one.name for install in setup.installs for one in install.dependencies}
    package = environment.package_name(own)
    if setup.side == "image" and package and package in names:
        yield own.path
    for install in setup.installs:
        for written in (*install.lists, *install.constraints):
            path = environment.named_file(setup, written)
            if path:
                yield environment.homes.get(path) or environment.root_of(path).path


def _of_job(setup: Setup, environment: Environment) -> tuple[str, ...]:
    """Roots of the folders that it works in; else that of the repository, or the only one."""
    folders = (one for one in setup.folders if not one.startswith(".github"))
    found = dict.fromkeys(
        environment.root_of(posixpath.join(folder, "x")).path for folder in folders
    )
    if found:
        return tuple(_innermost(tuple(found), setup, environment))
    main = environment.roots[0]
    others = [root for root in environment.roots if root.files]
    if main.files or len(others) != 1:
        return (main.path,)
    return (others[0].path,)


def _innermost(found: tuple[str, ...], setup: Setup, environment: Environment) -> Iterator[str]:
    """Without a root around another one, unless the job names that root or a manifest of it: it
    is no more than what a folder without a manifest lies in."""
    files = {root.path: root.files for root in environment.roots}
    for one in found:
        around = any(other != one and within(one, other) for other in found)
        if not around or not {one, *files[one]}.isdisjoint(setup.folders):
            yield one
