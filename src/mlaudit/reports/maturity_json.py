"""The maturity of a repository, for programs."""

from __future__ import annotations

from mlaudit.maturity.model import Maturity
from mlaudit.reports.encoding import encode
from mlaudit.reports.model import Audit

SCHEMA = "mlaudit-maturity-v1"


def render(audit: Audit, maturity: Maturity) -> str:
    """One document in one line. `rules/schema/maturity.schema.json` says what is in it."""
    return encode(
        {
            "schema": SCHEMA,
            "tool": {"name": "mlaudit", "version": audit.version},
            "repository": {"name": audit.root, "commit": audit.git.head if audit.git else None},
            "maturity": maturity,
        }
    )
