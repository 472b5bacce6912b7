"""Manifests that their lock file contradicts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from msgspec import Struct

from mlaudit.analyses.lock_coverage import Coverage, coverages
from mlaudit.facts.records import Span
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.freezing import Declaration, LockedAt
from mlaudit.project.environment.versions import allows
from mlaudit.project.project import Project
from mlaudit.project.roots import ProjectRoot
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Match, Related, Rule, Spot


class Stale(Struct, frozen=True):
    """A declaration that no version in the lock fulfils."""

    declaration: Declaration
    lock: str
    held: tuple[LockedAt, ...] = ()
    """The versions that the lock has instead; empty when the distribution is missing."""

    @property
    def problem(self) -> str:
        dependency = self.declaration.dependency
        if not self.held:
            return f"'{dependency.name}' is not in it"
        versions = paths.listing(sorted({one.locked.version for one in self.held}))
        return f"'{dependency.name}' is {versions} in it, which {dependency.specifier} excludes"


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each manifest and lock."""
    environment = project.environment
    for root in environment.roots:
        groups: dict[tuple[str, str], list[Stale]] = {}
        for one in stale_in(environment, root):
            groups.setdefault((one.declaration.path, one.lock), []).append(one)
        for found in groups.values():
            if project.files[found[0].declaration.path].context.value in rule.contexts:
                yield _match(rule, found)


def stale_in(environment: Environment, root: ProjectRoot) -> Iterator[Stale]:
    """What the root's locks, its compiled lists included, contradict."""
    for coverage in coverages(environment, root):
        python = environment.takes_python(root)
        for declaration in coverage.declarations:
            if coverage.decides(declaration, python):
                yield from _stale(declaration, coverage)


def _stale(declaration: Declaration, coverage: Coverage) -> Iterator[Stale]:
    held = coverage.held(declaration.dependency.name)
    if not held:
        yield Stale(declaration, coverage.lock)
        return
    specifier = declaration.dependency.specifier
    if not specifier or any(one.locked.source != "index" for one in held):
        return
    # None where a version or a specifier is not of PEP 440: who knows.
    if all(allows(specifier, one.locked.version) is False for one in held):
        yield Stale(declaration, coverage.lock, held)


def _match(rule: Rule, found: list[Stale]) -> Match:
    first = found[0]
    return Match(
        rule.id,
        Spot(first.declaration.path, first.declaration.dependency.span),
        {
            "lock": posixpath.basename(first.lock),
            "problems": _listed(one.problem for one in found),
        },
        identity=" ".join(sorted({one.declaration.dependency.name for one in found})),
        related=tuple(_related(found)),
    )


def _listed(problems: Iterable[str]) -> str:
    said = list(dict.fromkeys(problems))
    more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
    return "; ".join(said[:3]) + more


def _related(found: list[Stale]) -> Iterator[Related]:
    for one in found[:10]:
        for held in one.held[:2]:
            spot = Spot(held.path, Span(held.locked.line))
            yield Related(spot, f"locked here: {one.declaration.dependency.name}")
    for one in found[1:10]:
        spot = Spot(one.declaration.path, one.declaration.dependency.span)
        yield Related(spot, f"declared here: {one.declaration.dependency.name}")
