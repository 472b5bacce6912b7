"""Words that the reports of maturity share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mlaudit.maturity.model import (
    Capability,
    ChecklistLine,
    Dimension,
    Evidence,
    Gap,
    Ladder,
    Maturity,
    Outcome,
    Phase,
    RootLevel,
    Rung,
    Step,
    StepKind,
)
from mlaudit.reports.words import counted, evidence_text

MARKS = {
    Outcome.TRUE: "yes",
    Outcome.FALSE: "no",
    Outcome.NOT_AVAILABLE: "not known",
    Outcome.NOT_APPLICABLE: "not asked",
}
MAX_NAMES = 2
"""Names of functions and commands that show one thing."""
LOOSE = (StepKind.MIGRATE, StepKind.CHOOSE, StepKind.FINISH)


class Shown(NamedTuple):
    """What was seen, once, with all the places that show it."""

    says: str
    places: tuple[str, ...]


def headline(maturity: Maturity) -> str:
    """`level 1 of 4, DevOps, no MLOps`, with what may be above it."""
    ladder = maturity.ladder
    name = f", {ladder.rungs[ladder.level].name}" if ladder.rungs else ""
    return f"level {ladder.level} of {ladder.reachable}{name}"


def beside(ladder: Ladder) -> Iterator[str]:
    """What stands beside the level: one that is possible, and one with what people declare."""
    if ladder.possible > ladder.level:
        why = f": {'; '.join(ladder.unsettled)}" if ladder.unsettled else ""
        yield f"possibly level {ladder.possible}{why}"
    if ladder.declared > ladder.level:
        yield f"level {ladder.declared} with what is declared"


def root_level(root: RootLevel) -> str:
    """`1 of 4, possibly 2, 3 with what is declared`"""
    parts = [f"{root.level} of {root.reachable}"]
    if root.possible > root.level:
        parts.append(f"possibly {root.possible}")
    if root.declared > root.level:
        parts.append(f"{root.declared} with what is declared")
    return ", ".join(parts)


def root_does(root: RootLevel) -> str:
    """`trains and serves`; empty when it does neither."""
    does = (("trains", root.trains), ("serves", root.serves))
    return " and ".join(word for word, is_so in does if is_so)


def following(ladder: Ladder) -> Rung | None:
    """The level that the steps lead to."""
    settled = (Outcome.TRUE, Outcome.NOT_APPLICABLE)
    return next(
        (
            rung
            for rung in ladder.rungs[ladder.level + 1 : ladder.reachable + 1]
            if any(one.outcome not in settled for one in rung.requirements)
        ),
        None,
    )


def state_text(rung: Rung, ladder: Ladder) -> str:
    """`reached`, or how much of it is there already."""
    if rung.level <= ladder.level:
        return "reached"
    asked = [one for one in rung.requirements if one.outcome is not Outcome.NOT_APPLICABLE]
    met = sum(one.outcome is Outcome.TRUE for one in asked)
    return f"{met} of {len(asked)} met" if asked else "nothing of it applies"


def shown(evidence: Iterable[Evidence]) -> tuple[Shown, ...]:
    """Each thing that was seen, once; names and places of one kind side by side: `a search is run:
    'optuna.create_study', 'study.optimize' (a.py:3, 9)`."""
    names: dict[str, dict[str, None]] = {}
    files: dict[str, dict[str, list[int]]] = {}
    for one in evidence:
        says, quote, name = evidence_text(one).partition(": '")
        names.setdefault(says, {}).update({f"'{name}": None} if quote else {})
        lines = files.setdefault(says, {}).setdefault(one.path, [])
        if one.line not in lines:
            lines.append(one.line)
    return tuple(Shown(_named(says, [*names[says]]), tuple(_places(files[says]))) for says in names)


def _named(says: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"{says}: {', '.join(names[:MAX_NAMES])}{more}" if names else says


def _places(files: dict[str, list[int]]) -> Iterator[str]:
    for path, lines in files.items():
        if path != ".":
            yield f"{path}:{', '.join(map(str, lines))}"


def held_text(capability: Capability) -> str:
    """What lowers a score, and what would have; empty when nothing does."""
    parts = []
    if capability.capped_by and capability.by_signs is not None:
        parts.append(f"{capability.by_signs} by signs, capped by {', '.join(capability.capped_by)}")
    if capability.unsettled and capability.possible is not None:
        parts.append(f"possibly {capability.possible}: {'; '.join(capability.unsettled)}")
    if capability.declared is not None:
        one = capability.declared
        parts.append(f"{one.level} declared by {one.owner} until {one.expires}")
    parts += [f"{one.rule} accepted: {one.reason}" for one in capability.accepted]
    return "; ".join(parts)


def not_asked(dimension: Dimension) -> dict[str, list[str]]:
    """Reason: the capabilities that do not apply for it."""
    reasons: dict[str, list[str]] = {}
    for one in dimension.capabilities:
        if one.outcome is Outcome.NOT_APPLICABLE:
            reasons.setdefault(one.reason, []).append(one.name)
    return reasons


def phases_by_state(phases: Sequence[Phase]) -> dict[str, list[str]]:
    """`seen`, `by name`, `not seen`, `not asked`: the phases of which that is true."""
    states: dict[str, list[str]] = {"seen": [], "by name": [], "not seen": [], "not asked": []}
    for one in phases:
        states[phase_state(one)].append(one.name)
    return {state: names for state, names in states.items() if names}


def phase_state(phase: Phase) -> str:
    if phase.outcome is Outcome.TRUE:
        return "by name" if phase.by_name else "seen"
    return "not asked" if phase.outcome is Outcome.NOT_APPLICABLE else "not seen"


def gap_place(gap: Gap) -> str:
    """Place and rule of a gap, as far as there are any."""
    place = "" if gap.path == "." else f"{gap.path}:{gap.line}"
    return ", ".join(filter(None, (place, gap.rule)))


def checklist_text(lines: Sequence[ChecklistLine]) -> str:
    """`12 of 15 lines hold, 1 is not known`."""
    asked = [line for line in lines if line.counts]
    held = sum(line.outcome is Outcome.TRUE for line in asked)
    settled = sum(line.outcome in (Outcome.TRUE, Outcome.FALSE) for line in asked)
    unknown = len(asked) - settled
    more = f", {unknown} could not be told" if unknown else ""
    return f"{held} of {counted(settled, 'line')} hold{more}"


def failing(lines: Sequence[ChecklistLine]) -> tuple[ChecklistLine, ...]:
    """The lines that do not hold, then those that could not be told."""
    wanted = (Outcome.FALSE, Outcome.NOT_AVAILABLE)
    return tuple(one for state in wanted for one in lines if one.counts and one.outcome is state)


def line_text(line: ChecklistLine) -> str:
    """What a line asks, and why it is what it is; what is lacking says both."""
    reason = line.reason or "; ".join(dict.fromkeys(one.says for one in line.evidence))
    lacks = line.outcome is Outcome.FALSE and not any(one.rule for one in line.evidence)
    return reason if lacks and reason else f"{line.says}: {reason}" if reason else line.says


def of_kind(steps: Sequence[Step], *kinds: StepKind) -> list[Step]:
    return [step for step in steps if step.kind in kinds]
