"""`analysis: undeclared-import`: a third-party import that no manifest of its root declares.

    declared-in: [NAMES]   files of other tools that may declare packages
    provided: [NAMES]      distributions of platforms that run the code: nobody declares them

The code must not be able to do without it: an import under a condition, in a function or in a
`try` that survives ImportError is optional. Everything that the repository says counts as a
declaration: extras and groups, other manifests above and below, what a script, image, notebook or
README installs, lists in YAML. Where a manifest cannot be read whole, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mlaudit.analyses.declared_packages import Declared, own_names
from mlaudit.analyses.imported_packages import Imported, imported_packages
from mlaudit.analyses.manifest_choice import manifest_to_extend
from mlaudit.analyses.mentioned_packages import Mentions
from mlaudit.project.environment.hosted import installs_itself, is_hosted
from mlaudit.project.environment.import_table import import_table
from mlaudit.rules.matchers import in_context, paths
from mlaudit.rules.model import Match, Persona, Related, Rule, Severity
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_MOST_RELATED = 5


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match a root and distribution, at the first import."""
    declared = {root.path: Declared(project, root) for root in project.environment.roots}
    known = {path: one.root for path, one in declared.items() if one.is_known}
    if not known:
        return
    found = imported_packages(project, in_context(project, rule), known)
    data = rule.detect["analysis"]
    provided = frozenset(words(data.get("provided", [])))
    judge = _Judge(project, words(data.get("declared-in", [])), provided)
    for path in sorted(found):
        for names in sorted(found[path]):
            match = judge.match(rule, declared[path], names, found[path][names])
            if match is not None:
                yield match


class _How(NamedTuple):
    words: str
    severity: Severity | None
    persona: Persona | None


class _Judge:
    def __init__(self, project: Project, others: tuple[str, ...], provided: frozenset[str]) -> None:
        self._project = project
        self._known = own_names(project) | provided
        self._mentions = Mentions(project, others)

    def match(
        self, rule: Rule, declared: Declared, names: tuple[str, ...], places: list[Imported]
    ) -> Match | None:
        if declared.declares(names) or not self._known.isdisjoint(names):
            return None
        if declared.runs_on_other_images() or self._mentions.name(names, declared.root):
            return None
        places = [one for one in places if not self._is_elsewhere(one.path)]
        if not places:
            return None
        first, *others = sorted(places, key=lambda one: (one.path, one.item.line))
        files = {one.path for one in others} - {first.path}
        how, severity, persona = self._how(declared, names)
        return Match(
            rule.id,
            first.spot,
            {
                "module": import_table().module_of(first.module),
                "distribution": names[0],
                "more": f" and in {paths.counted(len(files), 'more file')}" if files else "",
                "how": how,
                "manifest": manifest_to_extend(self._project, declared.root),
            },
            identity=names[0],
            severity=severity,
            persona=persona,
            related=tuple(
                Related(one.spot, "imported here as well")
                for one in {other.path: other for other in others}.values()
                if one.path != first.path
            )[:_MOST_RELATED],
        )

    def _is_elsewhere(self, path: str) -> bool:
        return installs_itself(self._project, path) or is_hosted(self._project, path)

    def _how(self, declared: Declared, names: tuple[str, ...]) -> _How:
        """What brings it all the same, how bad it is then, and who wants to know."""
        bringing = declared.bringing(names)
        if bringing:
            words = f"; it comes along with '{bringing}' for now"
            return _How(words, Severity.NOTE, Persona.PEDANTIC)
        environment = self._project.environment
        if any(environment.locked(root, name) for root in declared.roots for name in names):
            words = "; the lock file has it, as something that others need"
            return _How(words, Severity.NOTE, Persona.PEDANTIC)
        return _How("", Severity.NOTE if declared.may_bring_more else None, None)
