"""Signs about data that code itself asserts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.syntax import AnyValue, Local, PythonFacts, Result
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.project.flow import within

_READERS = re.compile(
    r"^(?:pandas|polars|dask\.dataframe|pyspark)\.(?:\w+\.)*(?:read_\w+|scan_\w+)$"
)


def data_asserted(view: View) -> Iterator[Evidence]:
    """An `assert` on a frame that was read from a file or table."""
    for facts in view.counted:
        if facts.python is not None:
            line = _asserted(facts.python)
            if line:
                says = "an assertion on loaded data"
                yield Evidence(True, says, facts.path, facts.raw_line(line))


def _asserted(python: PythonFacts) -> int:
    loaded = {Result(n) for n, call in enumerate(python.calls) if _READERS.match(call.callee)}
    if not loaded:
        return 0
    names = {binding.name for binding in python.bindings if binding.value in loaded}
    for statement in python.statements:
        if statement.kind == "assert" and any(
            _is_about(part, names, python) for part in within(statement.value)
        ):
            return statement.line
    return 0


def _is_about(value: AnyValue, names: set[str], python: PythonFacts) -> bool:
    if isinstance(value, Local):
        return value.name.partition(".")[0] in names
    if isinstance(value, Result):
        call = python.calls[value.call]
        given = (*call.args, call.receiver)
        return call.local.partition(".")[0] in names or any(
            isinstance(one, Local) and one.name.partition(".")[0] in names for one in given
        )
    return False
