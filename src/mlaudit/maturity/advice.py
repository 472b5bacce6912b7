"""What to do next, with the tool that fits what is in use already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mlaudit.maturity.catalogue import Advice, CapabilityModel, is_rule
from mlaudit.maturity.catalogue_views import roadmap_model
from mlaudit.maturity.model import Step
from mlaudit.maturity.signing import seen
from mlaudit.maturity.view import View
from mlaudit.project.practices.catalogue import Strength, catalogue


def next_step(model: CapabilityModel, score: int, view: View, held: Sequence[str]) -> Step | None:
    """What lifts a capability by one; None where nothing is left to do.

    `held`: the rules and facts that hold it down, which come first.
    """
    if held:
        return _mend(model, view, held)
    if score >= len(model.steps):
        return None
    return advised(model.steps[score], view, model.phase, model.id)


def _mend(model: CapabilityModel, view: View, held: Sequence[str]) -> Step:
    rules = [name for name in held if is_rule(name)]
    facts = [one for name in held if name not in rules for one in seen(view, name)]
    places = [one.spot.path for one in view.matches if one.rule in rules]
    text = f"Mend what {' and '.join(rules)} found: it holds this capability down."
    if not rules:
        text = f"Mend what holds this capability down: {facts[0].says}."
    file = (places or [one.path for one in facts])[0]
    return Step("small", "foundation", text, model.id, file="" if file == "." else file)


def advised(advice: Advice, view: View, phase: str, capability: str = "") -> Step:
    """The step as it fits a repository."""
    used = tools_used(view)
    chosen = _chosen(advice, used, capability)
    model = roadmap_model()
    return Step(
        advice.effort,
        advice.phase or phase,
        _words(advice, chosen),
        capability,
        file=_file(advice, view),
        alternatives=_alternatives(advice, used) if chosen is None else (),
        horizon=next((one for one, names in model.horizons.items() if capability in names), ""),
    )


def tools_used(view: View) -> Counter[str]:
    """Tools that are called, and in how many places; those that ended are left out."""
    called = Counter(one.tool for one in view.tools if one.strength is Strength.CALLED)
    for ended in roadmap_model().ended:
        if not ended.sign:
            del called[ended.tool]
    return called


def rivals_of(tool: str) -> frozenset[str]:
    """All tools that do the work of this one, itself among them."""
    groups = (group for group in roadmap_model().rivals.values() if tool in group)
    return frozenset(one for group in groups for one in group)


def _chosen(advice: Advice, used: Counter[str], capability: str) -> str | None:
    """The tool in use that the step is done with: first one that does such work already, then a
    platform, then any other; of several the one seen in most places."""
    rivals = rivals_of(advice.tool)
    fitting = [
        tool
        for tool in (advice.tool, *advice.instead, *sorted(rivals if advice.plain else ()))
        if used[tool]
    ]
    order = list(advice.instead)

    def rank(tool: str) -> tuple[int, int, int]:
        if tool in rivals or tool == advice.tool or capability in catalogue()[tool].gives:
            kind = 1 if tool in roadmap_model().platforms else 0
        else:
            kind = 1 if tool in roadmap_model().platforms else 2
        return kind, -used[tool], order.index(tool) if tool in order else -1

    return min(fitting, key=rank, default=None)


def _words(advice: Advice, tool: str | None) -> str:
    if tool is None or tool == advice.tool:
        return advice.do
    return advice.instead.get(tool) or advice.plain.format(tool=catalogue()[tool].name)


def _alternatives(advice: Advice, used: Counter[str]) -> tuple[str, ...]:
    """Other tools, each with when it fits; those that live in a cluster only where there is one."""
    tools = catalogue()
    return tuple(
        f"{tools[name].name if name in tools else name}: {when}"
        for name, when in advice.alternatives.items()
        if used["kubernetes"] or name not in roadmap_model().cluster
    )


def _file(advice: Advice, view: View) -> str:
    """The file to touch: where it shows itself today, or a new one."""
    shown = (one.path for name in advice.touch for one in seen(view, name))
    return next((path for path in shown if path != "."), advice.new)
