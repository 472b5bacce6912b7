"""Where a match stands."""

from __future__ import annotations

from mlaudit.facts.records import Span
from mlaudit.facts.syntax import Call
from mlaudit.rules.model import Spot


def spot_of(path: str, call: Call) -> Spot:
    """The whole of a call."""
    span = Span(call.line, call.column, call.end_line, call.end_column)
    return Spot(path, span, code=True)
