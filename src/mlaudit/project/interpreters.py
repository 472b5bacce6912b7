"""Which Python a project root runs on, as every file that names one says."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from mlaudit.facts.records import Document, Entry, FileFacts, Span
from mlaudit.facts.specifiers import conda_specifier, poetry_specifier
from mlaudit.project.roots import ProjectRoot, within

if TYPE_CHECKING:
    from mlaudit.project.environment import Environment
    from mlaudit.repo.model import Repo

Origin = Literal[
    "requires-python", "poetry", "pipenv", "conda", "pixi", "python-version", "tool-versions",
    "runtime", "mise", "docker", "ci",
]  # fmt: skip

_SMALL: dict[str, Origin] = {
    ".python-version": "python-version",
    ".tool-versions": "tool-versions",
    "runtime.txt": "runtime",
}
_MISE = frozenset({"mise.toml", ".mise.toml", ".mise/config.toml"})
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_IMAGE = re.compile(r"(?:.*/)?(?:python|pypy):(\d+(?:\.\d+)*)(?:[-.a-z].*)?(?:@sha256:.*)?")
_EXPRESSION = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")


class PythonSource(Struct, frozen=True):
    """One statement of an interpreter version."""

    origin: Origin
    path: str
    span: Span
    text: str
    """As written."""
    specifier: str
    """The same in PEP 440: `==3.11.*` for `3.11`."""


def python_sources(
    environment: Environment, facts: Mapping[str, FileFacts], repo: Repo | None, root: ProjectRoot
) -> tuple[PythonSource, ...]:
    """Statements for the root. CI speaks for the whole repository, `.python-version` and its like
    for every folder below."""
    found: list[PythonSource] = []
    for path in sorted(facts):
        one = facts[path]
        folder, name = posixpath.split(path)
        if path in root.files:
            found += _of_manifest(one)
        elif _WORKFLOW.fullmatch(path) and one.document:
            found += _of_workflow(path, one.document)
        elif one.dockerfile and environment.root_of(path) == root:
            found += _of_image(one)
        elif name in _MISE and within(folder, root.path) and one.document:
            found += _of_mise(path, one.document)
        elif name in _SMALL and repo and _applies(environment, path, root):
            found += _of_small(path, repo)
    return tuple(found)


def _applies(environment: Environment, path: str, root: ProjectRoot) -> bool:
    folder = posixpath.dirname(path)
    return within(folder, root.path) or environment.root_of(path) == root


def _of_manifest(facts: FileFacts) -> Iterator[PythonSource]:
    manifest = facts.manifest
    if manifest is None or not manifest.python:
        return
    origins: dict[str, Origin] = {
        "poetry": "poetry",
        "pipenv": "pipenv",
        "conda": "conda",
        "pixi": "pixi",
    }
    origin = origins.get(manifest.manager, "requires-python")
    text = manifest.python
    if origin == "requires-python":
        specifier = text
    elif origin == "poetry":
        specifier = poetry_specifier(text)
    elif origin == "pipenv":
        specifier = _exactly(text)
    else:
        specifier = conda_specifier(text)
        if re.fullmatch(r"==\d+\.\d+", specifier):
            specifier += ".*"  # `python==3.11` is meant as the series, 3.11.0 alone never is
    yield PythonSource(origin, facts.path, manifest.python_span, text, specifier)


def _exactly(version: str) -> str:
    """`3.11` names a series, `3.11.4` a version."""
    numbers = _VERSION.match(version.strip())
    if numbers is None:
        return ""
    return f"=={numbers[0]}" if numbers[0].count(".") > 1 else f"=={numbers[0]}.*"


def _of_small(path: str, repo: Repo) -> Iterator[PythonSource]:
    origin = _SMALL[posixpath.basename(path)]
    try:
        text = repo.read(path)[:4096].decode("utf-8-sig", "replace")
    except OSError:
        return
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition("#")[0].split()
        if not words or (origin == "tool-versions" and words[0] != "python"):
            continue
        wanted = words[1:] if origin == "tool-versions" else words
        for word in wanted[:1]:
            version = re.sub(r"^(?:c?python-?)", "", word)
            if _exactly(version):
                start = line.index(word) + 1
                span = Span(number, start, 0, start + len(word))
                yield PythonSource(origin, path, span, word, _exactly(version))
                return


def _of_mise(path: str, document: Document) -> Iterator[PythonSource]:
    for entry in document.entries:
        if entry.path in (("tools", "python"), ("tools", "python", "version")):
            yield from _scalar("mise", path, entry)


def _scalar(origin: Origin, path: str, entry: Entry) -> Iterator[PythonSource]:
    """A version that may have been written as a number."""
    text = "" if entry.value is None or isinstance(entry.value, bool) else str(entry.value)
    if entry.value == 3.1:
        text = "3.10"  # written without quotes; nobody means Python 3.1
    if _VERSION.match(text):
        span = Span(entry.value_line, entry.value_column)
        yield PythonSource(origin, path, span, text, _exactly(text))


def _of_image(facts: FileFacts) -> Iterator[PythonSource]:
    """The image that the last stage stands on; builders before it say nothing of the result."""
    stages = facts.dockerfile.stages if facts.dockerfile else ()
    index = len(stages) - 1
    for _ in stages:
        if index < 0 or stages[index].base < 0:
            break
        index = stages[index].base
    if not 0 <= index < len(stages) or not stages[index].resolved:
        return
    found = _IMAGE.fullmatch(stages[index].image)
    if found:
        yield PythonSource(
            "docker", facts.path, stages[index].span, stages[index].image, _exactly(found[1])
        )


def _of_workflow(path: str, document: Document) -> Iterator[PythonSource]:
    """`python-version` of any action that sets Python up, a matrix looked up."""
    for entry in document.entries:
        if entry.path[-2:] != ("with", "python-version") or entry.kind != "scalar":
            continue
        expression = _EXPRESSION.fullmatch(str(entry.value).strip())
        if expression:
            matrix = (*entry.path[:2], "strategy", "matrix")
            yield from _of_matrix(path, document, matrix, expression[1])
        elif isinstance(entry.value, str) and "\n" in entry.value.strip():
            span = Span(entry.value_line, entry.value_column)
            for line in filter(_VERSION.match, map(str.strip, entry.value.split("\n"))):
                yield PythonSource("ci", path, span, line, _exactly(line))
        else:
            yield from _scalar("ci", path, entry)


def _of_matrix(
    path: str, document: Document, matrix: tuple[str | int, ...], name: str
) -> Iterator[PythonSource]:
    for entry in document.entries:
        below = entry.path[len(matrix) :] if entry.path[: len(matrix)] == matrix else ()
        plain = len(below) == 2 and below[0] == name
        added = len(below) == 3 and below[0] == "include" and below[2] == name
        if plain or added:
            yield from _scalar("ci", path, entry)
