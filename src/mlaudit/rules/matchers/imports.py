"""`import`: an import of a module or of something in it.

import:
  of: NAME | [NAMES]    and all that lies below it
  where: [CONDITIONS]
  unless: [CONDITIONS]
  levels: [{when: CONDITION, severity: ...}]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlaudit.facts.syntax import Import
from mlaudit.rules.apis import Apis
from mlaudit.rules.conditions import compile_guard
from mlaudit.rules.levels import match_maker
from mlaudit.rules.matchers import Matcher, in_context
from mlaudit.rules.model import Match, Rule
from mlaudit.rules.parameters import words
from mlaudit.rules.sites import ImportSite

if TYPE_CHECKING:
    from mlaudit.project.project import Project


def prepare(rule: Rule, apis: Apis) -> Matcher:
    parameters = rule.detect["import"]
    wanted = words(parameters["of"])
    guard = compile_guard(parameters, ImportSite)
    make = match_maker(rule, parameters, ImportSite)

    def match(project: Project) -> Iterator[Match]:
        for facts in in_context(project, rule):
            for item in facts.python.imports if facts.python else ():
                site = ImportSite(project, facts, apis, item)
                if _is_of(item, wanted) and guard(site) is True:
                    yield make(site)

    return match


def _is_of(item: Import, wanted: tuple[str, ...]) -> bool:
    return any(item.target == name or item.target.startswith(name + ".") for name in wanted)
