"""Reads Pipfile: https://pipenv.pypa.io/en/latest/pipfile.html"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlaudit.facts.pep508 import normalise, parse
from mlaudit.facts.pixi import placed, written
from mlaudit.facts.records import Dependency, FileFacts, Manifest, Span
from mlaudit.facts.source import Source
from mlaudit.facts.toml_manifests import Problems, read_toml_manifest
from mlaudit.facts.trees import Path, Tree

_NO_PACKAGES = frozenset({"source", "requires", "scripts", "pipenv", "build-system"})


def read_pipfile(source: Source) -> FileFacts:
    """The document and the manifest."""
    return read_toml_manifest(source, _manifest)


def _manifest(tree: Tree, problems: Problems) -> tuple[Manifest, Problems]:
    python: Path = ("requires", "python_full_version")
    if not tree.text(*python):
        python = ("requires", "python_version")
    manifest = Manifest(
        "pipenv",
        dependencies=tuple(_dependencies(tree)),
        python=tree.text(*python),
        python_span=tree.span(python),
        problems=problems,
    )
    return manifest, ()


def _dependencies(tree: Tree) -> Iterator[Dependency]:
    """Of `packages`, `dev-packages` and of the categories that users name."""
    for section in tree.root:
        if section in _NO_PACKAGES:
            continue
        group = {"packages": "", "dev-packages": "dev"}.get(section, normalise(section))
        for name, wanted in tree.table(section).items():
            yield _dependency(name, wanted, group, tree.key_span((section, name)))


def _dependency(name: str, wanted: Any, group: str, span: Span) -> Dependency:
    table = wanted if isinstance(wanted, dict) else {"version": wanted}

    def text(key: str) -> str:
        found = table.get(key)
        return found if isinstance(found, str) else ""

    version = "" if text("version") == "*" else text("version")
    version = f"=={version}" if version[:1].isdigit() else version
    parsed, _ = parse(f"x{version}")
    dependency = Dependency(
        normalise(name),
        parsed.specifier if parsed else version,
        marker=text("markers"),
        group=group,
        span=span,
        raw=written(name, text("version")),
    )
    return placed(dependency, table)
