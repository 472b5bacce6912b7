"""Which rules the user asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlaudit.config import Settings
from mlaudit.rules.model import Persona, Rule

EVERYTHING = "ALL"


def enabled(rules: Mapping[str, Rule], settings: Settings) -> dict[str, Rule]:
    """The rules of which something can be shown, by id: selected, and for this persona.

    A rule that is selected by its full id or name is shown to everybody.
    """
    return {
        rule.id: rule
        for rule in rules.values()
        if is_selected(rule, settings) and shows(rule, rule.persona, settings)
    }


def is_selected(rule: Rule, settings: Settings) -> bool:
    """Whether `select` names the rule more exactly than `ignore` does."""
    selected = _exactness(rule, settings.select or (EVERYTHING,))
    return selected > _exactness(rule, settings.ignore)


def shows(rule: Rule, persona: Persona, settings: Settings) -> bool:
    """Whether this persona's findings of a selected rule are for the user."""
    named = rule.id in settings.select or rule.name in settings.select
    return named or persona.rank <= settings.persona.rank


def unknown_selectors(selectors: Sequence[str], rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """Those that no rule answers to."""
    return tuple(
        selector
        for selector in selectors
        if not any(_exactness(rule, (selector,)) >= 0 for rule in rules.values())
    )


def _exactness(rule: Rule, selectors: Sequence[str]) -> int:
    """Characters of the id that the best selector settles; -1 when none fits."""
    best = -1
    for selector in selectors:
        if selector == EVERYTHING:
            best = max(best, 0)
        elif selector == rule.name:
            best = len(rule.id)
        elif selector and rule.id.startswith(selector):
            best = max(best, len(selector))
    return best
