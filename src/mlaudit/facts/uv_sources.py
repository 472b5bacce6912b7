"""`[tool.uv.sources]`: where uv takes a declared dependency from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from mlaudit.facts.pep508 import normalise, without_user
from mlaudit.facts.records import Dependency


def with_sources(dependencies: Iterable[Dependency], sources: Any) -> list[Dependency]:
    """The dependencies, each with the source that the table gives it."""
    table = sources if isinstance(sources, dict) else {}
    by_name = {normalise(name): _chosen(source) for name, source in table.items()}
    return [_moved(one, by_name[one.name]) if one.name in by_name else one for one in dependencies]


def _chosen(source: Any) -> dict[str, Any]:
    """The source, or of several for different platforms the first that is no index."""
    several = source if isinstance(source, list) else [source]
    tables = [table for table in several if isinstance(table, dict)]
    return next((table for table in tables if "index" not in table), {})


def _moved(dependency: Dependency, source: dict[str, Any]) -> Dependency:
    def text(key: str) -> str:
        found = source.get(key)
        return without_user(found) if isinstance(found, str) else ""

    if text("git"):
        ref = text("rev") or text("tag") or text("branch")
        return replace(dependency, source="vcs", url=f"git+{text('git')}", ref=ref)
    if source.get("workspace") is True:
        return replace(dependency, source="editable")
    if text("path"):
        kind = "editable" if source.get("editable") is True else "path"
        return replace(dependency, source=kind, url=text("path"))
    return replace(dependency, source="url", url=text("url")) if text("url") else dependency
