"""Requirements taken from a moving revision of a repository, or from somebody's disk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.paths import beside
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.freezing import Declaration
from mlaudit.project.project import Project
from mlaudit.project.roots import ProjectRoot
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Match, Rule, Severity, Spot

_COMMIT = re.compile(r"(?=[0-9a-f]*[0-9])[0-9a-f]{7,64}")
_TAG = re.compile(r"(?:[A-Za-z][\w-]*[-_/])?[vV.]*\d+(?:\.\d+)+\S*|[vV]\d+\S*")
_ADDRESS = re.compile(r"\w+\+(?:\w+://|\w+@)\S")
_UNKNOWN = re.compile(r"[$`{}]")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each requirement; those of one file that lie on a disk are one."""
    environment = project.environment
    on_disk: dict[str, list[Declaration]] = {}
    for root in environment.roots:
        for one in _sources(environment, root):
            file = project.files.get(one.path)
            if file is None or file.context.value not in rule.contexts:
                continue
            if one.dependency.source == "vcs":
                yield from _of_repository(environment, root, one, rule)
            elif _is_elsewhere(project, one):
                on_disk.setdefault(one.path, []).append(one)
    for found in on_disk.values():
        yield _of_disk(found, rule)


def _sources(environment: Environment, root: ProjectRoot) -> Iterator[Declaration]:
    for declaration in environment.declarations(root):
        if declaration.path in root.manifests:
            yield declaration
    setups = [one for one in environment.setups(root) if one.side != "ci"]
    if not root.path:
        setups += [one for one in environment.strays if one.side != "ci"]
    for setup in setups:
        for install in setup.installs:
            for one in install.dependencies:
                yield Declaration(one, setup.path, code=setup.code)


def _of_repository(
    environment: Environment, root: ProjectRoot, one: Declaration, rule: Rule
) -> Iterator[Match]:
    ref = one.dependency.ref
    if _COMMIT.fullmatch(ref) or _UNKNOWN.search(one.dependency.raw):
        return
    if not _ADDRESS.match(one.dependency.url):
        return
    if any(held.locked.commit for held in environment.locked(root, one.dependency.name)):
        return
    tag = bool(ref and _TAG.fullmatch(ref))
    what = f"tag '{ref}'" if tag else f"branch '{ref}'" if ref else "the default branch"
    yield Match(
        rule.id,
        _spot(one),
        {"name": one.dependency.name or one.dependency.url, "what": f"{what} of a repository"},
        identity=one.dependency.raw,
        severity=Severity.NOTE if tag else None,
    )


def _is_elsewhere(project: Project, one: Declaration) -> bool:
    """Whether it is a path that nobody gets who clones the repository."""
    if one.dependency.source not in ("path", "editable") or one.path not in project.facts:
        return False
    kind = one.dependency.url.removeprefix("file://")
    if _UNKNOWN.search(kind) or project.facts[one.path].dockerfile is not None or one.code:
        return False
    if not kind:
        return False
    if kind.startswith("/") or re.match(r"[A-Za-z]:[\\/]|~", kind):
        return True
    target = beside(one.path, kind.partition("[")[0])
    if target in (".", ""):
        return not target
    known = project.files
    return target not in known and not any(path.startswith(f"{target}/") for path in known)


def _of_disk(found: list[Declaration], rule: Rule) -> Match:
    first = found[0]
    more = f" (and {paths.counted(len(found) - 1, 'more')})" if len(found) > 1 else ""
    return Match(
        rule.id,
        _spot(first),
        {
            "name": first.dependency.name or first.dependency.url,
            "what": f"a path outside the repository{more}",
        },
        identity="paths",
    )


def _spot(one: Declaration) -> Spot:
    return Spot(one.path, one.dependency.span, code=one.code)
