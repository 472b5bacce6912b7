"""The maturity of a repository over its history, for programs."""

from __future__ import annotations

from mlaudit import __version__
from mlaudit.maturity.timeline import Timeline
from mlaudit.reports.encoding import encode

SCHEMA = "mlaudit-maturity-history-v1"


def render(timeline: Timeline) -> str:
    """One document in one line. `rules/schema/maturity-history.schema.json` says what is in it."""
    return encode(
        {
            "schema": SCHEMA,
            "tool": {"name": "mlaudit", "version": __version__},
            "repository": {"name": timeline.name, "commit": timeline.points[-1].commit},
            "commits": timeline.commits,
            "chosen": timeline.chosen,
            "levels": timeline.levels,
            "notes": timeline.notes,
            "internal_errors": timeline.faults,
            "points": timeline.points,
        }
    )
