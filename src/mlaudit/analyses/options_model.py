"""A seed that the user may choose, as the readers of options see it."""

from __future__ import annotations

import re
from typing import NamedTuple

from mlaudit.analyses.reads import Thing
from mlaudit.facts.syntax import Call, Const
from mlaudit.rules.model import Spot

SEED = re.compile(r"(?:[a-z0-9]+_)*seed|random_state", re.IGNORECASE)


class Option(NamedTuple):
    """A seed that the user may choose, and the objects that then hold it."""

    what: str
    field: str
    spot: Spot
    holders: tuple[Thing, ...]
    """Empty where nobody in sight takes it."""


def texts_of(call: Call) -> list[str]:
    """The literal texts among the arguments by position."""
    values = (arg.value for arg in call.args if isinstance(arg, Const))
    return [value for value in values if isinstance(value, str)]
