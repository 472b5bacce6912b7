"""A sign by its name, be it data or code."""

from __future__ import annotations

from functools import cache

from mlaudit.maturity.catalogue import capabilities, ladder_model, views_model
from mlaudit.maturity.looks import look_for
from mlaudit.maturity.signs import SIGNS, Sign


@cache
def sign(name: str) -> Sign:
    """What looks for a practice. Raises KeyError for a name that nothing defines."""
    others = (ladder_model().signs, views_model().signs)
    for signs in (*(model.signs for model in capabilities()), *others):
        if name in signs:
            return look_for(signs[name])
    return SIGNS[name]
