"""Interpreters on which development, CI and the image of one project root disagree."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from mlaudit.analyses.parity import is_plain, is_usual
from mlaudit.facts.paths import group_of
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.interpreters import PythonSource
from mlaudit.project.environment.versions import disjoint
from mlaudit.project.project import Project
from mlaudit.project.roots import ProjectRoot
from mlaudit.rules.model import Match, Related, Rule, Spot

_ASIDE = re.compile(
    r"docs?|documentation|lint\w*|format\w*|style|pre|commit|publish\w*|release\w*|stale|label\w*"
    r"|sphinx|mkdocs|quality|typing|mypy|pypi"
)
"""Words in the names of jobs that run nothing of the project."""
_PACKAGE = frozenset({"requires-python", "poetry", "pipenv", "pixi"})
_FILES = frozenset({"python-version", "tool-versions", "mise"})


class Side(Struct, frozen=True):
    """What one kind of place says; alternatives, where there are several."""

    name: str
    sources: tuple[PythonSource, ...]

    def meets(self, other: Side) -> bool:
        """Whether some interpreter satisfies both."""
        return any(
            not disjoint(one.specifier, each.specifier)
            for one in self.sources
            for each in other.sources
        )

    @property
    def text(self) -> str:
        """`3.10, 3.11 in ci.yml`."""
        said = dict.fromkeys(short(one) for one in self.sources)
        files = dict.fromkeys(posixpath.basename(one.path) for one in self.sources)
        return f"{', '.join(said)} in {', '.join(files)}"


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each root, with all sides."""
    for root in project.environment.roots:
        found = sides_of(project.environment, root)
        if not all(_allowed(project, side, rule) for side in found):
            continue
        pair = mismatch(found)
        if pair is None:
            continue
        one, other = pair
        source = other.sources[0]
        spot = Spot(source.path, source.span)
        sides = [side for side in found if side not in pair]
        yield Match(
            rule.id,
            spot,
            {"one": one.text, "other": other.text},
            identity=f"{one.name} {other.name}",
            related=tuple(_related((one, other, *sides), spot)),
        )


def _allowed(project: Project, side: Side, rule: Rule) -> bool:
    return all(
        one.path not in project.files or project.files[one.path].context.value in rule.contexts
        for one in side.sources
    )


def sides_of(environment: Environment, root: ProjectRoot) -> tuple[Side, ...]:
    """Package, version file, conda, image and CI, as far as each says something."""
    stated = environment.stated_pythons(root)
    sides = [
        *(Side("package", (one,)) for one in stated if one.origin in _PACKAGE),
        Side("version file", _nearest(one for one in stated if one.origin in _FILES)),
        Side("conda", tuple(one for one in stated if one.origin == "conda" and _main(one, root))),
        Side("runtime", tuple(one for one in stated if one.origin == "runtime")),
        Side("image", tuple(_of_setups(environment, root, "image"))),
        Side("CI", tuple(_of_setups(environment, root, "ci"))),
    ]
    return tuple(side for side in sides if side.sources)


def mismatch(sides: tuple[Side, ...]) -> tuple[Side, Side] | None:
    """The first two sides without a common interpreter."""
    for number, other in enumerate(sides):
        for one in sides[:number]:
            if not one.meets(other):
                return one, other
    return None


def short(source: PythonSource) -> str:
    """`3.11` for `==3.11.*`."""
    return re.sub(r"^==|\.\*$", "", source.specifier) or source.text


def _nearest(sources: Iterable[PythonSource]) -> tuple[PythonSource, ...]:
    """Version files of the innermost folder, which the tools take."""
    found = list(sources)
    depth = max((one.path.count("/") for one in found), default=0)
    return tuple(one for one in found if one.path.count("/") == depth)


def _main(source: PythonSource, root: ProjectRoot) -> bool:
    return is_plain(source.path, root) and group_of(source.path) in ("", "dev", "test")


def _of_setups(environment: Environment, root: ProjectRoot, side: str) -> Iterator[PythonSource]:
    for setup in environment.setups(root):
        words = re.findall(r"[a-z]+", f"{posixpath.basename(setup.path)} {setup.name}".lower())
        aside = not setup.runs or (side == "ci" and any(map(_ASIDE.fullmatch, words)))
        if (
            setup.side == side
            and not aside
            and (side == "ci" or is_usual(environment, setup, root))
        ):
            yield from setup.pythons


def _related(sides: Iterable[Side], without: Spot) -> Iterator[Related]:
    seen = {without}
    for side in sides:
        for one in side.sources[:4]:
            spot = Spot(one.path, one.span)
            if spot not in seen:
                seen.add(spot)
                yield Related(spot, f"{side.name}: {short(one)}")
