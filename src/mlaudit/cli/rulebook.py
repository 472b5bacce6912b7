"""The rules as `explain` and `rules` look at them: mlaudit's own, and the packs of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlaudit.rules.loading import RuleSet


def load() -> RuleSet:
    """Raises ConfigError and RulePackError."""
    from mlaudit.config import load_settings
    from mlaudit.rules.loading import load_rules

    settings = load_settings([Path()])
    return load_rules([Path(pack) for pack in settings.rule_packs])
