"""A sign by its name, be it data or code."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

from mlaudit.maturity.catalogue import capabilities, ladder_model
from mlaudit.maturity.catalogue_views import (
    checklist_model,
    patterns_model,
    roadmap_model,
    views_model,
)
from mlaudit.maturity.checklist import checklist, every_line_holds
from mlaudit.maturity.looks import look_for
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.signs import SIGNS, Sign
from mlaudit.maturity.view import View
from mlaudit.project.practices.looks import SignModel


@cache
def sign(name: str) -> Sign:
    """What looks for a practice. Raises KeyError for a name that nothing defines."""
    model = looks_of(name)
    if model is not None:
        return look_for(model, seen)
    return _checklist_holds if name == "checklist-holds" else SIGNS[name]


@cache
def looks_of(name: str) -> SignModel | None:
    """The sign where it is data; None for one that is code."""
    files = (ladder_model().signs, views_model().signs, checklist_model().signs)
    more = (roadmap_model().signs, patterns_model().signs)
    own = (model.signs for model in capabilities())
    for signs in (*own, *files, *more):
        if name in signs:
            return signs[name]
    return None


def seen(view: View, name: str) -> tuple[Evidence, ...]:
    """What a sign shows; it looks once, however often it is asked."""
    if name not in view.shown:
        view.shown[name] = tuple(sign(name)(view))
    return view.shown[name]


def _checklist_holds(view: View) -> Iterator[Evidence]:
    yield from every_line_holds(checklist(view, partial(seen, view)))
