"""Makefiles: which commands each target runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.records import Command
from mlaudit.patterns import Gated

_RULE = Gated(r"(?P<targets>[^:=#\t][^:=#]*)::?(?!=)(?P<rest>[^\n]*)")
_VARIABLE = Gated(
    r"(?:export\s+|override\s+)*(?P<name>[\w.-]+)\s*(?P<kind>:{0,3}=|\?=|\+=)\s*(?P<value>.*)"
)
_DIRECTIVE = Gated(r"-?(?:if\w*|else|endif|include|sinclude|export|unexport|vpath)\b")
_REFERENCE = re.compile(
    r"\$(?:\$|\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\}|(?P<automatic>[@<^]))"
)
_MOST_ROUNDS = 10
_LONGEST = 20_000
"""Characters that variables add to a line; what would add more stays as it is."""
_MOST_NAMES = 100
"""Targets of a rule, and what they need."""


class _Line(NamedTuple):
    text: str
    number: int


class _Rule(NamedTuple):
    targets: list[str]
    needs: list[str]
    line: int


def makefile_commands(text: str) -> tuple[Command, ...]:
    """The recipe lines of each target, simple variables put in.

    A target that another one needs stands before its recipe as `make NAME`, which is what the
    need comes to.
    """
    return tuple(sorted(_Makefile().read(text), key=lambda command: command.line))


class _Makefile:
    def __init__(self) -> None:
        self._variables: dict[str, str] = {}
        self._recipes: list[tuple[_Rule, _Line]] = []
        self._rules: list[_Rule] = []

    def read(self, text: str) -> Iterator[Command]:
        rule: _Rule | None = None
        inside_define = False
        for line in _joined(text):
            if inside_define or line.text.startswith("define"):
                inside_define = not line.text.startswith("endef")
            elif line.text.startswith("\t"):
                if rule is not None:
                    self._recipes.append((rule, line))
            elif line.text.strip() and not line.text.startswith("#"):
                rule = self._statement(line, rule)
        return self._commands()

    def _statement(self, line: _Line, rule: _Rule | None) -> _Rule | None:
        """Takes a variable or the head of a rule; the rule whose recipe may follow."""
        if variable := _VARIABLE.fullmatch(line.text.strip()):
            self._assign(variable)
            return rule
        if _DIRECTIVE.match(line.text.strip()):
            return rule
        head = _RULE.match(line.text)
        if head is None:
            return None
        rest, _, first = head["rest"].partition(";")
        rest = rest.partition("#")[0]
        targets = self._expanded(head["targets"]).split()[:_MOST_NAMES]
        needs = self._expanded(rest).replace("|", " ").split()[:_MOST_NAMES]
        rule = _Rule(targets, needs, line.number)
        self._rules.append(rule)
        if first.strip():
            self._recipes.append((rule, _Line(first, line.number)))
        return rule

    def _assign(self, match: re.Match[str]) -> None:
        name, kind = match["name"], match["kind"]
        value = match["value"].partition(" #")[0].strip()
        if kind == "+=":
            value = f"{self._variables.get(name, '')} {value}".strip()
        if kind != "?=" or name not in self._variables:
            self._variables[name] = value[:_LONGEST]

    def _commands(self) -> Iterator[Command]:
        known = {target for rule in self._rules for target in rule.targets}
        for rule in self._rules:
            for target in rule.targets:
                if not target.startswith("."):
                    for need in rule.needs:
                        if need in known:
                            yield Command(f"make {need}", rule.line, target)
        for rule, line in self._recipes:
            text = self._expanded(line.text.strip().lstrip("@-+ \t"), rule)
            if text and not text.startswith("#"):
                for target in rule.targets:
                    yield Command(text, line.number, target)

    def _expanded(self, text: str, rule: _Rule | None = None) -> str:
        left = _LONGEST

        def value(match: re.Match[str]) -> str:
            nonlocal left
            if match["automatic"]:
                found = _automatic(match["automatic"], rule) or match[0]
            else:
                found = self._variables.get(match["round"] or match["curly"] or "", match[0])
            left -= len(found)
            return found if left > 0 else match[0]

        for _ in range(_MOST_ROUNDS):
            expanded = _REFERENCE.sub(value, text)
            if expanded == text:
                break
            text = expanded
        return text.replace("$$", "$")


def _automatic(name: str, rule: _Rule | None) -> str:
    if rule is None:
        return ""
    if name == "@":
        return rule.targets[0] if rule.targets else ""
    return " ".join(rule.needs[:1] if name == "<" else rule.needs)


def _joined(text: str) -> Iterator[_Line]:
    """Lines with their continuations joined by a blank."""
    pieces: list[str] = []
    start = 1
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        if not pieces:
            start = number
        if line.endswith("\\"):
            pieces.append(line[:-1])
            continue
        pieces.append(line)
        yield _Line(_one(pieces), start)
        pieces = []
    if pieces:
        yield _Line(_one(pieces), start)


def _one(pieces: list[str]) -> str:
    first, *others = pieces
    return " ".join([first.rstrip() if others else first, *(other.strip() for other in others)])
