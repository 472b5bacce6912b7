"""Continuous integration that never runs the tests which are there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.records import Entry, FileFacts
from mlaudit.project.collected import checks_something, test_files
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule, Spot

_TESTS = re.compile(
    r"(?i)(?<![a-z])(?:py|unit|doc|nb|x|c)?tests?(?![a-z])|nbval|nbmake|tox|nox|coverage"
)
"""A word that runs tests, or may: `make test`, `./run_tests.sh`, `hatch run cov-test`."""
_UNSEEN = re.compile(
    r"\b(?:docker(?:-compose)?|podman|nerdctl|apptainer|singularity|kubectl|ssh|act|earthly|dagger"
    r"|bazel|pants|buck2?|nix|devcontainer|gh workflow|dvc repro|invoke|inv|doit|poe|rye|duty"
    r"|anyscale|ray|sky|modal|databricks|dstack|az ml|gcloud|argo|pyflyte|kfp|zenml|prefect|aws \w+"
    r"|lerna|nx|turbo|moon|mage|rake|gradlew?|mvn|npm|yarn|pnpm)\b"
    r"(?! (?:login|pull|push|tag|--version))"
)
"""What runs in a container, on another machine or by a tool whose files are not read."""
_OTHERS = re.compile(
    r"(?:.+/)?(?:Jenkinsfile[^/]*|[^/]+\.jenkinsfile|buildspec[^/]*\.ya?ml|cloudbuild[^/]*"
    r"|\.drone\.(?:yml|star)|\.cirrus\.\w+|\.?appveyor\.yml|codefresh\.yml)"
    r"|\.(?:buildkite|woodpecker|semaphore|teamcity|tekton|ci)/.+|\.woodpecker[^/]*",
    re.IGNORECASE,
)
"""Services whose files are not read as commands."""
_WORD = re.compile(r"[\w./-]+")
_WORK = ("uses", "task", "script", "run", "inlineScript")
_FARTHEST = 4
"""Scripts and targets inside one another that are followed."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match, on the first file of the service."""
    if any(_OTHERS.fullmatch(path) for path in project.files):
        return
    services = [
        facts for path, facts in project.facts.items() if is_ci(path) and facts.document is not None
    ]
    if not services or any(_may_test(project, facts) for facts in services):
        return
    for tests in test_files(project):
        if tests.python is not None and checks_something(tests.python):
            related = (Related(Spot(tests.path), "tests that only people run"),)
            first = next((f for f in services if f.commands), services[0])
            values = {"tests": tests.path}
            yield Match(rule.id, Spot(first.path), values, identity="absent", related=related)
            return


def _may_test(project: Project, service: FileFacts) -> bool:
    """Whether the file runs tests, as far as can be seen; what cannot be seen may."""
    return _uses_unseen(service) or any(
        _runs_tests(project, command.text, _FARTHEST) for command in service.commands
    )


def _uses_unseen(service: FileFacts) -> bool:
    """Whether the file takes jobs from elsewhere, or has an action or task for tests."""
    return service.document is not None and any(
        _is_unseen(entry) for entry in service.document.entries
    )


def _is_unseen(entry: Entry) -> bool:
    key, value = entry.path[-1] if entry.path else "", entry.value
    if key in ("include", "extends", "template", "orbs", "trigger"):
        return True
    if not isinstance(value, str):
        return False
    if key == "uses" and "/.github/workflows/" in value and not value.startswith("./"):
        return True
    return key in _WORK and _TESTS.search(value) is not None


def _runs_tests(project: Project, text: str, left: int) -> bool:
    if _TESTS.search(text) or _UNSEEN.search(text):
        return True
    names = set(_WORD.findall(text))
    return left > 0 and any(_leads_to_tests(project, name, left - 1) for name in names)


def _leads_to_tests(project: Project, name: str, left: int) -> bool:
    """Whether a script, or a target of a Makefile or a list of tasks, runs tests."""
    script = name.removeprefix("./")
    for path, facts in project.facts.items():
        if path == script or (facts.kind is Kind.SHELL and path.endswith(f"/{script}")):
            return _speaks_of_tests(facts) or any(
                _runs_tests(project, one.text, left) for one in facts.commands
            )
    if script.endswith(".sh"):
        return True
    return any(
        command.target == name and _runs_tests(project, command.text, left)
        for facts in project.facts.values()
        if facts.kind in (Kind.MAKEFILE, Kind.PYPROJECT, Kind.TOML, Kind.YAML)
        for command in facts.commands
        if command.target and not is_ci(facts.path)
    )


def _speaks_of_tests(facts: FileFacts) -> bool:
    """Whether a script of Python may run tests."""
    return facts.python is not None and any(
        _TESTS.search(text)
        for text in (
            *(text.value for text in facts.python.texts),
            *(item.target for item in facts.python.imports),
        )
    )
