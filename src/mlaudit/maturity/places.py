"""Where a finding stands, as evidence names it."""

from __future__ import annotations

from mlaudit.maturity.view import View
from mlaudit.rules.model import Match


def place(view: View, match: Match) -> tuple[str, int]:
    """Path, and line in the file itself."""
    path, line = match.spot.path, match.spot.span.line
    facts = view.project.facts.get(path)
    return path, facts.raw_line(line) if facts is not None and match.spot.code else line
