from __future__ import annotations

from pathlib import Path

import pytest
from findings_samples import MakeRepo


@pytest.fixture
def make_repo(tmp_path: Path) -> MakeRepo:
    return MakeRepo(tmp_path)
