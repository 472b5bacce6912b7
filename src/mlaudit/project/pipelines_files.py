"""Pipelines that YAML documents and Makefiles declare."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from mlaudit.facts.records import Command, FileFacts
from mlaudit.project.document_trees import DocumentTree, mapping, texts
from mlaudit.project.dvc_paths import located
from mlaudit.project.pipeline_model import Pipeline, Stage
from mlaudit.project.roots import within
from mlaudit.repo.model import Kind

_TEMPLATE = re.compile(r"[$][{\[]|\{\{")
MOST = 500
"""Stages of one pipeline that are looked at: nobody writes more by hand."""
_JOB = re.compile(r"parent\.jobs\.([\w-]+)")
_WORD = re.compile(r"[\w-]+(?:\.[\w-]+)*")


def from_file(facts: FileFacts) -> Iterator[Pipeline]:
    """The pipelines of one file that is no Python."""
    if facts.kind is Kind.MAKEFILE:
        yield from _make(facts)
    elif facts.document is not None and facts.kind is Kind.YAML:
        reader = _reader(facts)
        if reader is not None:
            yield from reader(facts, DocumentTree(facts.document))
        elif any(e.path == ("kind",) and e.value in _ARGO for e in facts.document.entries):
            for number in sorted({entry.document for entry in facts.document.entries}):
                yield from _argo(facts, DocumentTree(facts.document, number))


def few(items: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return islice(items.items(), MOST)


_Reader = Callable[[FileFacts, DocumentTree], Iterator[Pipeline]]


def _reader(facts: FileFacts) -> _Reader | None:
    path = facts.path
    name = path.rpartition("/")[2]
    if name == "dvc.yaml":
        return _dvc
    if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", path):
        return _github
    if re.fullmatch(r"(?:.+/)?(?:\.gitlab-ci[^/]*|\.gitlab/.+)\.ya?ml", path):
        return _gitlab
    entries = facts.document.entries if facts.document is not None else ()
    for entry in entries:
        if entry.path == ("$schema",) and "pipelineJob" in str(entry.value):
            return _azure
    return None


# DVC


def _dvc(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    """Stages as written: `foreach` and `matrix` are one stage each, templates are not filled in."""
    folder = facts.path.rpartition("/")[0]
    found = []
    settled = True
    for name, body in few(mapping(mapping(tree.value).get("stages"))):
        whole = mapping(body)
        one = mapping(whole["do"]) if "do" in whole else whole
        below = ("stages", name, "do") if "do" in whole else ("stages", name)
        wdir = str(one.get("wdir") or "")
        inputs, outputs = _dvc_paths(one, folder, wdir)
        settled = settled and not any(map(_TEMPLATE.search, (*inputs, *outputs, wdir)))
        commands = tuple(
            Command(text, tree.line(*below, "cmd"), str(name)) for text in texts(one.get("cmd"))
        )
        found.append(
            Stage(
                str(name),
                facts.path,
                tree.line("stages", name),
                commands=commands,
                folders=(located(folder, wdir, ".") or "",),
                inputs=inputs,
                outputs=outputs,
            )
        )
    if found:
        yield Pipeline("dvc", "dvc.yaml", facts.path, 1, tuple(by_files(found)), settled)


def _dvc_paths(
    one: Mapping[str, Any], folder: str, wdir: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    def paths(*keys: str) -> tuple[str, ...]:
        written = [item for key in keys for item in _items(one.get(key))]
        return tuple(located(folder, wdir, item) or item for item in written)

    return paths("deps"), paths("outs", "metrics", "plots")


def _items(value: Any) -> Iterator[str]:
    """Paths in a list, each alone or as the key of its options."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (str(key) for key in item)


def by_files(stages: list[Stage]) -> Iterator[Stage]:
    """Each after those that write what it reads."""
    from msgspec.structs import replace

    for stage in stages:
        after = {
            other.name
            for other in stages
            if other is not stage
            and any(
                within(out, item) or within(item, out)
                for out in other.outputs
                for item in stage.inputs
            )
        }
        yield replace(stage, after=tuple(sorted(after)))


# CI


