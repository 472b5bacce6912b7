"""The maturity of a repository as Markdown, for pull requests and pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlaudit.maturity.model import Capability, Maturity, Outcome, Step, StepKind
from mlaudit.reports.escape import markdown, markdown_code, markdown_prose
from mlaudit.reports.maturity_words import (
    LOOSE,
    MARKS,
    beside,
    checklist_text,
    failing,
    following,
    gap_place,
    headline,
    held_text,
    line_text,
    of_kind,
    phases_by_state,
    root_does,
    root_level,
    shown,
)
from mlaudit.reports.words import score_text

MAX_STEPS = 3
MAX_SHOWN = 3


def render(maturity: Maturity) -> str:
    """The whole of it as one document."""
    return "\n\n".join(blocks(maturity)) + "\n"


def blocks(maturity: Maturity) -> Iterator[str]:
    """Headline, dimensions, projects, steps, capabilities, phases, checklist, ladder: one each."""
    yield f"### MLOps maturity: {markdown(headline(maturity))} ({_profile(maturity)})"
    for text in (*beside(maturity.ladder), *maturity.warnings):
        yield markdown(text)
    yield "\n".join(_dimensions(maturity))
    if len(maturity.roots) > 1:
        yield "\n".join(_roots(maturity))
    yield from _steps(maturity)
    yield "\n".join(_capabilities(maturity))
    yield from _lifecycle(maturity)
    yield from _checklist(maturity)
    yield from _requirements(maturity)


def _profile(maturity: Maturity) -> str:
    of = f" of {markdown_code(maturity.root)}" if maturity.root else ""
    return f"profile{of}: {markdown(maturity.profile)}"


def _roots(maturity: Maturity) -> Iterator[str]:
    yield "| Project | Level | Profile | |"
    yield "|-|-|-|-|"
    for one in maturity.roots:
        level, does = markdown(root_level(one)), root_does(one)
        yield f"| {markdown_code(one.path or '.')} | {level} | {markdown(one.profile)} | {does} |"


def _dimensions(maturity: Maturity) -> Iterator[str]:
    yield "| Dimension | Level | Of what can be reached |"
    yield "|-|-|-|"
    for dimension in maturity.dimensions:
        if dimension.score is None:
            yield f"| {markdown(dimension.name)} | | nothing of it applies |"
        else:
            yield f"| {markdown(dimension.name)} | {dimension.level} | {dimension.score:.0%} |"


def _steps(maturity: Maturity) -> Iterator[str]:
    rung = following(maturity.ladder)
    if maturity.ladder.steps and rung is not None:
        yield _list(f"To level {rung.level}, {markdown(rung.name)}:", maturity.ladder.steps)
    loose = of_kind(maturity.roadmap, *LOOSE)
    if loose:
        yield _list("Loose ends:", loose)
    wins = of_kind(maturity.roadmap, StepKind.QUICK_WIN)
    if wins:
        yield _list("Small steps that pay at any level:", wins)


def _list(title: str, steps: Sequence[Step]) -> str:
    items = [f"- {_step(step)}" for step in steps[:MAX_STEPS]]
    return "\n".join([title, "", *items])


def _step(step: Step) -> str:
    where = f", {markdown_code(step.file)}" if step.file and step.file not in step.do else ""
    return f"{markdown_prose(step.do)} ({step.effort} effort{where})"


def _capabilities(maturity: Maturity) -> Iterator[str]:
    yield "| Dimension | Capability | Score | Because |"
    yield "|-|-|-|-|"
    for dimension in maturity.dimensions:
        for capability in dimension.capabilities:
            names = f"{markdown(dimension.name)} | {markdown(capability.name)}"
            yield f"| {names} | {score_text(capability)} | {_because(capability)} |"


def _because(capability: Capability) -> str:
    parts = [markdown(text) for text in (capability.reason, held_text(capability)) if text]
    parts += [
        f"{markdown(one.says)} {_code(one.places[:1])}".rstrip()
        for one in shown(capability.evidence)[:MAX_SHOWN]
    ]
    return "; ".join(parts)


def _code(places: Sequence[str]) -> str:
    return ", ".join(markdown_code(place) for place in places)


def _lifecycle(maturity: Maturity) -> Iterator[str]:
    states = phases_by_state(maturity.lifecycle)
    if states:
        told = [f"{markdown(', '.join(names))} {state}" for state, names in states.items()]
        yield f"Life of a model: {'; '.join(told)}."
    gaps = [
        f"| {markdown(one.name)} | {markdown(gap.edge)} | {markdown(gap.says)} "
        f"| {_code([place] if (place := gap_place(gap)) else [])} |"
        for one in maturity.patterns
        for gap in one.gaps
    ]
    if gaps:
        yield "\n".join(["| Pattern | Gap | | |", "|-|-|-|-|", *gaps])


def _checklist(maturity: Maturity) -> Iterator[str]:
    if not any(line.counts for line in maturity.checklist):
        return
    items = []
    for line in failing(maturity.checklist):
        places = [place for one in shown(line.evidence) for place in one.places][:1]
        text = f"{markdown(line_text(line))} {_code(places)}".rstrip()
        items.append(f"- {MARKS[line.outcome]}: {text}")
    head = f"Reproducibility: {checklist_text(maturity.checklist)}."
    yield "\n".join([head, "", *items]) if items else head


def _requirements(maturity: Maturity) -> Iterator[str]:
    ladder = maturity.ladder
    asked = [
        f"| {rung.level} | {markdown(one.says)} | {one.outcome.value} | {markdown(one.reason)} |"
        for rung in ladder.rungs[1 : ladder.reachable + 1]
        for one in rung.requirements
        if one.outcome is not Outcome.NOT_APPLICABLE
    ]
    if asked:
        yield "\n".join(["| Level | Requirement | Met | |", "|-|-|-|-|", *asked])
