"""Signs about the looks that code takes at its data, and about features on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import (
    AnyValue,
    Binding,
    Const,
    Global,
    Item,
    Local,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import Names
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.patterns import Gated
from mlaudit.project.linking.reach import within_block
from mlaudit.project.values.flow import within

FITS = frozenset({"fit", "fit_transform", "fit_predict", "partial_fit", "train", "backward"})
_RAISING = ("pandera.**.validate", ".validate")
_RETURNING = (
    "great_expectations.**.validate", "great_expectations.**.run",
    "great_expectations.**.run_checkpoint", "tensorflow_data_validation.validate_statistics",
    "deepchecks.**.run", "soda.scan.Scan.execute",
)  # fmt: skip
_VALIDATORS = ("pandera", "great_expectations", "tensorflow_data_validation", "deepchecks", "soda")
_TESTED_LATER = frozenset({"assert_no_checks_fail", "has_check_fails", "assert_no_error_logs"})


@cache
def _readers() -> re.Pattern[str]:
    return re.compile(
        r"^(?:pandas|polars|dask\.dataframe|pyspark)\.(?:[\w()]+\.)*(?:read_\w+|scan_\w+)$"
    )


def data_asserted(view: View) -> Iterator[Evidence]:
    """An `assert` on a frame that was read from a file or table, or an error raised for it."""
    calls = view.project.callees.files.items()
    reading = {path for name, paths in calls if _readers().match(name) for path in paths}
    for facts in view.counted:
        if facts.python is not None and facts.path in reading:
            line = _asserted(facts.python)
            if line:
                says = "an assertion on loaded data"
                yield Evidence(True, says, facts.path, facts.raw_line(line))


def _asserted(python: PythonFacts) -> int:
    loaded = {Result(n) for n, call in enumerate(python.calls) if _readers().match(call.callee)}
    if not loaded:
        return 0
    names = {binding.name for binding in python.bindings if binding.value in loaded}
    for statement in python.statements:
        asked = statement.value if statement.kind == "assert" else None
        if statement.kind == "raise" and python.blocks[statement.block].kind == "if":
            asked = python.blocks[statement.block].value
        if asked is not None and any(_is_about(one, names, python) for one in within(asked)):
            return statement.line
    return 0


def _is_about(value: AnyValue, names: set[str], python: PythonFacts, depth: int = 0) -> bool:
    if isinstance(value, Local):
        return value.name.partition(".")[0] in names
    if isinstance(value, Result) and depth < 8:
        call = python.calls[value.call]
        given = [one for one in (*call.args, call.receiver) if one is not None]
        return call.local.partition(".")[0] in names or any(
            _is_about(part, names, python, depth + 1) for one in given for part in within(one)
        )
    return False


_RAW = Gated(r"Request|UploadFile|bytes|str|int|float|bool|dict|list|Any|BackgroundTasks|File")
_READS_BODY = Names(
    ["pydantic.**.model_validate", "pydantic.**.parse_obj", "marshmallow.**.load",
     "jsonschema.validate", "pydantic.TypeAdapter.validate_python", ".model_validate", ".parse_obj"]
)  # fmt: skip


def request_schema(view: View) -> Iterator[Evidence]:
    """A service of a model that takes what fits a declared type, and nothing else."""
    says = "a request has a schema"
    for handler in view.project.serving.of_models:
        facts = view.facts.get(handler.path)
        if facts is None or facts.python is None:
            continue
        for one in facts.python.scopes[handler.scope].parameters:
            kind = one.annotation
            if isinstance(kind, Global | Local) and not _RAW.fullmatch(kind.name.split(".")[-1]):
                yield Evidence(True, says, facts.path, facts.raw_line(handler.line))
                break
    serving = view.within("serving")
    for facts, call in view.calls(_READS_BODY):
        if facts.path in serving:
            yield Evidence(True, says, facts.path, facts.raw_line(call.line))


# checks that stop nothing


def validation_result_dropped(view: View) -> Iterator[Evidence]:
    """Every check of the data, where none can stop what follows."""
    yield from _all_checks(view, _stops_nothing, "the check can fail, and nothing follows from it")


def validation_after_fit(view: View) -> Iterator[Evidence]:
    """Every check of the data, where all stand behind the fit."""
    says = "the data is checked after the model was fitted to it"
    yield from _all_checks(view, _follows_fit, says)


def _all_checks(
    view: View, fails: Callable[[PythonFacts, int], bool], says: str
) -> Iterator[Evidence]:
    """Nothing, where one check does not fail so."""
    found = []
    for facts, number in _validations(view):
        if facts.python is None or not fails(facts.python, number):
            return
        line = facts.raw_line(facts.python.calls[number].line)
        found.append(Evidence(True, says, facts.path, line))
    yield from found


def _validations(view: View) -> Iterator[tuple[FileFacts, int]]:
    names = Names([*_RAISING, *_RETURNING])
    for path in sorted({facts.path for facts, _ in view.calls(names)}):
        facts = view.facts[path]
        python = facts.python
        if python is None or not any(i.target.startswith(_VALIDATORS) for i in python.imports):
            continue
        for number, call in enumerate(python.calls):
            if (call.callee or f".{call.method or call.local.rpartition('.')[2]}") in names:
                yield facts, number


def _stops_nothing(python: PythonFacts, number: int) -> bool:
    call = python.calls[number]
    returning = call.callee in Names(_RETURNING)
    return _is_swallowed(python, call.block) or (returning and not _is_used(python, number))


def _is_swallowed(python: PythonFacts, block: int) -> bool:
    """Whether a handler around the block lets the program go on."""
    while block >= 0:
        own = python.blocks[block]
        if own.kind == "try":
            handlers = [
                other
                for other, one in enumerate(python.blocks)
                if one.kind == "except" and one.parent == own.parent and one.line > own.line
            ]
            if handlers and not _leaves(python, handlers[0]):
                return True
        block = own.parent
    return False


def _leaves(python: PythonFacts, block: int) -> bool:
    """Whether a handler raises, returns or ends the program."""
    ends = any(
        one.kind in ("raise", "return") and within_block(python, one.block, block)
        for one in python.statements
    )
    return ends or any(
        (call.callee or call.local).rpartition(".")[2] in ("exit", "_exit", "abort", "fail")
        and within_block(python, call.block, block)
        for call in python.calls
    )


def _is_used(python: PythonFacts, number: int) -> bool:
    """Whether anything is done with what a call returned."""
    if any(call.local.rpartition(".")[2] in _TESTED_LATER for call in python.calls):
        return True
    result = Result(number)
    if any(one.kind == "expression" and one.value == result for one in python.statements):
        return False
    names = {one.name for one in python.bindings if one.value == result}
    return (
        not names
        or any(_mentions(value, names) for value in _values(python))
        or any(call.local.partition(".")[0] in names for call in python.calls)
    )


def _mentions(value: AnyValue, names: set[str]) -> bool:
    return any(
        isinstance(part, Local) and part.name.partition(".")[0] in names for part in within(value)
    )


def _values(python: PythonFacts) -> Iterator[AnyValue]:
    for call in python.calls:
        yield from call.args
        yield from (value for _, value in call.keywords)
        if call.receiver is not None:
            yield call.receiver
    yield from (one.value for one in python.bindings)
    yield from (one.value for one in python.statements)
    yield from (one.value for one in python.blocks if one.value is not None)


def _follows_fit(python: PythonFacts, number: int) -> bool:
    scope = python.scope_of(python.calls[number].block)
    return any(
        (call.callee or call.local or call.method).rpartition(".")[2] in FITS
        and python.scope_of(call.block) == scope
        for call in python.calls[:number]
    )


# features on both sides


def feature_module_shared(view: View) -> Iterator[Evidence]:
    """A module that makes features, and that training and the service both run."""
    shared = view.within("training") & view.within("serving") & view.files.keys()
    for path in sorted(shared):
        if re.search(r"(?i)feature|preprocess|transform", path.rpartition("/")[2]):
            yield Evidence(True, "training and the service share this module", path)


def features_computed_twice(view: View) -> Iterator[Evidence]:
    """A column that training and the service each compute from others, in files of their own."""
    training, serving = view.within("training"), view.within("serving")
    ours = dict(_computed(view, training - serving))
    for name, (path, line) in _computed(view, serving - training):
        if name in ours:
            other, at = ours[name]
            says = f"the feature '{name}' is computed here and in {path}:{line}"
            yield Evidence(True, says, other, at)


def _computed(view: View, paths: frozenset[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    for path in sorted(paths & view.files.keys()):
        facts = view.facts.get(path)
        if facts is None or facts.python is None:
            continue
        for binding in facts.python.bindings:
            if binding.kind == "item" and isinstance(binding.key, Const) and _derives(binding):
                yield str(binding.key.value), (path, facts.raw_line(binding.line))


def _derives(binding: Binding) -> bool:
    """Whether a column is computed from other columns of the same frame."""
    return any(
        isinstance(part, Item) and part.base == Local(binding.name)
        for part in within(binding.value)
    ) and not isinstance(binding.value, Item)
