"""Signs about comparisons of live data with a reference: of what, and with what effect."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import AnyValue, Call, Local, PythonFacts, Result
from mlaudit.knowledge import Names
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.project.linking.reach import within_block

_LIBRARIES = ("evidently", "nannyml", "alibi_detect", "whylogs", "frouros", "deepchecks")
_TWO_SAMPLES = Names(
    ["scipy.stats.ks_2samp", "scipy.stats.wasserstein_distance",
     "scipy.spatial.distance.jensenshannon"]
)  # fmt: skip
_READ = frozenset(
    {"as_dict", "dict", "json", "as_pandas", "to_df", "get_result", "metrics", "add_run",
     "add_report", "add_snapshot", "to_json", "dump_dict"}
)  # fmt: skip
"""Methods by which a program gets at what a report found."""
_TOLD = (
    "requests.post", "httpx.post", "slack_sdk.", "smtplib.", "boto3.client().publish",
    "boto3.client().put_metric_data", "boto3.client().start_", "subprocess.", "prometheus_client.",
    "airflow.", "prefect.", "sentry_sdk.",
)  # fmt: skip


def same_data_on_both_sides(view: View) -> Iterator[Evidence]:
    """Every comparison, where all compare data with itself."""
    found = [(facts, call, *sides) for facts, call, sides in _compared(view)]
    if found and all(one == other for _, _, one, other in found):
        for facts, call, _, _ in found:
            says = "both sides of the comparison are the same data"
            yield Evidence(True, says, facts.path, facts.raw_line(call.line))


def _compared(view: View) -> Iterator[tuple[FileFacts, Call, tuple[AnyValue, AnyValue]]]:
    for facts in _comparing(view):
        python = facts.python
        for call in python.calls if python is not None else ():
            sides = _sides(python, call) if python is not None else None
            if sides is not None and all(isinstance(one, Local | Result) for one in sides):
                yield facts, call, sides


def _sides(python: PythonFacts, call: Call) -> tuple[AnyValue, AnyValue] | None:
    if call.callee in _TWO_SAMPLES and len(call.args) > 1:
        return call.args[0], call.args[1]
    if (call.callee or call.local or call.method).rpartition(".")[2] != "run":
        return None
    current, reference = call.keyword("current_data"), call.keyword("reference_data")
    if current is None and reference is None and len(call.args) > 1:
        current, reference = call.args[0], call.args[1]
    if current is None or reference is None:
        return None
    return _inside(python, current), _inside(python, reference)


def _inside(python: PythonFacts, value: AnyValue) -> AnyValue:
    """The frame that is wrapped into a data set: `Dataset.from_pandas(frame)`."""
    if isinstance(value, Result):
        call = python.calls[value.call]
        if call.callee.startswith("evidently.") and call.args:
            return call.args[0]
    return value


def _comparing(view: View) -> Iterator[FileFacts]:
    for facts in view.counted:
        python = facts.python
        if python is not None and (
            any(one.target.startswith(_LIBRARIES) for one in python.imports)
            or any(call.callee in _TWO_SAMPLES for call in python.calls)
        ):
            yield facts


def drift_only_drawn(view: View) -> Iterator[Evidence]:
    """Reports of drift that become pages, and that no program reads."""
    drawn: list[tuple[FileFacts, Call]] = []
    for facts in _comparing(view):
        for call in facts.python.calls if facts.python is not None else ():
            name = (call.callee or call.local or call.method).rpartition(".")[2]
            if name in _READ or call.callee in _TWO_SAMPLES:
                return
            if name in ("save_html", "show") and _is_report(facts):
                drawn.append((facts, call))
    for facts, call in drawn:
        says = "the comparison becomes a page, and no program reads it"
        yield Evidence(True, says, facts.path, facts.raw_line(call.line))


def _is_report(facts: FileFacts) -> bool:
    python = facts.python
    return python is not None and any(i.target.startswith("evidently") for i in python.imports)


def drift_acted(view: View) -> Iterator[Evidence]:
    """A comparison that runs by itself, and that fails, tells or starts something."""
    running = view.within("schedule") | view.within("serving")
    for facts in _comparing(view):
        python = facts.python
        if python is None or facts.path not in running:
            continue
        line = _acts(python)
        if line:
            says = "a limit on the drift has a consequence"
            yield Evidence(True, says, facts.path, facts.raw_line(line))


def _acts(python: PythonFacts) -> int:
    """The line of what is done under a condition: an error, an exit, a message; 0 for none."""
    branches = [number for number, block in enumerate(python.blocks) if block.kind == "if"]
    for statement in python.statements:
        raises = statement.kind in ("raise", "assert")
        if raises and any(within_block(python, statement.block, one) for one in branches):
            return statement.line
    for call in python.calls:
        name = call.callee or call.local
        acts = name.startswith(_TOLD) or name.rpartition(".")[2] in ("exit", "_exit")
        if acts and any(within_block(python, call.block, one) for one in branches):
            return call.line
    return 0
