"""From matches to findings: place, words, excerpt, fingerprint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from mlaudit.facts.records import FileFacts, Span
from mlaudit.findings.excerpts import Quoted, quote
from mlaudit.findings.fingerprints import Occurrences, line_hashes
from mlaudit.findings.masks import Masks, masked_text, redacted
from mlaudit.findings.model import Excerpt, Finding, Place, RelatedPlace
from mlaudit.findings.places import place_of
from mlaudit.findings.sources import Sources, SourceText
from mlaudit.rules.model import Confidence, Match, Persona, Related, Rule, Severity, Spot

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
MAX_VALUE_CHARS = 200
"""What is longer is cut before it goes into a message."""
SECRETS = "SEC"
"""The family of rules whose places are secrets."""


class Candidate(NamedTuple):
    """A match that is to become a finding, with the dials as they stand after all overrides."""

    match: Match
    rule: Rule
    severity: Severity
    confidence: Confidence
    persona: Persona
    reason: str | None
    """Why it is suppressed; None when it is shown."""


class Built(NamedTuple):
    finding: Finding
    reason: str | None


def build(
    candidates: Iterable[Candidate],
    secrets: Mapping[str, Sequence[Spot]],
    facts: Mapping[str, FileFacts],
    sources: Sources,
) -> list[Built]:
    """Findings sorted by path, line, column and rule. `secrets`: what to hide, by file."""
    occurrences = Occurrences()
    by_path = attrgetter("match.spot.path")
    built: list[Built] = []
    for path, group in groupby(sorted(candidates, key=by_path), by_path):
        file = _File(path, facts, sources, secrets.get(path, ()), occurrences)
        built += file.build(group)
    return built


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with `{name}` replaced; other braces stay. Attributes cannot be reached."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), template)


def shown_text(
    path: str, secrets: Sequence[Spot], facts: Mapping[str, FileFacts], sources: Sources
) -> str:
    """A whole file as it may be shown; empty when it cannot be read."""
    return _File(path, facts, sources, secrets, Occurrences()).text()


class _File:
    """Builds the findings of one file."""

    def __init__(
        self,
        path: str,
        facts: Mapping[str, FileFacts],
        sources: Sources,
        secrets: Sequence[Spot],
        occurrences: Occurrences,
    ) -> None:
        self._all_facts = facts
        self._facts = facts.get(path)
        self._sources = sources
        self._source: SourceText | None = sources.get(path)
        self._occurrences = occurrences
        self._masks = None
        if self._source is not None:
            hidden = [(self._secret_place(spot), spot.code) for spot in secrets]
            self._masks = Masks(self._source, self._facts, hidden)

    def text(self) -> str:
        if self._source is None or self._masks is None:
            return ""
        return masked_text(self._source, self._masks)

    def build(self, candidates: Iterable[Candidate]) -> list[Built]:
        placed = [(self._place(item.match.spot), item) for item in candidates]
        placed.sort(key=_order)
        hashes = self._hashes({place.line for place, _ in placed if not place.commit})
        return [
            Built(self._finding(place, item, _hash(place, hashes)), item.reason)
            for place, item in placed
        ]

    def _hashes(self, lines: set[int]) -> dict[int, str]:
        return line_hashes(self._source.text, lines) if self._source is not None else {}

    def _place(self, spot: Spot) -> Place:
        if _is_whole_file(spot):
            return Place(spot.path, commit=spot.commit)
        return place_of(spot, self._all_facts, self._sources)

    def _secret_place(self, spot: Spot) -> Place:
        """What to hide: all of a file that is a secret as a whole."""
        return Place(spot.path, end_line=1 << 31) if _is_whole_file(spot) else self._place(spot)

    def _finding(self, place: Place, item: Candidate, line_hash: str) -> Finding:
        match, rule = item.match, item.rule
        quoted = self._quote(place, rule)
        values = {name: _short(redacted(value)) for name, value in match.values.items()}
        return Finding(
            rule=rule,
            message=fill(rule.message, values),
            severity=item.severity,
            confidence=item.confidence,
            persona=item.persona,
            place=place,
            excerpt=quoted.excerpt,
            fingerprint=self._occurrences.fingerprint(
                rule.id, place.path, match.identity or quoted.identity
            ),
            line_hash=line_hash,
            remedy=fill(match.remedy or rule.remedy, values),
            whole_repository=rule.scope == "repository",
            values=values,
            related=self._related(match.related),
            flow=self._related(match.flow),
        )

    def _related(self, others: Iterable[Related]) -> tuple[RelatedPlace, ...]:
        return tuple(
            RelatedPlace(self._place(other.spot), redacted(other.message)) for other in others
        )

    def _quote(self, place: Place, rule: Rule) -> Quoted:
        whole_file = msgspec.structs.replace(place, cell=0) == Place(place.path)
        if self._source is None or self._masks is None or whole_file or place.commit:
            return Quoted(Excerpt(), "")
        alone = rule.family == SECRETS
        return quote(place, self._source, self._masks, self._facts, alone=alone)


def _short(value: str) -> str:
    return value if len(value) <= MAX_VALUE_CHARS else f"{value[:MAX_VALUE_CHARS]}..."


def _is_whole_file(spot: Spot) -> bool:
    return spot.span == Span() and not spot.code


def _hash(place: Place, hashes: Mapping[int, str]) -> str:
    return "" if place.commit else hashes.get(place.line, "")


def _order(placed: tuple[Place, Candidate]) -> tuple[object, ...]:
    place, item = placed
    start = (place.commit, place.line, place.column, place.end_line, place.end_column)
    return (*start, item.rule.id, sorted(item.match.values.items()), item.match.identity)
