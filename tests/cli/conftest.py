from __future__ import annotations

from pathlib import Path

import pytest

RULE = """
id: OWN001
name: home-made-draw
summary: A draw from the global generator
severity: warning
confidence: high
persona: regular
since: 0.1.0
contexts: [src, scripts, notebooks]
detect:
  call:
    to: numpy.random.rand
message: "'{callee}' draws from the global generator"
why: Any other code may move the global generator, and then every draw that follows changes.
remedy: Pass a generator along.
examples:
  - bad: |
      import numpy as np
      np.random.rand(3)  #! OWN001
  - good: |
      import numpy as np
      np.random.default_rng(1).random(3)
  - good: |
      def rand(): ...
      rand()
"""
TRAIN = "import numpy as np\n\nx = np.random.rand(3)\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: one file, and a rule of its own that finds one warning in line 3."""
    root = tmp_path / "repository"
    (root / "pack").mkdir(parents=True)
    (root / "pack/home-made-draw.yaml").write_text(RULE)
    (root / "train.py").write_text(TRAIN)
    (root / "mlaudit.toml").write_text('rule-packs = ["pack"]\nselect = ["OWN"]\n')
    monkeypatch.chdir(root)
    return root
