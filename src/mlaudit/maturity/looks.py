"""Signs that are data, as evidence for a level."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View
from mlaudit.project.practices.looks import Sight, SignModel


def look_for(
    model: SignModel, seen: Callable[[View, str], tuple[Evidence, ...]]
) -> Callable[[View], Iterator[Evidence]]:
    """The sign, ready to be asked: the first pieces of evidence of each way.

    `seen` shows another sign.
    """

    def sign(view: View) -> Iterator[Evidence]:
        sights = tuple(_different(model, view) if model.distinct > 1 else _first(model, view))
        others = [seen(view, name) for name in model.beside] if sights else []
        if all(others):
            for one in sights:
                yield Evidence(True, one.says, one.path, one.line, one.strength, one.tool)
            for other in others:
                yield from other

    return sign


def _first(model: SignModel, view: View) -> Iterator[Sight]:
    for look in model.any:
        yield from islice(view.sees(look, model.says), MOST)


def _different(model: SignModel, view: View) -> tuple[Sight, ...]:
    """One sight of each thing, where there are enough of them."""
    named: dict[str, Sight] = {}
    for look in model.any:
        for one in view.sees(look, model.says):
            named.setdefault(one.name.lower(), one)
    return tuple(named.values())[:MOST] if len(named) >= model.distinct else ()
