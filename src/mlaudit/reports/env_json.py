"""The tables of `mlaudit env`, for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlaudit import __version__
from mlaudit.analyses.inventory import Row, Table
from mlaudit.analyses.inventory_mentions import Mention
from mlaudit.reports.encoding import encode

SCHEMA = "mlaudit-env-v1"


def render(tables: Iterable[Table]) -> str:
    """One document in one line. `rules/schema/env.schema.json` says what is in it."""
    return encode(
        {
            "schema": SCHEMA,
            "tool": {"name": "mlaudit", "version": __version__},
            "projects": [_table(table) for table in tables],
        }
    )


def _table(table: Table) -> dict[str, Any]:
    return {
        "path": table.root or ".",
        "manifests": table.manifests,
        "locks": table.locks,
        "rows": [_row(row) for row in table.rows],
        "locked_only": table.locked_only,
    }


def _row(row: Row) -> dict[str, Any]:
    version = row.version
    return {
        "name": row.name,
        "groups": row.groups,
        "declared": _mentions(row.declared),
        "locked": _mentions(row.locked),
        "image": _mentions(row.image),
        "ci": _mentions(row.ci),
        "notebooks": _mentions(row.notebooks),
        "version": None
        if version is None
        else {
            "specifiers": version.specifiers,
            "source": version.source,
            "paths": version.paths,
        },
        "verdict": {"grade": row.verdict.grade, "text": row.verdict.text},
    }


def _mentions(mentions: Iterable[Mention]) -> list[dict[str, Any]]:
    return [
        {
            "says": one.says,
            "path": one.path,
            "line": one.line,
            "group": one.group or None,
            "variant": one.variant or None,
        }
        for one in mentions
    ]
