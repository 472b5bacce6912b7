"""`analysis: unpinned-inline-install`: commands that install packages in whatever is newest.

    tools: [NAMES]   what no result depends on: installers, linters, tools of CI

Read are the commands of images, CI jobs, scripts, Makefiles and notebooks; not those of a README.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mlaudit.analyses.declared_packages import own_names
from mlaudit.facts.installs import Install, installs
from mlaudit.facts.records import Command, Dependency, FileFacts, Span
from mlaudit.rules.matchers import in_context, paths
from mlaudit.rules.model import Match, Rule, Spot
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_INSTALLS = re.compile(r"\b(?:install|create)\b")
_CONSTRAINED = re.compile(r"\b(?:PIP|UV)_CONSTRAINTS?\b")
_CHANGES_MANIFEST = re.compile(r"\buv\s+add\b")
_NEWEST = re.compile(r"(?:^|\s)--pre\b|/nightly\b")
"""Whoever asks for these wants what is newest."""
_LIST_NAME = re.compile(r".*\.(?:txt|in|ya?ml|toml|lock)")
_PLUG_INS = (
    "types-", "pytest-", "flake8-", "sphinx-", "jupyter-", "jupyterlab-", "mkdocs-", "pylint-",
    "mypy-", "nb-", "colab-",
)  # fmt: skip
"""Plug-ins of tools go by the names of these."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match a command, naming all that it leaves open."""
    tools = frozenset(words(rule.detect["analysis"].get("tools", []))) | own_names(project)
    for facts in in_context(project, rule):
        commands = [one for one in _commands(facts) if _INSTALLS.search(one[0].text)]
        if not commands or _is_constrained(facts):
            continue
        every = [one for command, _ in commands for one in installs(command.text, facts.path)]
        for command, code in commands:
            names = list(dict.fromkeys(_open(project, facts, command, every, tools)))
            if names and _applies(project, facts.path, rule):
                yield Match(
                    rule.id,
                    Spot(facts.path, Span(command.line, 0 if code else 1), code=code),
                    {"names": paths.listing(names, 6)},
                    identity=" ".join(sorted(names)),
                )


def _commands(facts: FileFacts) -> Iterator[tuple[Command, bool]]:
    """Commands, and whether their lines are those of `PythonFacts`."""
    for command in facts.commands:
        yield command, False
    for cell in facts.notebook.cells if facts.notebook else ():
        for command in cell.magics:
            yield command, True


def _is_constrained(facts: FileFacts) -> bool:
    """Whether an environment variable holds the versions."""
    if facts.dockerfile and any(
        _CONSTRAINED.search(one.value) for one in facts.dockerfile.instructions
    ):
        return True
    entries = facts.document.entries if facts.document else ()
    return any(_CONSTRAINED.search(str(entry.path[-1])) for entry in entries if entry.path)


def _open(
    project: Project,
    facts: FileFacts,
    command: Command,
    every: Iterable[Install],
    tools: frozenset[str],
) -> Iterator[str]:
    if any(one.search(command.text) for one in (_CONSTRAINED, _CHANGES_MANIFEST, _NEWEST)):
        return
    follows_list = any(one.lists or one.action == "lock" for one in every)
    for install in installs(command.text, facts.path):
        if install.action != "resolve" or install.constraints:
            continue
        for one in install.dependencies:
            if _is_open(one, tools) and not (follows_list and _is_held(project, facts.path, one)):
                yield one.name


def _is_open(one: Dependency, tools: frozenset[str]) -> bool:
    if one.source != "index" or one.specifier or _LIST_NAME.fullmatch(one.raw.lower()):
        return False
    return one.name not in tools and not one.name.startswith(_PLUG_INS)


def _is_held(project: Project, path: str, one: Dependency) -> bool:
    """Whether the list that the same file installs has the package in one version."""
    known = project.environment.version(path, one.name)
    return known is not None and known.source != "bounds"


def _applies(project: Project, path: str, rule: Rule) -> bool:
    """A library is rightly tried with what is newest."""
    root = project.environment.root_of(path)
    return project.nature(root).value in rule.applies
