"""Pipelines of platforms: jobs of Azure ML, and those of bundles of Databricks."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from mlaudit.facts.records import Command, FileFacts
from mlaudit.patterns import Gated
from mlaudit.project.document_trees import MOST, DocumentTree, few, mapping
from mlaudit.project.pipelines.model import Pipeline, Stage

_JOB = Gated(r"parent\.jobs\.([\w-]+)")


# Azure ML


def azure(
    facts: FileFacts, tree: DocumentTree, others: Mapping[str, FileFacts]
) -> Iterator[Pipeline]:
    """The jobs of a pipeline job: each a command, or a component that a file or Azure holds."""
    folder = facts.path.rpartition("/")[0]
    stages = tuple(
        _azure_stage(facts, tree, others, folder, str(name), mapping(body))
        for name, body in few(mapping(mapping(tree.value).get("jobs")))
    )
    if stages:
        title = str(mapping(tree.value).get("display_name") or facts.path.rpartition("/")[2])
        yield Pipeline("azure-ml", title, facts.path, 1, stages)


def _azure_stage(
    facts: FileFacts,
    tree: DocumentTree,
    others: Mapping[str, FileFacts],
    folder: str,
    name: str,
    job: Mapping[str, Any],
) -> Stage:
    component = str(job.get("component") or "")
    path = _below(folder, component.removeprefix("file:"))
    file = others.get(path) if component else None
    line = tree.line("jobs", name, "command") if "command" in job else tree.line("jobs", name)
    body = job
    if file is not None and file.document is not None:
        body, folder = mapping(DocumentTree(file.document).value), path.rpartition("/")[0]
    command, code = body.get("command"), body.get("code")
    text = " ".join(command.split()) if isinstance(command, str) else ""
    return Stage(
        name,
        facts.path,
        tree.line("jobs", name),
        after=tuple(sorted({found[1] for found in _JOB.finditer(str(job.get("inputs")))} - {name})),
        commands=(Command(text, line, name),) if text else (),
        folders=(_below(folder, code),) if isinstance(code, str) else (),
        library="" if text else component,
        settled=bool(text),
    )


def _below(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." or joined.startswith("..") else joined


# Databricks


def databricks(facts: FileFacts, tree: DocumentTree) -> Iterator[Pipeline]:
    """The tasks of each job of a bundle: `depends_on` gives their order."""
    jobs = mapping(mapping(tree.value).get("resources")).get("jobs")
    for name, body in few(mapping(jobs)):
        job = mapping(body)
        tasks = job.get("tasks")
        route = ("resources", "jobs", str(name), "tasks")
        stages = tuple(
            _databricks_stage(facts, tree, (*route, number), mapping(task))
            for number, task in enumerate(tasks[:MOST] if isinstance(tasks, list) else ())
        )
        if stages:
            triggers = ("schedule",) if {"schedule", "trigger", "continuous"} & job.keys() else ()
            line = tree.line("resources", "jobs", str(name))
            yield Pipeline("databricks", str(name), facts.path, line, stages, triggers=triggers)


def _databricks_stage(
    facts: FileFacts, tree: DocumentTree, at: tuple[str | int, ...], task: Mapping[str, Any]
) -> Stage:
    needs = task.get("depends_on")
    after = (
        {str(mapping(one).get("task_key")) for one in needs} if isinstance(needs, list) else set()
    )
    folder = facts.path.rpartition("/")[0]
    script = mapping(task.get("spark_python_task")).get("python_file")
    notebook = mapping(task.get("notebook_task")).get("notebook_path")
    wheel = mapping(task.get("python_wheel_task")).get("entry_point")
    text = ""
    if isinstance(script, str):
        text = f"python {script}"
    elif isinstance(notebook, str):
        source = notebook.endswith(".py")
        ipynb = notebook if notebook.endswith(".ipynb") else f"{notebook}.ipynb"
        text = f"python {notebook}" if source else f"jupyter execute {ipynb}"
    elif isinstance(wheel, str):
        text = wheel
    return Stage(
        str(task.get("task_key")),
        facts.path,
        tree.line(*at),
        after=tuple(sorted(after)),
        commands=(Command(text, tree.line(*at)),) if text else (),
        folders=(folder,),
        conditional="run_if" in task or "condition_task" in task,
        settled=bool(text),
    )
