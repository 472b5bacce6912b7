"""`call`: a call of something by its resolved name.

    call:
      to: NAME | [NAMES] | {api: TABLE}     `*` stands for one segment
      arguments: {NAME: POSITION}           positions, where `to` is no API table
      lacks: NAME                           the argument is absent or None
      where: [CONDITIONS]
      unless: [CONDITIONS]
      levels: [{when: CONDITION, severity: ...}]
      once: NAME                            only the first call with this literal argument

`$argument` stands for the arguments that the API table names. `name[key] = value` of a global name
is seen as a call of `name.__setitem__` with two arguments, `module.attribute = value` as one of
`module.attribute.__set__` with one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlaudit.facts.syntax import AnyValue, Attribute, Item, Local, Result
from mlaudit.project.nature import Nature
from mlaudit.rules.apis import Api, Apis
from mlaudit.rules.conditions import Test, compile_condition, compile_guard
from mlaudit.rules.levels import match_maker
from mlaudit.rules.model import Match, Rule
from mlaudit.rules.parameters import rows
from mlaudit.rules.sites import CallSite


class CallMatcher:
    """One call rule, ready to be asked."""

    def __init__(self, rule: Rule, parameters: dict[str, Any], apis: Apis) -> None:
        self.rule = rule
        self.rows = rows(parameters["to"], apis)
        self._arguments: dict[str, int | None] = dict(parameters.get("arguments", {}))
        self._lacks: Test | None = _lacks(parameters)
        self._guard = compile_guard(parameters, CallSite)
        self._make = match_maker(rule, parameters, CallSite)
        self._row_guards: dict[str, Test] = {}
        self._once: str | None = parameters.get("once")
        self._seen: set[AnyValue] = set()

    @property
    def names(self) -> Mapping[str, Api]:
        """What the rule wants to see calls of."""
        return self.rows

    def match(self, site: CallSite, row: str) -> Match | None:
        """`row` is the name in `names` that the call went under."""
        api = self.rows[row]
        site.arguments = api.arguments or self._arguments
        if self._lacks is not None and self._lacks(site) is not True:
            return None
        if (api.where or api.unless) and self._row_guard(row, api)(site) is not True:
            return None
        if self._guard(site) is not True or self._is_repeated(site):
            return None
        return self._make(site)

    def _is_repeated(self, site: CallSite) -> bool:
        if self._once is None:
            return False
        literals = [site.constant(value) for value in site.given(self._once)]
        literal = next((one for one in literals if one is not None), None)
        if literal is None or literal in self._seen:
            return literal is not None
        self._seen.add(literal)
        return False

    def _row_guard(self, row: str, api: Api) -> Test:
        guard = self._row_guards.get(row)
        if guard is None:
            guard = compile_guard({"where": api.where, "unless": api.unless}, CallSite)
            self._row_guards[row] = guard
        return guard


def _lacks(parameters: dict[str, Any]) -> Test | None:
    name = parameters.get("lacks")
    if name is None:
        return None
    missing = [{"argument": {name: "absent"}}, {"argument": {name: {"equals": None}}}]
    plainly = compile_condition({"any": missing}, CallSite)
    return lambda site: plainly(site) or _is_none(site, name)


def _is_none(site: CallSite, name: str) -> bool:
    """What is given comes from a caller, a default or a configuration, and is None."""
    names = list(site.arguments) if name == "$argument" else [name]
    given = [value for value in map(site.argument, names) if value is not None]
    project = site.project
    if not given or not all(isinstance(one, Local | Attribute | Item | Result) for one in given):
        return False
    if project.nature(project.environment.root_of(site.path)) is Nature.LIBRARY:
        return False  # its programs are not what it is made for
    return all(project.program.gives_none(site.path, site.index, one) for one in given)


def prepare(rule: Rule, apis: Apis) -> CallMatcher:
    return CallMatcher(rule, rule.detect["call"], apis)
