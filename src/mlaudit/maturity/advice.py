"""What lifts a capability by one, with the tool that fits what is in use already."""

from __future__ import annotations

from mlaudit.maturity.catalogue import CapabilityModel
from mlaudit.maturity.model import Step
from mlaudit.maturity.view import View
from mlaudit.project.catalogue import Strength


def next_step(model: CapabilityModel, score: int, view: View) -> Step | None:
    """None where nothing is left to do."""
    if score >= len(model.steps):
        return None
    advice = model.steps[score]
    used = {one.tool for one in view.tools if one.strength is Strength.CALLED}
    fitting = (text for tool, text in advice.instead.items() if tool in used)
    return Step(advice.effort, model.phase, next(fitting, advice.do), model.id)
