"""What to do next, all together: the next level, what is cheap, and loose ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import structs

from mlaudit.maturity.advice import advised, tools_used
from mlaudit.maturity.catalogue_views import roadmap_model
from mlaudit.maturity.model import Capability, Dimension, Ladder, Step, StepKind
from mlaudit.maturity.signing import seen
from mlaudit.maturity.view import View
from mlaudit.project.nature import Nature
from mlaudit.project.practices.catalogue import Strength, catalogue
from mlaudit.project.practices.tools import ToolSign

SMALL = "small"
PHASES = ("foundation", "automation", "production", "optimization")
LONGEST = 40
"""Characters of a string that may name a tool."""


def roadmap(view: View, capabilities: Sequence[Capability], ladder: Ladder) -> tuple[Step, ...]:
    """The steps to the next level, then what is cheap at any level, then loose ends."""
    wins = _quick_wins(capabilities, ladder)
    return (*ladder.steps, *wins, *_ended(view), *_rivals(view), *_unused(view))


def with_fitting_steps(dimension: Dimension, steps: Sequence[Step]) -> Dimension:
    """The dimension without steps that are not on the roadmap: too far off to be of use yet."""
    kept = frozenset(steps)
    capabilities = tuple(
        one
        if one.next_step is None or _as_win(one.next_step) in kept or one.next_step in kept
        else structs.replace(one, next_step=None)
        for one in dimension.capabilities
    )
    return structs.replace(dimension, capabilities=capabilities)


def _quick_wins(capabilities: Sequence[Capability], ladder: Ladder) -> list[Step]:
    planned = {step.capability for step in ladder.steps}
    wins = [
        _as_win(one.next_step)
        for one in capabilities
        if one.next_step is not None and one.next_step.effort == SMALL and one.id not in planned
    ]
    return sorted(wins, key=lambda step: PHASES.index(step.phase))


def _as_win(step: Step) -> Step:
    return structs.replace(step, kind=StepKind.QUICK_WIN)


def _ended(view: View) -> Iterator[Step]:
    """Services and versions in use that ended."""
    for model in roadmap_model().ended:
        signs = [one for one in view.tools if one.tool == model.tool]
        in_use = [one.path for one in signs if one.strength is not Strength.DECLARED]
        if model.sign:
            in_use = [one.path for one in seen(view, model.sign)]
        if in_use:
            step = advised(model.step, view, "foundation")
            yield structs.replace(step, kind=StepKind.MIGRATE, file=in_use[0])


def _rivals(view: View) -> Iterator[Step]:
    """Tools that do the same work side by side: one of them is enough."""
    used = tools_used(view)
    for work, tools in roadmap_model().rivals.items():
        found = sorted((tool for tool in tools if used[tool]), key=lambda tool: -used[tool])
        if len(found) < 2 or any(set(found) <= set(pair) for pair in roadmap_model().together):
            continue
        places = {one.tool: one.path for one in reversed(view.tools) if _called(one)}
        names = [f"{catalogue()[tool].name} (`{places[tool]}`)" for tool in found]
        text = f"Choose one tool for {work}: {', '.join(names[:-1])} and {names[-1]} are in use."
        file = places[found[-1]]
        yield Step("medium", "foundation", text, file=file, kind=StepKind.CHOOSE)


def _called(sign: ToolSign) -> bool:
    return sign.strength is Strength.CALLED


def _unused(view: View) -> Iterator[Step]:
    """Tools that a manifest or a file of theirs names, and nothing uses."""
    known = {tool for tools in roadmap_model().rivals.values() for tool in tools}
    stronger = {one.tool for one in view.tools if one.strength is not Strength.DECLARED}
    named: dict[str, ToolSign] = {}
    for sign in view.tools:
        if sign.tool in known - stronger and _is_asked_for(sign, view):
            named.setdefault(sign.tool, sign)
    spoken = _spoken(view) if named else ""
    for tool, sign in sorted(named.items()):
        if not any(name.partition(".")[0] in spoken for name in catalogue()[tool].imports):
            name = catalogue()[tool].name
            text = f"Finish {name} or remove it: `{sign.path}` names it, and nothing calls it."
            yield Step(SMALL, "foundation", text, file=sign.path, kind=StepKind.FINISH)


def _is_asked_for(sign: ToolSign, view: View) -> bool:
    """Whether people wrote it down: no lock, no list of what happens to be installed."""
    facts = view.project.facts.get(sign.path)
    if facts is None or facts.manifest is None or facts.manifest.compiled_by:
        return False
    root = view.project.environment.root_of(sign.path)
    return view.project.nature(root) is not Nature.LIBRARY


def _spoken(view: View) -> str:
    """All that code imports and all short strings in it, tests and examples among them: what wraps
    a tool or switches it on bears its name (`ray.tune.search.hyperopt`, `report_to="wandb"`)."""
    words: set[str] = set()
    for facts in view.project.facts.values():
        if facts.python is not None:
            words.update(item.target for item in facts.python.imports)
            words.update(text.value for text in facts.python.texts if len(text.value) <= LONGEST)
    return "\n".join(sorted(words)).lower()
