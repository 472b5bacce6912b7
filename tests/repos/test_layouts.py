"""Ways to lay out dependencies, each a file of `fixtures/layouts`: its files, and what the rules of
family ENV say of them all, which is mostly nothing.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlaudit.audit import audit
from mlaudit.config import Settings
from mlaudit.rules.model import Persona

LAYOUTS = Path(__file__).parents[2] / "fixtures" / "layouts"
NAMES = sorted(path.stem for path in LAYOUTS.glob("*.yaml"))
SETTINGS = Settings(select=("ENV",), persona=Persona.AUDITOR)


def layout(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((LAYOUTS / f"{name}.yaml").read_text("utf-8"))
    return read


@pytest.mark.parametrize("name", NAMES)
def test_findings_of_a_layout(name: str, tmp_path: Path) -> None:
    wanted = layout(name)
    for path, text in wanted["files"].items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    result = audit([tmp_path], SETTINGS, date(2026, 1, 1))
    found = [
        f"{one.rule.id} {one.place.path}:{one.place.line} {one.severity.value}"
        for one in result.funnel.shown
    ]
    assert not result.crashes
    assert not result.unread
    assert sorted(found) == sorted(wanted.get("expect", []))


def test_most_layouts_are_right_as_they_are() -> None:
    silent = [name for name in NAMES if "expect" not in layout(name)]
    assert len(NAMES) >= 60
    assert len(silent) >= 30
