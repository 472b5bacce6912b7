"""A rule with an unsafe fix, and findings of it."""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from mlaudit.findings.model import Excerpt, Finding, Place
from mlaudit.rules.model import Confidence, Persona, Rule, Severity

RULE = Rule(
    id="OWN001",
    name="unseeded",
    summary="A call without a seed",
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    persona=Persona.REGULAR,
    since="0.1.0",
    contexts=("src",),
    detect={},
    message="'f' has no seed",
    why="Every run draws other numbers.",
    remedy="Pass a seed.",
    examples=(),
    fix={"safety": "unsafe", "set_argument": {"seed": 42}},
)
_BREAK = re.compile(r"\r\n|\r|\n")
_CALL = re.compile(r"f\((?:[^()]|\([^()]*\))*\)")


def finding(place: Place, fix: dict[str, Any] | None = RULE.fix, **values: str) -> Finding:
    return Finding(
        rule=replace(RULE, fix=fix),
        message=RULE.message,
        severity=RULE.severity,
        confidence=RULE.confidence,
        persona=RULE.persona,
        place=place,
        excerpt=Excerpt(),
        fingerprint="",
        line_hash="",
        remedy=RULE.remedy,
        values={"callee": "f", "argument": "seed", "position": "", **values},
    )


def finding_at(data: bytes, what: str, path: str = "train.py") -> Finding:
    """A finding of the call of `f` that begins with `what`."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    start = text.index(what)
    match = _CALL.match(text, start)
    assert match is not None
    return finding(Place(path, *_position(text, start), *_position(text, match.end())))


def _position(text: str, offset: int) -> tuple[int, int]:
    starts = [0, *(match.end() for match in _BREAK.finditer(text, 0, offset))]
    return len(starts), offset - starts[-1] + 1
