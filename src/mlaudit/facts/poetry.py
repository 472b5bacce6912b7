"""`[tool.poetry]`: https://python-poetry.org/docs/pyproject/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlaudit.facts.pep508 import normalise, without_user
from mlaudit.facts.pixi import placed, written
from mlaudit.facts.records import Dependency, Span
from mlaudit.facts.specifiers import poetry_specifier
from mlaudit.facts.trees import Path, Tree

_ROOT: Path = ("tool", "poetry")


def poetry_dependencies(tree: Tree) -> Iterator[Dependency]:
    """Those of the main group, of the extras and of the other groups; not Python itself."""
    extras = _extras(tree)
    yield from _table(tree, (*_ROOT, "dependencies"), "", extras)
    yield from _table(tree, (*_ROOT, "dev-dependencies"), "dev", {})
    for group in tree.table(*_ROOT, "group"):
        path: Path = (*_ROOT, "group", group, "dependencies")
        yield from _table(tree, path, "" if group == "main" else normalise(group), extras)


def _extras(tree: Tree) -> dict[str, str]:
    """The first extra that each optional dependency belongs to."""
    found: dict[str, str] = {}
    for extra in tree.table(*_ROOT, "extras"):
        for name in tree.items(*_ROOT, "extras", extra):
            if isinstance(name, str):
                found.setdefault(normalise(name), normalise(extra))
    return found


def _table(tree: Tree, path: Path, group: str, extras: dict[str, str]) -> Iterator[Dependency]:
    for name, wanted in tree.table(*path).items():
        if normalise(name) == "python":
            continue
        span = tree.key_span((*path, name))
        for one in wanted if isinstance(wanted, list) else [wanted]:
            yield _dependency(name, one, group, extras, span)


def _dependency(
    name: str, wanted: Any, group: str, extras: dict[str, str], span: Span
) -> Dependency:
    table = wanted if isinstance(wanted, dict) else {"version": wanted}

    def text(key: str) -> str:
        found = table.get(key)
        return without_user(found) if isinstance(found, str) else ""

    optional = table.get("optional") is True
    dependency = Dependency(
        normalise(name),
        specifier=poetry_specifier(text("version")),
        marker=_marker(text("markers"), text("python"), text("platform")),
        group=f"extra:{extras.get(normalise(name), '')}" if optional and not group else group,
        span=span,
        raw=written(name, text("version")),
    )
    return placed(dependency, {**table, "editable": table.get("develop")})


def _marker(markers: str, python: str, platform: str) -> str:
    parts = [markers] if markers else []
    for clause in poetry_specifier(python).split(",") if python else ():
        operator = clause.rstrip("0123456789.*abrcdevpost+")
        parts.append(f'python_version {operator} "{clause[len(operator) :]}"' if operator else "")
    if platform:
        parts.append(f'sys_platform == "{platform}"')
    parts = [part for part in parts if part]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)
