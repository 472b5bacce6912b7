"""`dependency: {lacks: manifest}`: code that uses packages which no file declares."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from posixpath import join, normpath
from typing import TYPE_CHECKING

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import FileFacts, Notebook, Span
from mlaudit.facts.syntax import Import
from mlaudit.project.environment.distributions import known_distributions
from mlaudit.project.environment.hosted import is_hosted
from mlaudit.project.environment.import_table import import_table
from mlaudit.project.linking.local_names import local_names
from mlaudit.project.roots import within
from mlaudit.repo.kinds import is_compose_file
from mlaudit.repo.model import Kind
from mlaudit.rules.matchers import in_context, paths
from mlaudit.rules.model import Match, Rule, Spot

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.matchers import Matcher

_NAME = re.compile(r"[A-Za-z][\w.-]*")
_INSTALLS = re.compile(r"\b(?:pip3?|conda|mamba|micromamba) install\b")


def prepare(rule: Rule, imports: tuple[str, ...], others: tuple[str, ...]) -> Matcher:
    """Finds at most one place: where the first of the packages is imported."""
    wanted = frozenset(imports)
    is_other = paths.glob(f"**/{name}" for name in others)

    def find(project: Project) -> Iterator[Match]:
        local = local_names(project)
        declaring = [*_installing_images(project), *_folders(filter(is_other, project.files))]
        declaring += _composed(project, declaring)
        installed = _installed_by_notebooks(project)
        used: Counter[str] = Counter()
        first: Spot | None = None
        for facts in in_context(project, rule):
            if _is_declared(project, facts.path) or _installs(facts.notebook):
                continue
            if any(within(folder, facts.path) for folder in declaring):
                continue
            items = [item for item in _third_party(facts, local) if _package(item) in wanted]
            if any(_is_installed(_package(item), facts.path, installed) for item in items):
                continue
            if items and facts.kind is Kind.NOTEBOOK and is_hosted(project, facts.path):
                continue
            used.update(map(_package, items))
            first = first or (_spot(facts, items[0]) if items else None)
        if first is not None:
            names = [name for name, _ in sorted(used.items(), key=lambda one: (-one[1], one[0]))]
            yield Match(rule.id, first, {"packages": paths.listing(names)}, "no manifest")

    return find


def _spot(facts: FileFacts, item: Import) -> Spot:
    return Spot(facts.path, Span(item.line, item.column), code=True)


def _is_declared(project: Project, path: str) -> bool:
    """Whether some folder from the file's own up to the root has a manifest or a lock."""
    root = project.environment.root_of(path)
    return bool(root.files or root.locks or root.path)


def _installs(notebook: Notebook | None) -> bool:
    """Whether a notebook installs what it needs, and so is its own manifest."""
    magics = notebook.magics if notebook is not None else ()
    return any(_INSTALLS.search(magic.text) for magic in magics)


def _installed_by_notebooks(project: Project) -> list[tuple[str, frozenset[str]]]:
    """Folders, and what a notebook in each installs: for itself, and for modules beside it."""
    found = []
    for facts in project.of_kind(Kind.NOTEBOOK):
        lines = [magic.text for magic in facts.runs if _INSTALLS.search(magic.text)]
        if lines:
            names = frozenset(map(normalise, _NAME.findall(" ".join(lines))))
            found.append((facts.path.rpartition("/")[0], names))
    return found


def _is_installed(module: str, path: str, installed: list[tuple[str, frozenset[str]]]) -> bool:
    if not installed:
        return False
    known = known_distributions()
    names = {name for main in _bringing(module) for name in known.names_of(main)}
    return any(names & there for folder, there in installed if within(folder, path))


def _bringing(module: str) -> tuple[str, ...]:
    return import_table().distributions_of(module) or (normalise(module),)


def _folders(files: Iterable[str]) -> Iterator[str]:
    return (path.rpartition("/")[0] for path in files)


def _installing_images(project: Project) -> Iterator[str]:
    """Folders with a Dockerfile that installs packages, and so declares them for what is below."""
    return _folders(
        facts.path
        for facts in project.of_kind(Kind.DOCKERFILE)
        for instruction in (facts.dockerfile.instructions if facts.dockerfile else ())
        if instruction.keyword.upper() == "RUN" and _INSTALLS.search(instruction.value)
    )


def _composed(project: Project, folders: Iterable[str]) -> list[str]:
    """Folders with a compose file whose services run on such an image, or on packages it names."""
    images = frozenset(folder or "." for folder in folders)
    found = []
    for facts in project.of_kind(Kind.YAML):
        folder = facts.path.rpartition("/")[0]
        if is_compose_file(facts.path) and facts.document is not None:
            texts = [e for e in facts.document.entries if isinstance(e.value, str)]
            if any(_declares(e.path, str(e.value), folder, images) for e in texts):
                found.append(folder)
    return found


def _declares(key: tuple[str | int, ...], value: str, folder: str, images: frozenset[str]) -> bool:
    if key[-1] == "_PIP_ADDITIONAL_REQUIREMENTS":
        return _NAME.match(value) is not None
    builds = key[-1] == "build" or key[-2:] == ("build", "context")
    return builds and normpath(join(folder, value)) in images


def _package(item: Import) -> str:
    return item.target.partition(".")[0]


def _third_party(facts: FileFacts, local: frozenset[str]) -> Iterator[Import]:
    for item in facts.python.imports if facts.python is not None else ():
        package = _package(item)
        if package and not item.guard and package not in sys.stdlib_module_names | local:
            yield item
