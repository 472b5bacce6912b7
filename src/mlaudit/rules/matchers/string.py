"""`string`: a string literal of Python, or a string value in a YAML, TOML or JSON document.

string:
  matches: REGEX
  roles: [ROLES]        see `syntax.Text`; `config` for a value in a document
  where: [CONDITIONS]
  unless: [CONDITIONS]
  levels: [{when: CONDITION, severity: ...}]
"""

from __future__ import annotations

from typing import Any

from mlaudit.rules.apis import Apis
from mlaudit.rules.conditions import compile_guard
from mlaudit.rules.levels import match_maker
from mlaudit.rules.model import Match, Rule
from mlaudit.rules.parameters import regex, words
from mlaudit.rules.sites import StringSite


class StringMatcher:
    """One string rule, ready to be asked."""

    def __init__(self, rule: Rule, parameters: dict[str, Any]) -> None:
        self.rule = rule
        self.expression = regex(parameters["matches"])
        self.roles = frozenset(words(parameters["roles"]))
        self._guard = compile_guard(parameters, StringSite)
        self._make = match_maker(rule, parameters, StringSite)

    def match(self, site: StringSite) -> Match | None:
        """For a text whose role is one of `roles` and in which `expression` was found."""
        return self._make(site) if self._guard(site) is True else None


def prepare(rule: Rule, _apis: Apis) -> StringMatcher:
    return StringMatcher(rule, rule.detect["string"])
