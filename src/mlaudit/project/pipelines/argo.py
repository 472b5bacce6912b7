"""Workflows of Argo: graphs of tasks, or groups of steps one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlaudit.facts.records import Command, FileFacts
from mlaudit.patterns import Gated
from mlaudit.project.document_trees import MOST, DocumentTree, mapping, texts
from mlaudit.project.pipelines.model import Pipeline, Stage

_WORD = Gated(r"[\w-]+(?:\.[\w-]+)*")
KINDS = frozenset({"Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})


def _words(text: str) -> Iterator[str]:
    return (found[0] for found in _WORD.finditer(text))


def argo(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    top = mapping(tree.value)
    if top.get("kind") not in KINDS or "argoproj.io" not in str(top.get("apiVersion")):
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
        needs = {*texts(task.get("dependencies")), *_words(str(task.get("depends") or ""))}
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
