"""`text`: a command line in a Makefile, shell script, Dockerfile or notebook.

text:
  matches: REGEX
  kinds: [KINDS]        of files; default: all that hold commands
  where: [CONDITIONS]
  unless: [CONDITIONS]
  levels: [{when: CONDITION, severity: ...}]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlaudit.facts.records import Command, FileFacts, Span
from mlaudit.rules.apis import Apis
from mlaudit.rules.conditions import compile_guard
from mlaudit.rules.levels import match_maker
from mlaudit.rules.matchers import Matcher, in_context
from mlaudit.rules.model import Match, Rule, Spot
from mlaudit.rules.parameters import regex, words
from mlaudit.rules.sites import StringSite

if TYPE_CHECKING:
    from mlaudit.project.project import Project


class CommandSite(StringSite):
    """A command."""

    def __init__(self, project: Project, facts: FileFacts, apis: Apis, command: Command) -> None:
        super().__init__(project, facts, apis, command.text, "command", command.target)
        code = facts.notebook is not None
        self._spot = Spot(facts.path, Span(command.line, 0 if code else 1), code=code)

    def spot(self) -> Spot:
        return self._spot


def prepare(rule: Rule, apis: Apis) -> Matcher:
    parameters = rule.detect["text"]
    expression = regex(parameters["matches"])
    kinds = frozenset(words(parameters.get("kinds", [])))
    guard = compile_guard(parameters, CommandSite)
    make = match_maker(rule, parameters, CommandSite)

    def match(project: Project) -> Iterator[Match]:
        for facts in in_context(project, rule):
            if kinds and facts.kind.value not in kinds:
                continue
            for command in facts.runs:
                site = CommandSite(project, facts, apis, command)
                if expression.search(command.text) and guard(site) is True:
                    yield make(site)

    return match
