"""Which Python a project root runs on, as every file that names one says."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from mlaudit.facts.installs import Install
from mlaudit.facts.records import Document, Entry, FileFacts, Span, Stage
from mlaudit.facts.specifiers import conda_specifier, poetry_specifier
from mlaudit.patterns import Gated
from mlaudit.project.roots import ProjectRoot, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlaudit.repo.model import Repo

    Homes = Callable[[str], ProjectRoot]

Origin = Literal[
    "requires-python", "poetry", "pipenv", "conda", "pixi", "python-version", "tool-versions",
    "runtime", "mise", "docker", "ci",
]  # fmt: skip

VERSION_FILES: dict[str, Origin] = {
    ".python-version": "python-version",
    ".tool-versions": "tool-versions",
    "runtime.txt": "runtime",
}
"""Small files that hold little else, by name."""
_MISE = frozenset({"mise.toml", ".mise.toml", ".mise/config.toml"})
_VERSION = Gated(r"\d+(?:\.\d+)*")
_IMAGE = Gated(
    r"(?:.*/)?(?:python|pypy):(\d+(?:\.\d+)*)(?:[-.a-z].*)?(?:@sha256:.*)?"
    r"|.*[:/_-]py(?:thon)?-?(3)\.?(\d{1,2})(?:[-_.@].*)?"
)
"""`python:3.11-slim`, `uv:python3.12-bookworm`, `pytorch-training:2.0-gpu-py310`."""
_MATRIX = Gated(r"(?:python|py)(?:[-_]?versions?)?", re.IGNORECASE)
"""Keys of a matrix whose values are interpreters, whatever action they are given to."""
_EXPRESSION = Gated(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")


class PythonSource(Struct, frozen=True):
    """One statement of an interpreter version."""

    origin: Origin
    path: str
    span: Span
    text: str
    """As written."""
    specifier: str
    """The same in PEP 440: `==3.11.*` for `3.11`."""


def version_files(
    facts: Mapping[str, FileFacts], repo: Repo | None
) -> dict[str, tuple[PythonSource, ...]]:
    """What `.python-version` and its like say, by their paths."""
    found: dict[str, tuple[PythonSource, ...]] = {}
    for path in sorted(facts):
        name = path.rpartition("/")[2]
        if name in VERSION_FILES and repo:
            found[path] = tuple(_of_small(path, repo))
        elif name in _MISE and (document := facts[path].document):
            found[path] = tuple(_of_mise(path, document))
    return found


def stated_pythons(
    root: ProjectRoot,
    manifests: Iterable[FileFacts],
    files: Mapping[str, tuple[PythonSource, ...]],
    homes: Homes,
) -> tuple[PythonSource, ...]:
    """What the root's manifests and version files say. A version file speaks for every folder
    below it; `homes` gives the root of a path."""
    found = [one for facts in manifests for one in _of_manifest(facts)]
    for path, sources in files.items():
        if within(posixpath.dirname(path), root.path) or homes(path) == root:
            found += sources
    return tuple(found)


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
    origin = VERSION_FILES[posixpath.basename(path)]
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


def of_base_image(path: str, stage: Stage) -> Iterator[PythonSource]:
    """The interpreter that the tag of a base image names."""
    yield from _of_reference("docker", path, stage.image if stage.resolved else "", stage.span)


def _of_reference(origin: Origin, path: str, image: str, span: Span) -> Iterator[PythonSource]:
    found = _IMAGE.fullmatch(image)
    if found:
        version = found[1] or f"{found[2]}.{found[3]}"
        yield PythonSource(origin, path, span, image, _exactly(version))


def of_install(origin: Origin, path: str, installs: Iterable[Install]) -> Iterator[PythonSource]:
    """Interpreters that commands bring: `uv python install 3.12`, `conda create python=3.9`."""
    for one in installs:
        if one.python:
            yield PythonSource(origin, path, Span(one.line), one.python, one.python)


def of_job(path: str, document: Document, job: tuple[str | int, ...]) -> Iterator[PythonSource]:
    """What a job of CI, or a whole document, names: an input of the action that sets Python up,
    with the matrix looked up, a matrix of its own, or an image to run in."""
    matrix = (*job, "strategy", "matrix")
    for entry in document.entries:
        if entry.path[: len(job)] != job or entry.kind != "scalar" or not entry.path:
            continue
        if entry.path[: len(matrix)] == matrix:
            below = entry.path[len(matrix) :]
            plain = len(below) == 2 and bool(_MATRIX.fullmatch(str(below[0])))
            if plain or (below[:1] == ("include",) and _MATRIX.fullmatch(str(below[-1]))):
                yield from _scalar("ci", path, entry)
        elif _names_version(entry.path):
            yield from _of_input(path, document, job, entry)
        elif entry.path[-1] in ("image", "container") or entry.path[-2:] == ("image", "name"):
            span = Span(entry.value_line, entry.value_column)
            yield from _of_reference("ci", path, str(entry.value), span)


def _names_version(key: tuple[str | int, ...]) -> bool:
    """`python-version` of GitHub, `versionSpec` of Azure, `python` of Travis."""
    if key[-2:] == ("with", "python-version") or key[-1] == "versionSpec":
        return True
    return key[0] == "python" and len(key) <= 2


def _of_input(
    path: str, document: Document, job: tuple[str | int, ...], entry: Entry
) -> Iterator[PythonSource]:
    expression = _EXPRESSION.fullmatch(str(entry.value).strip())
    if expression and _MATRIX.fullmatch(expression[1]):
        return  # read where it stands
    if expression:
        yield from _of_matrix(path, document, (*job, "strategy", "matrix"), expression[1])
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
