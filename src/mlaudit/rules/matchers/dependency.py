"""`dependency`: what a project does not say of the packages that it runs on.

    lacks: manifest      # code imports some of `imports`, and nothing up to the root declares them;
                         # nor does a file of `declared-in`
    lacks: lock          # nothing freezes the dependencies; a note where only
                         # `tools` have no exact version
    lacks: version       # packages of `of` without an upper bound; `critical`, or a list of names
    lacks: interpreter   # dependencies without a version of Python

Each project root is asked for itself, and `applies` of the rule says whether it is asked of
libraries. Roots that are no more than a list of requirements in a folder answer as one where a
repository has many: their message is given `more`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mlaudit.facts.records import Entry, FileFacts
from mlaudit.project.environment.distributions import known_distributions
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.freezing import Declaration, Freezing
from mlaudit.project.environment.versions import bounds_of
from mlaudit.repo.model import Kind
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import manifest_absence, paths
from mlaudit.rules.model import Match, Related, Rule, Severity, Spot
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.project.roots import ProjectRoot
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher

_Question = Callable[["Project", "ProjectRoot", Rule], Iterator[Match]]
_MOST_RELATED = 10
_VERSION_KEYS = frozenset(
    {"python", "python-version", "python_version", "pythonversion", "versionspec"}
)
_VERSION = re.compile(r"\D{0,2}3(?:\.\d+|$)")
_RUNTIME = re.compile(r"(?:^|/)python:3|^python3\.\d+$")
_EVERYBODY = {"application", "library"}


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = paths.known(rule.detect["dependency"], "lacks", "imports", "declared-in", "of", "tools")
    lacks = data.get("lacks")
    if lacks == "manifest":
        others = words(data.get("declared-in", []))
        return manifest_absence.prepare(rule, words(data["imports"]), others)
    questions: Mapping[Any, _Question] = {
        "lock": _lacks_lock(frozenset(words(data.get("tools", [])))),
        "interpreter": _lacks_interpreter,
        "version": _lacks_version(data.get("of", [])),
    }
    if lacks not in questions:
        raise RulePackError("needs `manifest`, `lock`, `version` or `interpreter`", key="lacks")
    return _of_roots(rule, questions[lacks])


def _of_roots(rule: Rule, question: _Question) -> Matcher:
    def find(project: Project) -> Iterator[Match]:
        lists: dict[Severity | None, list[Match]] = {}
        for root in project.environment.roots:
            for match in question(project, root, rule) if root.manifests else ():
                context = project.files[match.spot.path].context
                if context.value not in rule.contexts or not _applies(project, root, rule):
                    continue
                if rule.scope == "repository" and root.path and _is_list(project, root):
                    lists.setdefault(match.severity, []).append(match)
                else:
                    yield _and_more(match, [])
        for first, *rest in lists.values():
            yield _and_more(first, rest)

    return find


def _is_list(project: Project, root: ProjectRoot) -> bool:
    return all(project.files[path].kind is Kind.REQUIREMENTS for path in root.manifests)


def _and_more(match: Match, others: list[Match]) -> Match:
    more = f", and in {paths.counted(len(others), 'more folder')}" if others else ""
    return replace(
        match,
        values={**match.values, "more": more},
        related=tuple(Related(other.spot, "here as well") for other in others[:_MOST_RELATED]),
    )


def _applies(project: Project, root: ProjectRoot, rule: Rule) -> bool:
    if _EVERYBODY.issubset(rule.applies):
        return True
    return project.nature(root).value in rule.applies


def _lacks_lock(tools: frozenset[str]) -> _Question:
    def ask(project: Project, root: ProjectRoot, rule: Rule) -> Iterator[Match]:
        freeze = project.environment.frozen(root)
        if freeze.freezing not in (Freezing.RANGES, Freezing.PINNED):
            return
        names = {one.dependency.name for one in freeze.loose} - tools
        state = "exact versions, but not of what those packages depend on"
        if names:
            state = f"no exact version for {paths.listing(sorted(names))}"
        severity = None if names else Severity.NOTE
        yield Match(rule.id, Spot(freeze.path), {"state": state}, "no lock", severity=severity)

    return ask


def _lacks_interpreter(project: Project, root: ProjectRoot, rule: Rule) -> Iterator[Match]:
    environment = project.environment
    if not environment.declarations(root) or _computes_python(project, root):
        return
    if any(map(_names_python, project.of_kind(Kind.YAML, Kind.TOML, Kind.JSON))):
        return
    around = [other for other in environment.roots if _encloses(other, root)]
    if not any(environment.python_sources(one) for one in around):
        yield Match(rule.id, Spot(root.manifests[0]), identity="no Python version")


def _encloses(outer: ProjectRoot, inner: ProjectRoot) -> bool:
    return outer == inner or not outer.path or inner.path.startswith(f"{outer.path}/")


def _computes_python(project: Project, root: ProjectRoot) -> bool:
    manifests = (project.facts[path].manifest for path in root.manifests)
    return any("requires-python" in one.dynamic for one in manifests if one)


def _names_python(facts: FileFacts) -> bool:
    """Whether a document names an interpreter in a way of its own, as every CI service, serving
    tool and cloud has one. It may speak for another root; then silence is the smaller fault."""
    return facts.document is not None and any(map(_is_python_version, facts.document.entries))


def _is_python_version(entry: Entry) -> bool:
    if entry.kind != "scalar" or not entry.path:
        return False
    text = str(entry.value)
    if str(entry.path[-1]).lower() in _VERSION_KEYS:
        return _VERSION.match(text) is not None
    return _RUNTIME.search(text) is not None


def _lacks_version(data: Any) -> _Question:
    wanted = known_distributions().critical if data == "critical" else frozenset(words(data))

    def ask(project: Project, root: ProjectRoot, rule: Rule) -> Iterator[Match]:
        environment = project.environment
        if environment.frozen(root).freezing in (Freezing.LOCKED, Freezing.COMPILED):
            return
        offenders: dict[str, list[Declaration]] = {}
        for declaration in environment.declarations(root):
            if _is_wanted(declaration, wanted) and _is_open(environment, root, declaration):
                offenders.setdefault(declaration.path, []).append(declaration)
        for path, declarations in offenders.items():
            names = list(dict.fromkeys(one.dependency.name for one in declarations))
            yield Match(
                rule=rule.id,
                spot=Spot(path, declarations[0].dependency.span),
                values={"names": paths.listing(names, 6)},
                identity=" ".join(sorted(names)),
            )

    return ask


def _is_wanted(declaration: Declaration, wanted: frozenset[str]) -> bool:
    dependency = declaration.dependency
    name = known_distributions().variants.get(dependency.name, dependency.name)
    return name in wanted and not dependency.group and dependency.source == "index"


def _is_open(environment: Environment, root: ProjectRoot, declaration: Declaration) -> bool:
    """Whether nothing that is said of the distribution keeps newer versions out."""
    if not _unbounded(declaration.dependency.specifier):
        return False
    name = known_distributions().variants.get(
        declaration.dependency.name, declaration.dependency.name
    )
    known = environment.version(root, name)
    return known is None or all(map(_unbounded, known.specifiers))


def _unbounded(specifier: str) -> bool:
    if not specifier:
        return True
    bounds = bounds_of(specifier)
    # What cannot be understood may well be a bound.
    return bounds is not None and bounds.upper is None
