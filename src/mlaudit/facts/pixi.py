"""Reads pixi.toml: https://pixi.sh/latest/reference/pixi_manifest/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from mlaudit.facts.pep508 import normalise, without_user
from mlaudit.facts.records import Dependency, FileFacts, Manifest, Span
from mlaudit.facts.source import Source
from mlaudit.facts.specifiers import conda_specifier, poetry_specifier
from mlaudit.facts.toml_manifests import Problems, read_toml_manifest
from mlaudit.facts.trees import Path, Tree


def read_pixi(source: Source) -> FileFacts:
    """The document and the manifest."""
    return read_toml_manifest(source, _manifest)


def _manifest(tree: Tree, problems: Problems) -> tuple[Manifest, Problems]:
    python: Path = ("dependencies", "python")
    manifest = Manifest(
        "pixi",
        dependencies=tuple(pixi_dependencies(tree, ())),
        name=tree.text("workspace", "name") or tree.text("project", "name"),
        python=_version(tree.at(*python)),
        python_span=tree.key_span(python),
        problems=problems,
    )
    return manifest, ()


def pixi_dependencies(tree: Tree, base: Path) -> Iterator[Dependency]:
    """Of the default environment, its targets and the features; not Python itself."""
    yield from _tables(tree, base, "")
    for target in tree.table(*base, "target"):
        yield from _tables(tree, (*base, "target", target), "")
    for feature in tree.table(*base, "feature"):
        path = (*base, "feature", feature)
        yield from _tables(tree, path, normalise(feature))
        for target in tree.table(*path, "target"):
            yield from _tables(tree, (*path, "target", target), normalise(feature))


def _tables(tree: Tree, base: Path, group: str) -> Iterator[Dependency]:
    for table in ("dependencies", "host-dependencies", "build-dependencies"):
        path: Path = (*base, table)
        for name, wanted in tree.table(*path).items():
            if name != "python":
                of = group if table == "dependencies" else "build"
                yield _conda(name, wanted, of, tree.key_span((*path, name)))
    path = (*base, "pypi-dependencies")
    for name, wanted in tree.table(*path).items():
        yield _pip(name, wanted, group, tree.key_span((*path, name)))


def written(name: str, version: str) -> str:
    """As the TOML file has it, near enough for a message."""
    return f'{name} = "{version}"' if version else name


def _version(wanted: Any) -> str:
    found = wanted.get("version") if isinstance(wanted, dict) else wanted
    return found if isinstance(found, str) else ""


def _conda(name: str, wanted: Any, group: str, span: Span) -> Dependency:
    dependency = Dependency(
        normalise(name),
        conda_specifier(_version(wanted)),
        group=group,
        channel="conda",
        span=span,
        raw=written(name, _version(wanted)),
    )
    return placed(dependency, wanted) if isinstance(wanted, dict) else dependency


def _pip(name: str, wanted: Any, group: str, span: Span) -> Dependency:
    dependency = Dependency(
        normalise(name),
        poetry_specifier(_version(wanted)),
        group=group,
        span=span,
        raw=written(name, _version(wanted)),
    )
    return placed(dependency, wanted) if isinstance(wanted, dict) else dependency


def placed(dependency: Dependency, table: dict[str, Any]) -> Dependency:
    """The dependency with the `git`, `path` or `url` that a table of pixi or Pipenv names."""

    def text(key: str) -> str:
        found = table.get(key)
        return without_user(found) if isinstance(found, str) else ""

    extras = table.get("extras")
    if isinstance(extras, list):
        wanted = tuple(sorted(extra for extra in extras if isinstance(extra, str)))
        dependency = replace(dependency, extras=wanted)
    if text("git"):
        ref = text("rev") or text("ref") or text("tag") or text("branch")
        return replace(dependency, source="vcs", url=f"git+{text('git')}", ref=ref)
    if text("path"):
        kind = "editable" if table.get("editable") is True else "path"
        return replace(dependency, source=kind, url=text("path"))
    url = text("url") or text("file")
    return replace(dependency, source="url", url=url) if url else dependency
