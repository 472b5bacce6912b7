"""Reads conda's environment.yml, with the requirements for pip inside it.

https://docs.conda.io/projects/conda/en/latest/user-guide/tasks/manage-environments.html
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from mlaudit.facts.paths import group_of
from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Dependency, FileFacts, Manifest, Problem, Span
from mlaudit.facts.requirements import Content, read_line
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.facts.specifiers import conda_specifier
from mlaudit.facts.trees import Path, Tree

_SPEC = re.compile(r"(?:[\w./:-]+::)?([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(?:\[.*\])?\s*(.*)")
_SELECTOR = re.compile(r"\[.*?version\s*=\s*['\"]?([^'\"\]]+).*\]")
_BUILD = re.compile(r"=?=?[^=<>!~\s]+=[^=\s]+")


def read_conda(source: Source) -> FileFacts:
    """The document, and the manifest where the file is an environment that conda would take."""
    from mlaudit.facts.yaml_document import parse_yaml

    file = source.file
    try:
        document, problems = parse_yaml(source.text)
    except UnreadableError as error:
        return FileFacts(file.path, file.kind, problems=(Problem(str(error)),))
    tree = Tree(document)
    if not isinstance(tree.table().get("dependencies"), list):
        return FileFacts(file.path, file.kind, document=document, problems=problems)
    content = Content([], [], list(problems), [])
    manifest = _manifest(tree, file.path, content)
    return FileFacts(
        file.path,
        file.kind,
        document=document,
        manifest=manifest,
        problems=tuple(content.problems),
    )


def _manifest(tree: Tree, path: str, content: Content) -> Manifest:
    python, python_span = "", Span()
    exported = 0
    group = group_of(path)
    for index, item in enumerate(tree.items("dependencies")):
        place: Path = ("dependencies", index)
        if isinstance(item, dict):
            _read_pip(tree, (*place, "pip"), path, content)
        elif isinstance(item, str):
            dependency = _dependency(item, group, tree.span(place))
            if dependency is None:
                content.problems.append(Problem("not a conda package", tree.span(place).line))
            elif dependency.name == "python":
                python, python_span = dependency.specifier, tree.span(place)
            else:
                exported += bool(_BUILD.fullmatch(item.partition(dependency.name)[2].strip()))
                content.dependencies.append(dependency)
    conda = sum(one.channel == "conda" for one in content.dependencies)
    return Manifest(
        "conda",
        dependencies=tuple(content.dependencies),
        includes=tuple(content.includes),
        name=tree.text("name"),
        python=python,
        python_span=python_span,
        compiled_by="conda env export" if exported and exported == conda else "",
        indexes=tuple(content.indexes),
        problems=tuple(content.problems),
    )


def _dependency(text: str, group: str, span: Span) -> Dependency | None:
    found = _SPEC.fullmatch(text.split(" #")[0].strip())
    if found is None:
        return None
    selector = _SELECTOR.search(text)
    version = selector[1] if selector else found[2]
    if not selector and re.fullmatch(r"[^\s=<>!~]+ +\S+", version):
        version = version.split()[0]
    return Dependency(
        normalise(found[1]),
        conda_specifier(version),
        group=group,
        channel="conda",
        span=span,
        raw=text.strip(),
    )


def _read_pip(tree: Tree, path: Path, file: str, content: Content) -> None:
    for index, text in enumerate(tree.items(*path)):
        if not isinstance(text, str):
            continue
        span = tree.span((*path, index))
        lines = read_line(text, file)
        content.dependencies.extend(replace(one, span=span) for one in lines.dependencies)
        content.includes.extend(replace(one, span=span) for one in lines.includes)
        content.problems.extend(Problem(one.reason, span.line) for one in lines.problems)
        content.indexes.extend(lines.indexes)
