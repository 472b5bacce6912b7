"""Signs that a machine starts the training: schedules, pushes and events that lead to it."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.project.triggers import training_triggers


def training_triggered(view: View) -> Iterator[Evidence]:
    """A job of CI, a scheduled DAG or a cron object that trains."""
    for one in training_triggers(view):
        yield Evidence(True, one.says, one.path, one.line)
