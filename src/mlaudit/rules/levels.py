"""From a place to a match, with the severity that the facts call for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from mlaudit.rules.conditions import Test, compile_condition
from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity
from mlaudit.rules.sites import Site


class Level(Struct, frozen=True):
    """An entry of `levels`: what changes for places where its condition holds."""

    when: Test
    severity: Severity | None
    confidence: Confidence | None
    persona: Persona | None
    remedy: str


def match_maker(
    rule: Rule, parameters: dict[str, Any], site: type[Site]
) -> Callable[[Site], Match]:
    """Makes the match for a place. The first of `levels` whose condition holds counts."""
    levels = [_level(data, site) for data in parameters.get("levels", ())]

    def make(place: Any) -> Match:
        for level in levels:
            if level.when(place):
                return Match(
                    rule.id,
                    place.spot(),
                    place.values(),
                    severity=level.severity,
                    confidence=level.confidence,
                    persona=level.persona,
                    remedy=level.remedy,
                )
        return Match(rule.id, place.spot(), place.values())

    return make


def _level(data: dict[str, Any], site: type[Site]) -> Level:
    def read(kind: Any, key: str) -> Any:
        return kind(data[key]) if key in data else None

    return Level(
        when=compile_condition(data["when"], site),
        severity=read(Severity, "severity"),
        confidence=read(Confidence, "confidence"),
        persona=read(Persona, "persona"),
        remedy=data.get("remedy", ""),
    )
