"""`analysis`: a check that needs an algorithm, a module of `mlaudit.analyses`.

    analysis: NAME
    analysis: {name: NAME, if-path: TEXT, PARAMETER: ...}

The analysis `run-not-closed` is `mlaudit.analyses.run_not_closed`, whose `check(project, rule)`
yields matches and reads its parameters from `rule.detect`. It is neither imported nor run where no
file of the repository has the text `if-path` in its path, and for a rule about the repository as a
whole where only a part is audited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from mlaudit.rules.apis import Apis
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import Matcher
from mlaudit.rules.model import Match, Rule

if TYPE_CHECKING:
    from mlaudit.project.project import Project


def prepare(rule: Rule, _apis: Apis) -> Matcher:
    data = rule.detect["analysis"]
    name = data.get("name") if isinstance(data, dict) else data
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise RulePackError(f"needs the name of an analysis, not {name!r}")
    module = f"mlaudit.analyses.{name.replace('-', '_')}"
    if find_spec(module) is None:
        raise RulePackError(f"there is no analysis '{name}'")

    needed = data.get("if-path", "") if isinstance(data, dict) else ""

    def match(project: Project) -> Iterator[Match]:
        if rule.scope == "repository" and not project.repo.whole:
            return iter(())
        if needed and not any(needed in path for path in project.files):
            return iter(())
        return cast(Iterator[Match], import_module(module).check(project, rule))

    return match
