"""Distributions that two sources of one project root pin to versions without a common one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from mlaudit.analyses.parity import Said, related, said_by_all
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.markers import overlap
from mlaudit.project.environment.versions import disjoint
from mlaudit.project.project import Project
from mlaudit.project.roots import ProjectRoot
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Match, Rule

_MOST_A_FILE = 30
"""Requirements of one distribution in one file; people write two or three."""


class Conflict(Struct, frozen=True):
    """Two sources that disagree, and all that is said of the distribution."""

    name: str
    one: Said
    other: Said
    said: tuple[Said, ...]


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each two files of a root."""
    allowed = _allowed(project, rule)
    for root in project.environment.roots:
        pairs: dict[tuple[str, str], list[Conflict]] = {}
        for found in conflicts_in(project.environment, root, allowed):
            pairs.setdefault((found.one.path, found.other.path), []).append(found)
        for conflicts in pairs.values():
            yield _match(rule, conflicts)


def _match(rule: Rule, conflicts: list[Conflict]) -> Match:
    first, *rest = conflicts
    more = f", and {paths.counted(len(rest), 'other distribution')} as well" if rest else ""
    return Match(
        rule.id,
        first.other.spot,
        {
            "name": first.name,
            "one": first.one.dependency.specifier,
            "here": first.one.path,
            "other": first.other.dependency.specifier,
            "there": first.other.path,
            "more": more,
        },
        identity=" ".join(sorted(one.name for one in conflicts)),
        related=related([each for one in conflicts for each in one.said], first.other.spot),
    )


def _allowed(project: Project, rule: Rule) -> frozenset[str]:
    return frozenset(
        path for path, file in project.files.items() if file.context.value in rule.contexts
    )


def conflicts_in(
    environment: Environment, root: ProjectRoot, allowed: frozenset[str] | None = None
) -> Iterator[Conflict]:
    """The first conflict of each distribution, among the `allowed` files; None allows all."""
    python = environment.takes_python(root)
    for name, said in said_by_all(environment, root).items():
        said = _compared([one for one in said if allowed is None or one.path in allowed])
        pairs = (
            (one, other)
            for number, other in enumerate(said)
            for one in said[:number]
            if _comparable(environment, one, other) and _conflict(one, other, python)
        )
        pair = next(pairs, None) if len(said) > 1 else None
        if pair is not None:
            yield Conflict(name, *pair, tuple(said))


def _compared(said: Sequence[Said]) -> list[Said]:
    """Of each file the first few: each is compared with all others."""
    seen: Counter[str] = Counter()
    kept = []
    for one in said:
        seen[one.path] += 1
        if seen[one.path] <= _MOST_A_FILE:
            kept.append(one)
    return kept


def _comparable(environment: Environment, one: Said, other: Said) -> bool:
    sides = {one.side, other.side}
    if one.path == other.path:
        return sides == {"conda"} and one.dependency.channel != other.dependency.channel
    if len(sides) == 1 and not sides <= {"manifest", "image"}:
        return False
    if "lock" in sides:
        # What a manifest says against its lock is another rule's.
        return bool(sides & {"image", "ci"}) and one.plain and other.plain
    if one.plain and other.plain:
        return True
    return _includes(environment, one.path, other.path) or _includes(
        environment, other.path, one.path
    )


def _includes(environment: Environment, path: str, other: str) -> bool:
    manifest = environment.manifest(path)
    return manifest is not None and any(one.path == other for one in manifest.includes)


def _conflict(one: Said, other: Said, python: str) -> bool:
    first, second = one.dependency, other.dependency
    if not disjoint(first.specifier, second.specifier):
        return False
    return overlap(first.marker, second.marker, python)
