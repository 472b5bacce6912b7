"""Pipelines that YAML documents and Makefiles declare."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from mlaudit.facts.records import Command, FileFacts
from mlaudit.patterns import Gated
from mlaudit.project.document_trees import DocumentTree, few, mapping, texts
from mlaudit.project.dvc.paths import located
from mlaudit.project.pipelines.argo import KINDS, argo
from mlaudit.project.pipelines.ci import github, gitlab
from mlaudit.project.pipelines.model import Pipeline, Stage
from mlaudit.project.pipelines.platforms import azure, databricks
from mlaudit.repo.model import Kind

_TEMPLATE = Gated(r"[$][{\[]|\{\{")


def from_file(facts: FileFacts, others: Mapping[str, FileFacts]) -> Iterator[Pipeline]:
    """The pipelines of one file that is no Python; `others` are the files that it may name."""
    if facts.kind is Kind.MAKEFILE:
        yield from _make(facts)
    elif facts.document is not None and facts.kind is Kind.YAML:
        reader = _reader(facts)
        if reader is not None:
            yield from reader(facts, DocumentTree(facts.document))
        elif _is_azure(facts):
            yield from azure(facts, DocumentTree(facts.document), others)
        elif any(e.path == ("resources", "jobs") for e in facts.document.entries):
            yield from databricks(facts, DocumentTree(facts.document))
        elif any(e.path == ("kind",) and e.value in KINDS for e in facts.document.entries):
            for number in sorted({entry.document for entry in facts.document.entries}):
                yield from argo(facts, DocumentTree(facts.document, number))


_Reader = Callable[[FileFacts, DocumentTree], Iterator[Pipeline]]


def _reader(facts: FileFacts) -> _Reader | None:
    path = facts.path
    name = path.rpartition("/")[2]
    if name == "dvc.yaml":
        return _dvc
    if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", path):
        return github
    if re.fullmatch(r"(?:.+/)?(?:\.gitlab-ci[^/]*|\.gitlab/.+)\.ya?ml", path):
        return gitlab
    return None


def _is_azure(facts: FileFacts) -> bool:
    entries = facts.document.entries if facts.document is not None else ()
    return any(e.path == ("$schema",) and "pipelineJob" in str(e.value) for e in entries)


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
    """Each after those that write what it reads, be it a file, its folder or something in it."""
    writers = _by_path((path, stage) for stage in stages for path in stage.outputs)
    readers = _by_path((path, stage) for stage in stages for path in stage.inputs)
    after: dict[str, set[str]] = {stage.name: set() for stage in stages}
    for stage in stages:
        for place in _places(stage.inputs):
            after[stage.name] |= writers.get(place, set())
        for place in _places(stage.outputs):
            for reader in readers.get(place, ()):
                after[reader].add(stage.name)
    for stage in stages:
        yield replace(stage, after=tuple(sorted(after[stage.name] - {stage.name})))


def _by_path(pairs: Iterable[tuple[str, Stage]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, stage in pairs:
        found.setdefault(path, set()).add(stage.name)
    return found


def _places(paths: tuple[str, ...]) -> Iterator[str]:
    """The paths, and the folders around each."""
    for path in paths:
        while path:
            yield path
            path = path.rpartition("/")[0]


# Make


def _make(facts: FileFacts) -> Iterator[Pipeline]:
    """Targets with recipes; what a target needs, or makes in its recipe, comes before it."""
    targets: dict[str, list[Command]] = {}
    for command in facts.commands:
        if command.target:
            targets.setdefault(command.target, []).append(command)
    stages = []
    for name, commands in few(targets):
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