def _github(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    """Each step is a stage; a job that needs others begins after their last steps."""
    top = mapping(tree.value)
    jobs = {str(name): mapping(body) for name, body in few(mapping(top.get("jobs")))}
    lasts: dict[str, str] = {}
    found: list[Stage] = []
    for name, job in jobs.items():
        steps = list(_github_steps(facts, tree, name, job))
        lasts[name] = steps[-1].name if steps else ""
        found += steps
    from msgspec.structs import replace

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


def _gitlab(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
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


# Azure ML


def _azure(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    folder = facts.path.rpartition("/")[0]
    found = []
    for name, body in few(mapping(mapping(tree.value).get("jobs"))):
        job = mapping(body)
        command, code = job.get("command"), job.get("code")
        component = str(job.get("component") or "")
        place = tree.line("jobs", name, "command") if command else 0
        found.append(
            Stage(
                str(name),
                facts.path,
                tree.line("jobs", name),
                after=tuple(sorted(set(_JOB.findall(str(job.get("inputs")))) - {str(name)})),
                commands=(Command(" ".join(str(command).split()), place, str(name)),)
                if command
                else (),
                folders=(_below(folder, str(code)),) if isinstance(code, str) else (),
                library=component,
                settled=bool(command),
            )
        )
    if found:
        title = str(mapping(tree.value).get("display_name") or facts.path.rpartition("/")[2])
        yield Pipeline("azure-ml", title, facts.path, 1, tuple(found))


def _below(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." or joined.startswith("..") else joined


# Argo

_ARGO = frozenset({"Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})


def _argo(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    top = mapping(tree.value)
    if top.get("kind") not in _ARGO or "argoproj.io" not in str(top.get("apiVersion")):
        return
    spec: Mapping[str, Any] = mapping(top.get("spec"))
    route: tuple[str | int, ...] = ("spec", "templates")
    if "workflowSpec" in spec:
        spec, route = mapping(spec["workflowSpec"]), ("spec", "workflowSpec", "templates")
    listed = spec.get("templates")
    templates = {
        str(mapping(one).get("name")): (mapping(one), (*route, number))
        for number, one in enumerate(listed[:MOST] if isinstance(listed, list) else ())
    }
    title = str(mapping(top.get("metadata")).get("name") or facts.path.rpartition("/")[2])
    stages = tuple(
        stage
        for body, at in templates.values()
        for stage in _argo_tasks(facts, tree, body, at, templates)
    )
    if stages:
        triggers = ("schedule",) if top.get("kind") == "CronWorkflow" else ()
        yield Pipeline("argo", title, facts.path, tree.line("kind"), stages, triggers=triggers)


def _argo_tasks(
    facts: FileFacts,
    tree: DocumentTree,
    body: Mapping[str, Any],
    at: tuple[str | int, ...],
    templates: Mapping[str, tuple[Mapping[str, Any], tuple[str | int, ...]]],
) -> Iterator[Stage]:
    """Of a template: the tasks of its graph, or its groups of steps one after another."""
    tasks = mapping(body.get("dag")).get("tasks")
    tasks = tasks[:MOST] if isinstance(tasks, list) else []
    known = {str(mapping(one).get("name")) for one in tasks}
    for number, item in enumerate(tasks):
        task = mapping(item)
        needs = {*texts(task.get("dependencies")), *_WORD.findall(str(task.get("depends") or ""))}
        after = {need.partition(".")[0] for need in needs} & known
        yield _argo_task(facts, tree, task, (*at, "dag", "tasks", number), after, templates)
    before: set[str] = set()
    groups = body.get("steps")
    for number, group in enumerate(groups if isinstance(groups, list) else ()):
        names = set()
        for inner, item in enumerate(group if isinstance(group, list) else ()):
            names.add(str(mapping(item).get("name")))
            place = (*at, "steps", number, inner)
            yield _argo_task(facts, tree, mapping(item), place, before, templates)
        before = names


def _argo_task(
    facts: FileFacts,
    tree: DocumentTree,
    task: Mapping[str, Any],
    at: tuple[str | int, ...],
    after: set[str],
    templates: Mapping[str, tuple[Mapping[str, Any], tuple[str | int, ...]]],
) -> Stage:
    body, place = templates.get(str(task.get("template")), ({}, at))
    box = mapping(body.get("container") or body.get("script"))
    words = (*texts(box.get("command")), *texts(box.get("args")), *texts(box.get("source")))
    line = tree.line(*place)
    return Stage(
        str(task.get("name")),
        facts.path,
        tree.line(*at),
        after=tuple(sorted(after)),
        commands=(Command(" ".join(words), line, str(task.get("name"))),) if words else (),
        conditional="when" in task,
        manual="suspend" in body,
        settled=bool(words) or "suspend" in body,
    )


# Make


def _make(facts: FileFacts) -> Iterator[Pipeline]:
    """Targets with recipes; what a target needs, or makes in its recipe, comes before it."""
    targets: dict[str, list[Command]] = {}
    for command in facts.commands:
        if command.target:
            targets.setdefault(command.target, []).append(command)
    stages = []
    for name, commands in targets.items():
        after = {
            word
            for command in commands
            if command.text.startswith(("make ", "$(MAKE) ", "${MAKE} "))
            for word in command.text.split()[1:]
            if word in targets and word != name
        }
        own = tuple(one for one in commands if not one.text.startswith("make "))
        line = min(one.line for one in commands)
        stages.append(Stage(name, facts.path, line, tuple(sorted(after)), own))
    if stages:
        name = facts.path.rpartition("/")[2]
        yield Pipeline("make", name, facts.path, 1, tuple(stages))
