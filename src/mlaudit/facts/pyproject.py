"""Reads pyproject.toml: the one manifest that it stands for, whichever tools share it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from mlaudit.facts.paths import beside
from mlaudit.facts.pep508 import normalise, parse
from mlaudit.facts.poetry import poetry_dependencies
from mlaudit.facts.records import Dependency, FileFacts, Include, Manifest, Problem, Span
from mlaudit.facts.source import Source
from mlaudit.facts.toml_manifests import Problems, read_toml_manifest
from mlaudit.facts.trees import Path, Tree
from mlaudit.facts.uv_sources import with_sources

_POETRY = ("tool", "poetry")
_DEEPEST = 50
"""Groups that one group may include, at any remove."""


def read_pyproject(source: Source) -> FileFacts:
    """The document, and the manifest where the file describes a project or its dependencies."""

    def describe(tree: Tree, _: Problems) -> tuple[Manifest | None, Problems]:
        reader = _Pyproject(tree, source.file.path)
        return reader.manifest(), tuple(reader.problems)

    return read_toml_manifest(source, describe)


class _Pyproject:
    def __init__(self, tree: Tree, path: str) -> None:
        self.tree = tree
        self.path = path
        self.problems: list[Problem] = []
        self.project = tree.table("project")
        self.poetry = tree.table(*_POETRY)

    def manifest(self) -> Manifest | None:
        dependencies = tuple(self._dependencies())
        backend = self.tree.text("build-system", "build-backend")
        builds = bool(self.tree.table("build-system"))
        if not (self.project or self.poetry or dependencies or builds or self._workspace()):
            return None
        python, python_span = self._python()
        return Manifest(
            self._manager(backend),
            dependencies=dependencies,
            includes=tuple(self._includes()),
            name=self.tree.text("project", "name") or self.tree.text(*_POETRY, "name"),
            python=python,
            python_span=python_span,
            build_backend=backend,
            scripts=tuple(self._scripts()),
            dynamic=_strings(self.project.get("dynamic")),
            classifiers=_strings(self.project.get("classifiers"))
            or _strings(self.poetry.get("classifiers")),
            packaged=builds and self._is_package(),
            workspace=self._workspace(),
            problems=tuple(self.problems),
        )

    def _manager(
        self, backend: str
    ) -> Literal["poetry", "pdm", "uv", "pixi", "pep621", "setuptools"]:
        """Whose commands install this: the tool with a table of its own, else the standard."""
        if self.poetry:
            return "poetry"
        tool = self.tree.table("tool")
        if "pdm" in tool:
            return "pdm"
        if "pixi" in tool:
            return "pixi"
        if "uv" in tool:
            return "uv"
        old = not self.project and (not backend or backend.startswith("setuptools"))
        return "setuptools" if old else "pep621"

    def _is_package(self) -> bool:
        """Whether the tools' switches leave it a package."""
        if self.poetry.get("package-mode") is False:
            return False
        return not (
            self.tree.at("tool", "uv", "package") is False
            or self.tree.at("tool", "pdm", "distribution") is False
        )

    def _python(self) -> tuple[str, Span]:
        for path in (("project", "requires-python"), (*_POETRY, "dependencies", "python")):
            if self.tree.text(*path):
                return self.tree.text(*path), self.tree.span(path)
        for table in (("dependencies",), ("workspace", "python"), ("pypi-options",)):
            conda = ("tool", "pixi", *table, "python")
            if self.tree.text(*conda):
                return self.tree.text(*conda), self.tree.span(conda)
        return "", Span()

    def _workspace(self) -> tuple[str, ...]:
        members = _strings(self.tree.at("tool", "uv", "workspace", "members"))
        excluded = _strings(self.tree.at("tool", "uv", "workspace", "exclude"))
        return (*members, *(f"!{glob}" for glob in excluded)) if members else ()

    def _scripts(self) -> Iterator[tuple[str, str]]:
        for path in (("project", "scripts"), ("project", "gui-scripts"), (*_POETRY, "scripts")):
            for name, target in self.tree.table(*path).items():
                if isinstance(target, dict):
                    target = target.get("callable") or target.get("reference")
                if isinstance(target, str):
                    yield name, target

    def _dependencies(self) -> Iterator[Dependency]:
        declared = with_sources(self._standard(), self.tree.at("tool", "uv", "sources"))
        main = {dependency.name for dependency in declared if not dependency.group}
        yield from declared
        for dependency in poetry_dependencies(self.tree):
            # Beside [project], Poetry's own table only adds where a dependency comes from.
            if dependency.group or dependency.name not in main:
                yield dependency
        yield from self._listed(("build-system", "requires"), "build")
        if "pixi" in self.tree.table("tool"):
            from mlaudit.facts.pixi import pixi_dependencies

            yield from pixi_dependencies(self.tree, ("tool", "pixi"))

    def _standard(self) -> list[Dependency]:
        found = list(self._listed(("project", "dependencies"), ""))
        for extra in self.tree.table("project", "optional-dependencies"):
            path = ("project", "optional-dependencies", extra)
            found += self._listed(path, f"extra:{normalise(extra)}")
        for group in self.tree.table("dependency-groups"):
            found += self._group(group, normalise(group), set())
        found += self._listed(("tool", "uv", "dev-dependencies"), "dev")
        for group in self.tree.table("tool", "pdm", "dev-dependencies"):
            found += self._listed(("tool", "pdm", "dev-dependencies", group), normalise(group))
        return found

    def _listed(self, path: Path, group: str) -> Iterator[Dependency]:
        for index, text in enumerate(self.tree.items(*path)):
            if isinstance(text, str):
                yield from self._parsed(text, (*path, index), group)

    def _parsed(self, text: str, path: Path, group: str) -> Iterator[Dependency]:
        span = self.tree.span(path)
        # PDM writes editable requirements as pip's command line has them.
        dependency, reason = parse(text.removeprefix("-e ").strip(), group=group, span=span)
        if reason:
            self.problems.append(Problem(reason, span.line))
        if dependency:
            yield dependency

    def _group(self, name: str, group: str, seen: set[str]) -> Iterator[Dependency]:
        """PEP 735: a group may include others; each counts once, so cycles end."""
        if normalise(name) in seen or len(seen) > _DEEPEST:
            return
        seen.add(normalise(name))
        by_name = {normalise(key): key for key in self.tree.table("dependency-groups")}
        path = ("dependency-groups", by_name.get(normalise(name), name))
        for index, item in enumerate(self.tree.items(*path)):
            if isinstance(item, str):
                yield from self._parsed(item, (*path, index), group)
            elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
                yield from self._group(item["include-group"], group, seen)

    def _includes(self) -> Iterator[Include]:
        dynamic: Path = ("tool", "setuptools", "dynamic")
        yield from self._files((*dynamic, "dependencies", "file"), "")
        for extra in self.tree.table(*dynamic, "optional-dependencies"):
            path = (*dynamic, "optional-dependencies", extra, "file")
            yield from self._files(path, f"extra:{normalise(extra)}")
        hook: Path = ("tool", "hatch", "metadata", "hooks", "requirements_txt")
        yield from self._files((*hook, "files"), "")

    def _files(self, path: Path, group: str) -> Iterator[Include]:
        found: Any = self.tree.at(*path)
        for index, name in enumerate([found] if isinstance(found, str) else found or ()):
            target = beside(self.path, name) if isinstance(name, str) else ""
            if target:
                span = self.tree.span(path if isinstance(found, str) else (*path, index))
                yield Include("requirement", target, span, group)


def _strings(found: Any) -> tuple[str, ...]:
    return tuple(text for text in found if isinstance(text, str)) if isinstance(found, list) else ()
