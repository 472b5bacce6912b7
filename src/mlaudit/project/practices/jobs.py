"""Jobs of GitHub workflows and GitLab pipelines: what each runs, after which others, for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mlaudit.facts.records import Command, FileFacts
from mlaudit.project.document_trees import DocumentTree, mapping, texts

_GITHUB = ".github/workflows/"
_GITLAB_STAGES = (".pre", "build", "test", "deploy", ".post")
_NO_JOBS = frozenset(
    {"stages", "variables", "default", "include", "workflow", "image", "services", "cache"}
)


class JobStep(NamedTuple):
    line: int
    commands: tuple[Command, ...] = ()
    uses: str = ""
    """`owner/action@ref`"""
    given: Mapping[str, Any] = {}
    ignored: bool = False
    """Its failure stops nothing."""
    off: bool = False
    """It never runs."""


class Job(NamedTuple):
    path: str
    name: str
    line: int
    steps: tuple[JobStep, ...]
    after: frozenset[str]
    """Names of all jobs of the file that must have passed."""
    environment: str = ""
    ignored: bool = False
    off: bool = False
    workflow: str = ""
    """A workflow that it calls: `./.github/workflows/test.yml`."""

    @property
    def commands(self) -> Iterator[Command]:
        for step in self.steps:
            yield from step.commands


def jobs(files: Sequence[FileFacts]) -> tuple[Job, ...]:
    """All jobs of all files."""
    return tuple(job for facts in files for job in _jobs(facts))


def events(facts: FileFacts) -> Mapping[str, Any]:
    """What starts a workflow of GitHub: the names of events, and what is said of each."""
    if facts.document is None:
        return {}
    top = mapping(DocumentTree(facts.document).value)
    given = top.get("on", top.get("True", top.get(True)))  # type: ignore[call-overload]
    return given if isinstance(given, dict) else dict.fromkeys(texts(given))


def _jobs(facts: FileFacts) -> Iterator[Job]:
    if facts.document is None:
        return
    if facts.path.startswith(_GITHUB):
        yield from _of_github(facts, DocumentTree(facts.document))
    elif ".gitlab-ci" in facts.path:
        yield from _of_gitlab(facts, DocumentTree(facts.document))


def _of_github(facts: FileFacts, tree: DocumentTree) -> Iterator[Job]:
    found = {name: mapping(job) for name, job in mapping(mapping(tree.value).get("jobs")).items()}
    needs = {name: texts(job.get("needs")) for name, job in found.items()}
    for name, job in found.items():
        steps = job.get("steps")
        environment = job.get("environment")
        named = mapping(environment).get("name", environment)
        yield Job(
            facts.path,
            name,
            tree.line("jobs", name),
            tuple(
                _step(facts, tree, ("jobs", name, "steps", number), mapping(step))
                for number, step in enumerate(steps if isinstance(steps, list) else ())
            ),
            _all_before(name, needs),
            named if isinstance(named, str) else "",
            _is(job.get("continue-on-error"), "true"),
            _is(job.get("if"), "false"),
            str(job.get("uses") or ""),
        )


def _step(
    facts: FileFacts, tree: DocumentTree, route: tuple[str | int, ...], step: Mapping[str, Any]
) -> JobStep:
    line, end = tree.line(*route), tree.end(*route)
    return JobStep(
        line,
        tuple(one for one in facts.commands if line <= one.line < end),
        str(step.get("uses") or ""),
        mapping(step.get("with")),
        _is(step.get("continue-on-error"), "true"),
        _is(step.get("if"), "false"),
    )


def _of_gitlab(facts: FileFacts, tree: DocumentTree) -> Iterator[Job]:
    top = mapping(tree.value)
    found = {
        name: job
        for name, job in top.items()
        if isinstance(job, dict) and name not in _NO_JOBS and not str(name).startswith(".")
    }
    stages = texts(top.get("stages")) or _GITLAB_STAGES
    place = {name: _stage(job, stages) for name, job in found.items()}
    for name, job in found.items():
        line, end = tree.line(name), tree.end(name)
        commands = tuple(one for one in facts.commands if line <= one.line < end)
        environment = job.get("environment")
        named = mapping(environment).get("name", environment)
        yield Job(
            facts.path,
            str(name),
            line,
            (JobStep(line, commands),),
            frozenset(str(other) for other in found if place[other] < place[name]),
            named if isinstance(named, str) else "",
            _is(job.get("allow_failure"), "true"),
            job.get("when") == "never",
        )


def _stage(job: Mapping[str, Any], stages: Sequence[str]) -> int:
    stage = job.get("stage", "test")
    return stages.index(stage) if stage in stages else len(stages)


def _all_before(name: str, needs: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(needs.get(name, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += needs.get(one, ())
    return frozenset(found - {name})


def _is(value: object, word: str) -> bool:
    """Whether a setting is a constant: `false`, or `${{ false }}`."""
    return str(value).strip("${} ").lower() == word
