"""A sign by its name, be it data or code."""

from __future__ import annotations

from functools import cache

from mlaudit.maturity.catalogue import capabilities
from mlaudit.maturity.looks import look_for
from mlaudit.maturity.signs import SIGNS, Sign


@cache
def sign(name: str) -> Sign:
    """What looks for a practice. Raises KeyError for a name that nothing defines."""
    from mlaudit.maturity.ladder import ladder_model
    from mlaudit.maturity.views import views_model

    others = (ladder_model().signs, views_model().signs)
    for signs in (*(model.signs for model in capabilities()), *others):
        if name in signs:
            return look_for(signs[name])
    return SIGNS[name]
