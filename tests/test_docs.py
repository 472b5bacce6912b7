"""Generated pages are as their sources say."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

GENERATOR = Path(__file__).parents[1] / "docs" / "generate.py"


def test_the_page_of_rules_is_fresh() -> None:
    """Rewrite it with UPDATE=1."""
    generated = runpy.run_path(str(GENERATOR))
    text = generated["page"]()
    if os.environ.get("UPDATE"):
        generated["PAGE"].write_text(text, encoding="utf-8")
    assert generated["PAGE"].read_text(encoding="utf-8") == text
