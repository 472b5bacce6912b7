"""One module for each format. A report formats; it never filters, counts or judges."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mlaudit.reports.model import Audit

Report: TypeAlias = "Callable[[Audit], str]"

FORMATS = {
    "text": "mlaudit.reports.text:render",
    "json": "mlaudit.reports.json:render",
    "sarif": "mlaudit.reports.sarif:render",
    "github": "mlaudit.reports.github:render",
    "markdown": "mlaudit.reports.markdown:render",
    "html": "mlaudit.reports.html:render",
}
"""Where each format is made. A module is imported when its format is asked for."""


def report(name: str) -> Report:
    """What renders the format of this name. Raises KeyError for one that there is not."""
    module, _, function = FORMATS[name].partition(":")
    found: Report = getattr(import_module(module), function)
    return found
