"""Repositories without a test that checks something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.absences import place_in
from mlaudit.facts.records import FileFacts
from mlaudit.project.collected import checks_something, other_tests, test_files
from mlaudit.project.practices.tools import COUNTED
from mlaudit.project.project import Project
from mlaudit.repo.model import Context, Kind
from mlaudit.rules.model import Match, Rule, Severity, Spot

_ELSEWHERE = re.compile(
    r"\b(?:pytest[\w-]*nb\w*|nbval\w*|nbmake|testbook|doctest[\w-]*|pytest|unittest|xdoctest)\b"
)
"""Notebooks or documentation are run as tests, or commands run some that are not seen here."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match, on the file that the tests would be set up in, or on an empty test."""
    tests = list(test_files(project))
    if any(facts.python and checks_something(facts.python) for facts in tests):
        return
    if not _has_code(project) or other_tests(project) or _runs_others(project):
        return
    place = tests[0].path if tests else place_in(project)
    what = "The tests check nothing" if tests else "Nothing tests this code"
    if place:
        severity = None if _has_modules(project) else Severity.NOTE
        yield Match(rule.id, Spot(place), {"what": what}, identity="absent", severity=severity)


def _has_code(project: Project) -> bool:
    return any(
        facts.python is not None and facts.python.calls and _counts(project, facts)
        for facts in project.facts.values()
    )


def _has_modules(project: Project) -> bool:
    """Whether there is code with functions outside notebooks."""
    return any(
        facts.python is not None
        and facts.notebook is None
        and _counts(project, facts)
        and any(scope.kind in ("function", "class") for scope in facts.python.scopes)
        for facts in project.facts.values()
    )


def _counts(project: Project, facts: FileFacts) -> bool:
    if facts.kind is Kind.SETUP_PY:
        return False
    return project.files[facts.path].context in COUNTED - {Context.CONFIG}


def _runs_others(project: Project) -> bool:
    """Whether a command or a setting runs tests that are no test functions."""
    for facts in project.facts.values():
        if any(_ELSEWHERE.search(command.text) for command in facts.commands):
            return True
        if facts.kind in (Kind.PYPROJECT, Kind.SETUP_CFG) and facts.document is not None:
            for entry in facts.document.entries:
                if entry.path[-1:] == ("addopts",) and _ELSEWHERE.search(str(entry.value)):
                    return True
    return any(
        path.rpartition("/")[2] in ("pytest.ini", "tox.ini", "noxfile.py", "conftest.py")
        for path in project.files
    )
