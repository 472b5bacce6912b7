"""The maturity of a repository as Markdown, for pull requests and pages."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.maturity.model import Capability, Maturity, Outcome
from mlaudit.reports.escape import markdown, markdown_code, markdown_prose
from mlaudit.reports.words import evidence_text, score_text

MAX_STEPS = 3


def render(maturity: Maturity) -> str:
    """The whole of it as one document."""
    return "\n\n".join(blocks(maturity)) + "\n"


def blocks(maturity: Maturity) -> Iterator[str]:
    """Headline, dimensions, next steps, capabilities: one block each."""
    ladder = maturity.ladder
    name = ladder.rungs[ladder.level].name if ladder.rungs else ""
    yield (
        f"### MLOps maturity: level {ladder.level} of {ladder.reachable}, {markdown(name)} "
        f"(profile: {markdown(maturity.profile)})"
    )
    yield "\n".join(_dimensions(maturity))
    if ladder.steps:
        following = ladder.rungs[ladder.level + 1]
        steps = [
            f"- {markdown_prose(step.do)} ({step.effort} effort)"
            for step in ladder.steps[:MAX_STEPS]
        ]
        title = f"To level {following.level}, {markdown(following.name)}:"
        yield "\n".join([title, "", *steps])
    yield "\n".join(_capabilities(maturity))
    yield from _requirements(maturity)


def _dimensions(maturity: Maturity) -> Iterator[str]:
    yield "| Dimension | Level | Of what can be reached |"
    yield "|-|-|-|"
    for dimension in maturity.dimensions:
        if dimension.score is None:
            yield f"| {markdown(dimension.name)} | | nothing of it applies |"
        else:
            yield f"| {markdown(dimension.name)} | {dimension.level} | {dimension.score:.0%} |"


def _capabilities(maturity: Maturity) -> Iterator[str]:
    yield "| Dimension | Capability | Score | Because |"
    yield "|-|-|-|-|"
    for dimension in maturity.dimensions:
        for capability in dimension.capabilities:
            names = f"{markdown(dimension.name)} | {markdown(capability.name)}"
            yield f"| {names} | {score_text(capability)} | {_because(capability)} |"


def _because(capability: Capability) -> str:
    parts = [markdown(capability.reason)] if capability.reason else []
    if capability.capped_by:
        parts.append(f"capped by {markdown(', '.join(capability.capped_by))}")
    parts += [
        f"{markdown(evidence_text(one))} {markdown_code(f'{one.path}:{one.line}')}"
        for one in capability.evidence[:3]
    ]
    return "; ".join(parts)


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
