"""A sign by its name, be it data or code."""

from __future__ import annotations

from functools import cache

from mlaudit.maturity.catalogue import capabilities
from mlaudit.maturity.looks import look_for
from mlaudit.maturity.signs import SIGNS, Sign


@cache
def sign(name: str) -> Sign:
    """What looks for a practice. Raises KeyError for a name that nothing defines."""
    for model in capabilities():
        if name in model.signs:
            return look_for(model.signs[name])
    return SIGNS[name]
