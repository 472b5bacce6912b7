from __future__ import annotations

import pytest
from report_samples import build_audit

from mlaudit.reports.model import Audit


@pytest.fixture
def audit() -> Audit:
    return build_audit()
