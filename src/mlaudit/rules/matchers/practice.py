"""`practice`: something that should be done wherever models are served, deployed or trained.

practice:
  of: services           # web handlers that reach a model; or
                         # `models` that are served, by code or by a manifest,
                         # `deployments`, or `trainings`
  signs: [NAMES]         # of the maturity model: any that is seen is enough
  any: [LOOKS]           # further ways to see it, in the form of those of signs
  modules: [MODULES]     # importing one of these is enough
  records: REGEX         # of services: so is a call of such a name with more than constants
  frameworks: [NAMES]    # of services: these do it by themselves
  apart: [MODULES]       # nor are files that import one of these, and projects that declare it

There is at most one match for each project root: on the first handler, manifest or program. What
shows the practice counts for its own root and those below it, and for all where nothing of the
kind is in its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import ValidationError, convert

from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Match, Rule
from mlaudit.rules.parameters import regex, words

if TYPE_CHECKING:
    from mlaudit.project.linking.steps import Site
    from mlaudit.project.practices.looks import Look
    from mlaudit.project.project import Project
    from mlaudit.project.roots import ProjectRoot
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher
    from mlaudit.rules.matchers.practice_objects import Object

_OF = ("services", "models", "deployments", "trainings")


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = paths.known(
        rule.detect["practice"],
        "of", "signs", "any", "modules", "records", "frameworks", "apart",
    )  # fmt: skip
    if data.get("of") not in _OF:
        raise RulePackError(f"needs one of {', '.join(_OF)}", key="of")
    practice = _Practice(data)

    def find(project: Project) -> Iterator[Match]:
        if project.repo.whole:
            yield from practice.missed(project, rule)

    return find


class _Practice:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self._of: str = data["of"]
        self._signs = words(data.get("signs", []))
        self._looks: list[Any] = data.get("any", [])
        self._modules = frozenset(words(data.get("modules", [])))
        self._records: str = data.get("records", "")
        self._frameworks = frozenset(words(data.get("frameworks", [])))
        self._apart = frozenset(words(data.get("apart", [])))

    def missed(self, project: Project, rule: Rule) -> Iterator[Match]:
        from mlaudit.project.nature import Nature
        from mlaudit.project.roots import within
        from mlaudit.rules.matchers.practice_objects import objects

        def applies(path: str) -> bool:
            if project.files[path].context.value not in rule.contexts:
                return False
            home = project.environment.root_of(path)
            library = project.nature(home) is Nature.LIBRARY
            return not library and not self._is_apart(project, home, path)

        by_root: dict[str, list[Object]] = {}
        for one in objects(project, self._of, applies):
            home = project.environment.root_of(one.spot.path).path
            by_root.setdefault(home, []).append(one)
        by_root = {root: own for root, own in by_root.items() if not self._by_itself(own)}
        if self._of == "deployments":
            by_root = _outermost(by_root)
        homes = frozenset(by_root)
        for path in self._seen_in(project) if by_root else ():
            seen = project.environment.root_of(path).path
            for root in [root for root in by_root if seen not in homes or within(seen, root)]:
                del by_root[root]
            if not by_root:
                return
        for root, own in by_root.items():
            if not any(self._is_recorded(project, one) for one in own):
                values = {"what": own[0].name}
                yield Match(rule.id, own[0].spot, values, root or ".")

    def _by_itself(self, own: list[Object]) -> bool:
        return any(one.framework in self._frameworks for one in own)

    def _is_apart(self, project: Project, home: ProjectRoot, path: str) -> bool:
        if any(project.environment.declared(home, one.replace("_", "-")) for one in self._apart):
            return True
        python = project.facts[path].python
        return python is not None and any(
            _starts_of(item.target) & self._apart for item in python.imports if self._apart
        )

    def _seen_in(self, project: Project) -> Iterator[str]:
        """The files that show the practice."""
        from mlaudit.project.practices.looks import Look, see
        from mlaudit.project.practices.practices import sights_of

        for name in self._signs:
            yield from (sight.path for sight in sights_of(project.sights, name))
        for look in self._looks:
            yield from (one.path for one in see(_look(look, Look), "", project.sights))
        for facts in project.sights.counted if self._modules else ():
            for item in facts.python.imports if facts.python is not None else ():
                if _starts_of(item.target) & self._modules:
                    yield facts.path
                    break

    def _is_recorded(self, project: Project, one: Object) -> bool:
        """Whether a handler hands what it computed to something that keeps it."""
        if not self._records or one.scope < 0:
            return False
        from mlaudit.project.linking.entry_points import EntryPoint

        expression = regex(self._records)
        entry = EntryPoint(one.spot.path, one.scope, "handler", one.spot.span.line)
        return any(
            expression.search(_name(project, site)) and _tells(project, site)
            for site in project.program.reach(entry).sites
        )


def _outermost(by_root: dict[str, list[Object]]) -> dict[str, list[Object]]:
    """Without roots that lie in another one: what is deployed from above is deployed once."""
    from mlaudit.project.roots import within

    return {
        root: own
        for root, own in by_root.items()
        if not any(other != root and within(other, root) for other in by_root)
    }


def _look(data: Any, record: type[Look]) -> Look:
    try:
        return convert(data, record)
    except ValidationError as error:
        raise RulePackError(str(error), key="any") from None


def _starts_of(target: str) -> set[str]:
    """`a`, `a.b` and `a.b.c` of `a.b.c`."""
    parts = target.split(".")
    return {".".join(parts[:size]) for size in range(1, len(parts) + 1)}


def _name(project: Project, site: Site) -> str:
    from mlaudit.project.linking.calls import written

    return written(project, site)


def _tells(project: Project, site: Site) -> bool:
    """Whether more than constants are passed."""
    from mlaudit.facts.syntax import Const
    from mlaudit.project.linking.calls import call_of

    call = call_of(project, site)
    given = (*call.args, *(value for _, value in call.keywords))
    return any(not isinstance(value, Const) for value in given)
