"""Runs the examples in a rule's file: each is laid out as a small repository and audited.

A line that ends in `#! REP001` expects a finding there; words behind the id (`#! SAF001 error`) are
the severity, confidence or persona that it must have. Markers are taken out before the text is
laid out, so they change nothing that is read. Where no marker can stand, `expect` names the place,
with the same words behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.repo.opening import open_repo
from mlaudit.rules.apis import Apis
from mlaudit.rules.engine import match_rules
from mlaudit.rules.example_blobs import index_blobs, lay_out_blobs, run_git
from mlaudit.rules.matchers import kind_of, parts_of
from mlaudit.rules.model import Example, Match, Rule

_MARKER = re.compile(r"[ \t]*#! *(?P<rule>[A-Z]+[0-9]+)(?P<words>[ a-z]*)$", re.MULTILINE)
_GIT_KINDS = frozenset({"file", "git", "credential"})
_PATHS = {"config": "config.yaml", "dependency": "requirements.txt", "notebook": "example.ipynb"}


class Failure(Struct, frozen=True):
    """An example that does not do what it says."""

    rule: str
    number: int
    """From 1, in the order of the file."""
    missing: tuple[str, ...] = ()
    """`path:line`, with the words that were asked for."""
    unexpected: tuple[str, ...] = ()
    crash: str = ""


def run_examples(rule: Rule, apis: Apis) -> list[Failure]:
    """The examples that fail; empty when all is well."""
    failures = (run_example(rule, number, apis) for number in range(1, len(rule.examples) + 1))
    return [failure for failure in failures if failure is not None]


def run_example(rule: Rule, number: int, apis: Apis) -> Failure | None:
    """Runs one example, numbered from 1. None when it holds."""
    example = rule.examples[number - 1]
    expected = dict(_asked(example.expect))
    for path, text in _texts(rule, example).items():
        expected.update(_marked(path, text, rule))
    with laid_out(rule, example) as folder:
        found, crash = _audit(folder, rule, apis)
    missing = [
        _say(place, words)
        for place, words in expected.items()
        if place not in found or not words <= found[place]
    ]
    unexpected = [_say(place, words) for place, words in found.items() if place not in expected]
    if bool(example.bad) != bool(expected):
        crash = crash or "a bad example marks what is found, a good one marks nothing"
    if not (missing or unexpected or crash):
        return None
    return Failure(rule.id, number, tuple(missing), tuple(unexpected), crash)


def path_of(rule: Rule, example: Example) -> str:
    """Where the text of an example lies."""
    return example.path or _PATHS.get(kind_of(parts_of(rule)[0]), "train.py")


def _texts(rule: Rule, example: Example) -> dict[str, str]:
    return {path_of(rule, example): example.bad or example.good, **example.files}


@contextmanager
def laid_out(rule: Rule, example: Example) -> Iterator[Path]:
    """The small repository that an example stands for, as long as it is looked at."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _lay_out(folder, _texts(rule, example))
        if _needs_index(rule):
            _commit(folder)
        if example.blobs:
            lay_out_blobs(folder, example.blobs)
            index_blobs(folder, example.blobs)
        yield folder


def _needs_index(rule: Rule) -> bool:
    """Whether git matters: for all rules about what lies in it, or what its tags record."""
    kinds = {kind_of(part) for part in parts_of(rule)}
    return rule.family in ("ART", "DOC") or not _GIT_KINDS.isdisjoint(kinds)


def unmarked(text: str) -> str:
    """The text as it is laid out, without the marks of what is to be found."""
    return _MARKER.sub("", text)


def _asked(expect: tuple[str, ...]) -> Iterator[tuple[str, frozenset[str]]]:
    for text in expect:
        place, *words = text.rsplit(":", 1)[1].split()
        yield f"{text.rsplit(':', 1)[0]}:{place}", frozenset(words)


def _marked(path: str, text: str, rule: Rule) -> Iterator[tuple[str, frozenset[str]]]:
    for number, line in enumerate(text.split("\n"), 1):
        marker = _MARKER.search(line)
        if marker and marker["rule"] == rule.id:
            yield f"{path}:{number}", frozenset(marker["words"].split())


def _lay_out(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(unmarked(text), encoding="utf-8")


def _commit(folder: Path) -> None:
    run_git(folder, "init", "-q")
    run_git(folder, "add", "-A", "-f")


def _audit(folder: Path, rule: Rule, apis: Apis) -> tuple[dict[str, frozenset[str]], str]:
    repo = open_repo([folder])
    reading = read_facts(repo, repo.files)
    project = Project(repo, reading.facts)
    matched = match_rules(project, [rule], apis)
    found = {_place(project, match): _levels(rule, match) for match in matched.matches}
    crashes = [*(c.trace for c in reading.crashes), *(c.trace for c in matched.crashes)]
    crashes += [error for match in matched.matches for error in _unfilled(rule, match)]
    return found, "\n".join(crashes)


def _unfilled(rule: Rule, match: Match) -> Iterator[str]:
    """Placeholders of the message that would reach the user as braces."""
    for name in re.findall(r"\{(\w+)\}", rule.message):
        if name not in match.values:
            yield f"nothing fills '{{{name}}}' of the message"


def _place(project: Project, match: Match) -> str:
    spot = match.spot
    line = spot.span.line
    facts = project.facts.get(spot.path)
    if spot.code and facts and facts.kind is Kind.NOTEBOOK and facts.notebook:
        line = facts.notebook.raw_lines[line - 1].line
    return f"{spot.path}:{line}"


def _levels(rule: Rule, match: Match) -> frozenset[str]:
    levels = (
        match.severity or rule.severity,
        match.confidence or rule.confidence,
        match.persona or rule.persona,
    )
    return frozenset(level.value for level in levels)


def _say(place: str, words: frozenset[str]) -> str:
    return " ".join([place, *sorted(words)])
