"""What the level rests on, for people: capabilities, phases, the checklist, the ladder."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.maturity.model import Capability, Dimension, Maturity, Outcome, Rung
from mlaudit.reports.escape import terminal
from mlaudit.reports.maturity_words import (
    MARKS,
    checklist_text,
    failing,
    following,
    gap_place,
    held_text,
    line_text,
    not_asked,
    phases_by_state,
    root_does,
    root_level,
    shown,
    state_text,
)
from mlaudit.reports.painting import Painter, wrapped
from mlaudit.reports.words import score_text

MAX_SHOWN = 2
"""Things named for a capability; the JSON report has all."""
MAX_PLACES = 2
MAX_ROOTS = 10
NAME = 25
"""Columns for the longest name of a capability, and a gap."""
STATE = 11
NOTHING = "nothing seen"
_STYLES = {0: "red", 1: "yellow", 2: "green", 3: "bold green"}
_OUTCOMES = {"yes": "green", "no": "red"}


def row(label: str, text: str, painter: Painter, width: int, style: str = "") -> Iterator[str]:
    """A label, and beside it a text that keeps to its column."""
    indent = 4 + width
    first, *rest = wrapped(terminal(text), painter.width, first=indent, rest=indent)
    padded = f"{terminal(label):<{width}}"
    yield f"    {painter.paint(padded, style) if style else padded}{first}"
    yield from (" " * indent + line for line in rest)


def title(text: str, painter: Painter) -> str:
    return "  " + painter.paint(terminal(text), "bold")


def roots(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """Where each project of the repository stands, where there are several: the lowest first."""
    if len(maturity.roots) < 2:
        return
    found = sorted(maturity.roots, key=lambda one: (not (one.trains or one.serves), one.level))
    named = found[:MAX_ROOTS]
    yield title("Projects", painter)
    width = max(len(one.path or ".") for one in named) + 2
    for one in named:
        parts = (f"level {root_level(one)}", one.profile, root_does(one))
        yield from row(one.path or ".", ", ".join(filter(None, parts)), painter, width)
    if len(found) > MAX_ROOTS:
        yield f"    and {len(found) - MAX_ROOTS} more"
    yield ""


def capabilities(dimension: Dimension, painter: Painter) -> Iterator[str]:
    """The capabilities of a dimension with what was seen; what does not apply in one line each."""
    yield title(dimension.name, painter)
    for one in dimension.capabilities:
        if one.outcome is not Outcome.NOT_APPLICABLE:
            yield from _capability(one, painter)
    for reason, names in not_asked(dimension).items():
        text = f"not asked: {reason}" if reason else "not asked"
        if len(names) == 1:
            yield from row(names[0], text, painter, NAME, "dim")
        else:
            yield from row("not asked", f"{', '.join(names)}: {reason}", painter, NAME, "dim")
    yield ""


def _capability(capability: Capability, painter: Painter) -> Iterator[str]:
    score = f"{score_text(capability):<9}"
    style = "dim" if capability.score is None else _STYLES[capability.score]
    seen = list(_seen(capability)) or [NOTHING]
    indent = 4 + NAME + len(score)
    for number, text in enumerate(seen):
        label = f"    {terminal(capability.name):<{NAME}}" if not number else ""
        head = label + painter.paint(score, style) if label else " " * indent
        first, *rest = wrapped(terminal(text), painter.width, first=indent, rest=indent + 2)
        yield head + (painter.paint(first, "dim") if text == NOTHING else first)
        yield from (" " * (indent + 2) + line for line in rest)


def _seen(capability: Capability) -> Iterator[str]:
    """One line each: what holds it down, what was seen, and how much more."""
    for text in (capability.reason, held_text(capability)):
        if text:
            yield text
    things = shown(capability.evidence)
    for one in things[:MAX_SHOWN]:
        places = "; ".join(one.places[:MAX_PLACES])
        more = len(one.places) - MAX_PLACES
        places += f" and {more} more" if more > 0 else ""
        yield f"{one.says} ({places})" if places else one.says
    if len(things) > MAX_SHOWN:
        yield f"and {len(things) - MAX_SHOWN} more"


def lifecycle(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """Which phases were seen, and what is missing between them."""
    if not maturity.lifecycle:
        return
    yield title("Life of a model", painter)
    for state, names in phases_by_state(maturity.lifecycle).items():
        style = {"seen": "green", "not seen": "red"}.get(state, "dim")
        yield from row(state, ", ".join(names), painter, STATE, style)
    yield ""
    gaps = [(one.name, gap) for one in maturity.patterns for gap in one.gaps]
    if gaps:
        yield title("Gaps", painter)
        width = max(len(f"{name}: {gap.edge}") for name, gap in gaps) + 2
        for name, gap in gaps:
            place = gap_place(gap)
            text = f"{gap.says} ({place})" if place else gap.says
            yield from row(f"{name}: {gap.edge}", text, painter, width)
        yield ""


def checklist(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """How many lines of reproducibility hold, and which do not."""
    if not any(line.counts for line in maturity.checklist):
        return
    yield title(f"Reproducibility: {checklist_text(maturity.checklist)}", painter)
    for line in failing(maturity.checklist):
        mark = MARKS[line.outcome]
        places = [place for one in shown(line.evidence) for place in one.places][:1]
        where = f" ({places[0]})" if places else ""
        yield from row(
            mark, f"{line_text(line)}{where}", painter, STATE, _OUTCOMES.get(mark, "dim")
        )
    yield ""


def ladder(maturity: Maturity, painter: Painter) -> Iterator[str]:
    """Each level in a line; the next one with all that it asks, others with what is met already."""
    found = maturity.ladder
    upcoming = following(found)
    for rung in found.rungs[1 : found.reachable + 1]:
        state = state_text(rung, found)
        yield title(f"Level {rung.level}, {rung.name}: {state}", painter)
        if rung is upcoming:
            yield from _asked(rung, painter)
        elif rung.level > found.level:
            for one in rung.requirements:
                if one.id in found.banked:
                    yield from row("yes", f"{one.says}, already", painter, STATE, "green")
    if found.reachable:
        yield ""


def _asked(rung: Rung, painter: Painter) -> Iterator[str]:
    for one in rung.requirements:
        mark = MARKS[one.outcome]
        text = f"{one.says}; {one.reason}" if one.reason else one.says
        if one.declared is not None:
            text += f" (declared by {one.declared.owner} until {one.declared.expires})"
        yield from row(mark, text, painter, STATE, _OUTCOMES.get(mark, "dim"))
