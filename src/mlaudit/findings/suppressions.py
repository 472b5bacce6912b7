"""Suppressions: comments, the metadata of notebook cells, and the settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from mlaudit.config import Allow
from mlaudit.facts.records import FileFacts, Suppression
from mlaudit.findings import notebooks
from mlaudit.findings.model import UnusedSuppression
from mlaudit.rules.model import Rule, Spot

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IN_CELL = "in the metadata of the cell"


class FileSuppressions:
    """The suppressions of one file. Remembers which were of use."""

    def __init__(self, facts: FileFacts, today: date) -> None:
        self._facts = facts
        self._expired = {s for s in facts.suppressions if _expired(s, today)}
        self._by_line: dict[int, list[Suppression]] = {}
        own_lines = {s.line for s in facts.suppressions if s.own_line}
        for suppression in facts.suppressions:
            line = suppression.line
            while line in own_lines:
                line += 1
            self._by_line.setdefault(line, []).append(suppression)
        self._used: set[tuple[object, str]] = set()

    def reason(self, rule: Rule, spot: Spot) -> str | None:
        """Why the finding is suppressed: the reason given, maybe empty; None when it is not."""
        reasons = [*self._in_comments(rule, spot), *self._in_metadata(rule, spot)]
        return reasons[0] if reasons else None

    def _in_comments(self, rule: Rule, spot: Spot) -> Iterator[str]:
        first, last = self._lines(spot)
        for line in {first: None, last: None}:
            for suppression in self._by_line.get(line, ()):
                if suppression in self._expired or (suppression.own_line and line != first):
                    continue
                for word in _words(suppression.rules, rule):
                    self._used.add((suppression, word))
                    yield suppression.reason

    def _in_metadata(self, rule: Rule, spot: Spot) -> Iterator[str]:
        notebook = self._facts.notebook
        if notebook is None:
            return
        if spot.code:
            cell = notebooks.cell_at(notebook, spot.span.line)
        else:
            cell = notebooks.cell_around(notebook, spot.span.line)
        for word in _words(cell.suppress, rule) if cell is not None else ():
            self._used.add((cell, word))
            yield IN_CELL

    def _lines(self, spot: Spot) -> tuple[int, int]:
        """First and last line of a spot, in the numbering that comments have."""
        span = spot.span
        notebook = self._facts.notebook
        if notebook is None or spot.code:
            return span.line, max(span.end_line, span.line)
        line = notebooks.virtual_line_at(notebook, span.line, span.column)
        return line, line

    def unused(
        self, rules: Mapping[str, Rule], enabled: Collection[str]
    ) -> Iterator[UnusedSuppression]:
        """What suppressed nothing. A rule that was not asked for is no reason to complain."""
        known = {word: rule.id for rule in rules.values() for word in (rule.id, rule.name)}
        for suppression in self._facts.suppressions:
            line = self._raw_line(suppression.line)
            if suppression in self._expired:
                why = f"expired on {suppression.until}"
                yield UnusedSuppression(self._facts.path, line, suppression.rules, why)
            else:
                yield from self._unused(suppression, suppression.rules, line, known, enabled)
        notebook = self._facts.notebook
        for cell in notebook.cells if notebook is not None else ():
            yield from self._unused(cell, cell.suppress, cell.raw_line, known, enabled)

    def _unused(
        self,
        owner: object,
        words: Sequence[str],
        line: int,
        known: Mapping[str, str],
        enabled: Collection[str],
    ) -> Iterator[UnusedSuppression]:
        path = self._facts.path
        unknown = tuple(word for word in words if word not in known)
        idle = tuple(
            word for word in words if known.get(word) in enabled and (owner, word) not in self._used
        )
        if unknown:
            yield UnusedSuppression(path, line, unknown, "no such rule")
        if idle:
            yield UnusedSuppression(path, line, idle, "nothing to suppress")

    def _raw_line(self, line: int) -> int:
        notebook = self._facts.notebook
        raw = notebooks.raw_start(notebook, line) if notebook is not None else None
        return raw.line if raw is not None else line


def _words(words: Sequence[str], rule: Rule) -> Iterator[str]:
    return (word for word in words if word in (rule.id, rule.name))


def _expired(suppression: Suppression, today: date) -> bool:
    """Whether its last day has passed; a date that is none has passed."""
    if not suppression.until:
        return False
    try:
        return date.fromisoformat(suppression.until) < today
    except ValueError:
        return True


class Allowances:
    """What the settings accept, with the reason."""

    def __init__(self, allow: Sequence[Allow]) -> None:
        self._allow = [(entry, _patterns(entry.paths)) for entry in allow]

    def reason(self, rule: Rule, path: str) -> str | None:
        for entry, patterns in self._allow:
            named = entry.rule in (rule.id, rule.name)
            if named and (patterns is None or patterns.match_file(path)):
                return entry.reason
        return None


def _patterns(paths: Sequence[str]) -> GitIgnoreSpec | None:
    if not paths:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(paths)
