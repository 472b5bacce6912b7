"""The tests of a repository: what pytest or unittest would collect, and what checks nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call, PythonFacts
from mlaudit.patterns import Gated
from mlaudit.project.project import Project
from mlaudit.repo.model import Context

_FILE = Gated(r"(?:.+/)?(?:tests?_?[^/]*|[^/]+_tests?|[^/]+_spec|[^/]+_steps)\.py")
_FOLDER = Gated(r"(?:.+/)?(?:tests?|testing|unit_?tests?|integration_?tests?)/.+\.py")
_OTHER = Gated(
    r"(?:.+/)?(?:tests?/.+\.(?:ipynb|sh|bats|R|jl|js|ts|ya?ml|robot)|[^/]+\.(?:feature|robot|bats)"
    r"|test_[^/]+\.(?:ipynb|sh|R|jl)|dbt_project\.yml|[^/]+\.(?:test|spec)\.[jt]sx?|[^/]+_test\.go"
    r"|\.github/workflows/[^/]*test[^/]*\.ya?ml)"
)
"""Tests that are no Python, or are kept as data."""
_CHECKS = Gated(r"(?i)assert|raises|warns|expect|check|verify|fail|validate|approx|should|compare")


def test_files(project: Project) -> Iterator[FileFacts]:
    """Files of code with test functions, vendored ones left out."""
    for path, facts in project.facts.items():
        file = project.files[path]
        if facts.python is None or facts.notebook is not None or file.context is Context.VENDORED:
            continue
        if (_FILE.fullmatch(path) or _FOLDER.fullmatch(path)) and has_tests(facts.python):
            yield facts


def other_tests(project: Project) -> bool:
    """Whether files look like tests that are no functions of Python."""
    return any(
        _OTHER.fullmatch(path) and file.context is not Context.VENDORED
        for path, file in project.files.items()
    )


def has_tests(python: PythonFacts) -> bool:
    """Whether a function is there that pytest or unittest runs as a test."""
    return any(
        scope.kind == "function" and scope.name.startswith("test") for scope in python.scopes
    )


def checks_something(python: PythonFacts) -> bool:
    """Whether anything in the file may fail for what it sees."""
    return any(one.kind in ("assert", "raise") for one in python.statements) or any(
        _CHECKS.search(_last(call)) for call in python.calls
    )


def _last(call: Call) -> str:
    return (call.callee or call.local or call.method).rpartition(".")[2]
