"""`analysis: unpinned-inline-install`: commands that install packages in whatever is newest.

    tools: [NAMES]   what no result depends on: installers, linters, tools of CI

Read are the commands of images, CI jobs, scripts, Makefiles and notebooks; not those of a README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

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


class _Line(NamedTuple):
    command: Command
    installs: tuple[Install, ...]


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match a command, naming all that it leaves open."""
    tools = frozenset(words(rule.detect["analysis"].get("tools", []))) | own_names(project)
    for facts in in_context(project, rule):
        commands = [one for one in facts.runs if _INSTALLS.search(one.text)]
        if not commands or not _may_apply(project, facts.path, rule) or _is_constrained(facts):
            continue
        lines = [_Line(one, installs(one.text, facts.path)) for one in commands]
        held = any(one.lists or one.action == "lock" for line in lines for one in line.installs)
        for line in lines:
            names = [one.name for one in _open(line, tools)]
            names = [name for name in names if not (held and _is_held(project, facts.path, name))]
            if names and _applies(project, facts.path, rule):
                yield _match(rule, facts, line, names)


def _match(rule: Rule, facts: FileFacts, line: _Line, names: list[str]) -> Match:
    code = facts.notebook is not None
    distinct = list(dict.fromkeys(names))
    return Match(
        rule.id,
        Spot(facts.path, Span(line.command.line, 0 if code else 1), code=code),
        {"names": paths.listing(distinct, 6)},
        identity=" ".join(sorted(distinct)),
    )


def _is_constrained(facts: FileFacts) -> bool:
    """Whether an environment variable holds the versions."""
    instructions = facts.dockerfile.instructions if facts.dockerfile else ()
    entries = facts.document.entries if facts.document else ()
    return any(_CONSTRAINED.search(one.value) for one in instructions) or any(
        _CONSTRAINED.search(str(entry.path[-1])) for entry in entries if entry.path
    )


def _open(line: _Line, tools: frozenset[str]) -> Iterator[Dependency]:
    if any(one.search(line.command.text) for one in (_CONSTRAINED, _CHANGES_MANIFEST, _NEWEST)):
        return
    for install in line.installs:
        if install.action == "resolve" and not install.constraints:
            yield from (one for one in install.dependencies if _is_open(one, tools))


def _is_open(one: Dependency, tools: frozenset[str]) -> bool:
    if one.source != "index" or one.specifier or _LIST_NAME.fullmatch(one.raw.lower()):
        return False
    return one.name not in tools and not one.name.startswith(_PLUG_INS)


def _is_held(project: Project, path: str, name: str) -> bool:
    """Whether the list that the same file installs has the package in one version."""
    known = project.environment.version(path, name)
    return known is not None and known.source != "bounds"


def _may_apply(project: Project, path: str, rule: Rule) -> bool:
    """Not where the answer is known to be no: of roots with manifests others have asked it."""
    root = project.environment.root_of(path)
    return not root.manifests or project.nature(root).value in rule.applies


def _applies(project: Project, path: str, rule: Rule) -> bool:
    """A library is rightly tried with what is newest."""
    root = project.environment.root_of(path)
    return project.nature(root).value in rule.applies
