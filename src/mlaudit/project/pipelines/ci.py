"""Pipelines of CI services: jobs and their steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec.structs import replace

from mlaudit.facts.records import FileFacts
from mlaudit.project.document_trees import MOST, DocumentTree, few, mapping, texts
from mlaudit.project.pipelines.model import Pipeline, Stage


def github(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    """Each step is a stage; a job that needs others begins after their last steps."""
    top = mapping(tree.value)
    jobs = {str(name): mapping(body) for name, body in few(mapping(top.get("jobs")))}
    lasts: dict[str, str] = {}
    found: list[Stage] = []
    for name, job in jobs.items():
        steps = list(islice(_github_steps(facts, tree, name, job), MOST - len(found)))
        lasts[name] = steps[-1].name if steps else ""
        found += steps
    stages = []
    for stage in found:
        job = jobs[stage.name.partition(" / ")[0]]
        needs = {lasts[n] for n in texts(job.get("needs")) if lasts.get(n)}
        stages.append(stage if stage.after else replace(stage, after=tuple(sorted(needs))))
    if stages:
        triggers = tuple(_events(top.get("on", top.get("true"))))
        title = str(top.get("name") or facts.path.rpartition("/")[2])
        yield Pipeline("github", title, facts.path, 1, tuple(stages), triggers=triggers)


def _github_steps(
    facts: FileFacts, tree: DocumentTree, name: str, job: Mapping[str, Any]
) -> Iterator[Stage]:
    steps = job.get("steps")
    manual, held = "environment" in job, "if" in job
    if "uses" in job:
        place = tree.line("jobs", name)
        yield Stage(name, facts.path, place, library=str(job["uses"]), settled=False)
        return
    before: tuple[str, ...] = ()
    folder = str(mapping(mapping(job.get("defaults")).get("run")).get("working-directory") or "")
    for number, body in enumerate(steps[:MOST] if isinstance(steps, list) else ()):
        step = mapping(body)
        route = ("jobs", name, "steps", number)
        first, last = tree.line(*route), tree.end(*route)
        run, uses = step.get("run"), step.get("uses")
        title = f"{name} / {number + 1}: {step.get('name') or uses or 'run'}"
        if not isinstance(run, str) and not isinstance(uses, str):
            continue
        yield Stage(
            title,
            facts.path,
            first,
            after=before,
            commands=tuple(c for c in facts.commands if run and first <= c.line < last),
            folders=(str(step.get("working-directory") or folder).strip("/").removeprefix("./"),),
            library=str(uses or ""),
            manual=manual,
            conditional=held or "if" in step,
        )
        before = (title,)


def _events(value: Any) -> Iterator[str]:
    yield from texts(value)
    yield from (str(key) for key in mapping(value))


_GITLAB_WORDS = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "cache",
     "before_script", "after_script", "pages"}
)  # fmt: skip


def gitlab(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    """Each job is a stage, after those that it needs, else after all of the stages before."""
    top = mapping(tree.value)
    order = list(texts(top.get("stages"))) or ["build", "test", "deploy"]
    jobs = {
        str(name): mapping(body)
        for name, body in few(top)
        if name not in _GITLAB_WORDS and isinstance(body, dict) and not str(name).startswith(".")
    }
    ranks = {n: _rank(order, str(job.get("stage") or "test")) for n, job in jobs.items()}
    found = []
    for name, job in jobs.items():
        first, last = tree.line(name), tree.end(name)
        if "needs" in job:
            needs = job["needs"]
            listed = needs if isinstance(needs, list) else []
            after = {str(mapping(one).get("job") or one) for one in listed}
        else:
            after = {other for other, rank in ranks.items() if rank < ranks[name]}
        found.append(
            Stage(
                name,
                facts.path,
                first,
                after=tuple(sorted(after & jobs.keys())),
                commands=tuple(one for one in facts.commands if first <= one.line < last),
                manual=job.get("when") == "manual" or "manual" in str(job.get("rules")),
                conditional="rules" in job or "only" in job or "except" in job,
                settled=not {"extends", "trigger", "include"} & job.keys(),
            )
        )
    if found:
        name = facts.path.rpartition("/")[2]
        settled = "include" not in top
        yield Pipeline("gitlab", name, facts.path, 1, tuple(found), settled, triggers=("push",))


def _rank(order: list[str], stage: str) -> int:
    if stage in (".pre", ".post"):
        return -1 if stage == ".pre" else len(order)
    return order.index(stage) if stage in order else 0
