from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_mlaudit_finds_nothing_to_mend_in_itself() -> None:
    command = [sys.executable, "-m", "mlaudit", str(ROOT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "settings: pyproject.toml" in done.stderr
