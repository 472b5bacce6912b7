"""Signs about models: how they are chosen, named and moved on."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Call,
    Const,
    Global,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import Names
from mlaudit.maturity.data_signs import FITS
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.patterns import Gated
from mlaudit.project.values.flow import within

_SEARCHES = Gated(
    r"SearchCV|\.optimize$|^ray\.tune\.|hyperopt\.fmin|keras_tuner\.|hyperparameter_search"
)
_SCORES = frozenset({"score", "evaluate", "predict", "predict_proba", "test"})
_HELD_OUT = Gated(r"(?i)(?:^|_)(?:test|hold_?out|unseen)(?:_|$|\d)")
_SAVES = Names(
    ["torch.save", "joblib.dump", "pickle.dump", "safetensors.torch.save_file", ".save_model",
     ".save_pretrained", "skops.io.dump", "tensorflow.**.save", "keras.**.save"]
)  # fmt: skip
_RUN = Gated(r"(?i)run_?id|run\.info|commit|\bsha\b|git_?hash|revision")
_ALIASES = Names(["mlflow.**.set_registered_model_alias", ".set_registered_model_alias"])
_IN_USE = Gated(r"(?i)champion|prod|production|live|stable")


def winner_tested(view: View) -> Iterator[Evidence]:
    """A search whose winner is scored afterwards on rows that are named as kept apart."""
    for facts in view.counted:
        if facts.python is None or facts.path.endswith(".ipynb"):
            continue
        call = _tested(facts.python)
        if call is not None:
            says = "the winner is scored on rows that were kept apart"
            yield Evidence(True, says, facts.path, facts.raw_line(call.line))


def _tested(python: PythonFacts) -> Call | None:
    searched = False
    for call in python.calls:
        name = call.callee or call.local or call.method
        searched = searched or _SEARCHES.search(name) is not None
        if searched and name.rpartition(".")[2] in _SCORES and _is_given_held_out(call):
            return call
    return None


def _is_given_held_out(call: Call) -> bool:
    given = (*call.args, *(value for _, value in call.keywords))
    return any(
        isinstance(part, Local) and _HELD_OUT.search(part.name)
        for value in given
        for part in within(value)
    )


def model_file_of_run(view: View) -> Iterator[Evidence]:
    """A model file whose name has the run or the commit in it."""
    for facts, call in view.calls(_SAVES):
        given = (*call.args, *(value for _, value in call.keywords))
        if any(isinstance(one, Operation) and _names_run(facts.python, one) for one in given):
            says = "the file of the model is named after its run"
            yield Evidence(True, says, facts.path, facts.raw_line(call.line))


def _names_run(python: PythonFacts | None, value: AnyValue) -> bool:
    for part in within(value):
        if isinstance(part, Local | Global | Attribute) and _RUN.search(part.name):
            return True
        if isinstance(part, Result) and python is not None:
            call = python.calls[part.call]
            if _RUN.search(call.callee or call.local):
                return True
    return False


def alias_set_by_training(view: View) -> Iterator[Evidence]:
    """The program that fits a model also gives it the name that its users know."""
    for facts, call in view.calls(_ALIASES):
        alias = call.keyword("alias") or (call.args[1] if len(call.args) > 1 else None)
        if not isinstance(alias, Const) or not _IN_USE.fullmatch(str(alias.value)):
            continue
        if facts.python is not None and _fits(facts.python, facts.path, view):
            says = f"training itself sets the alias '{alias.value}'"
            yield Evidence(True, says, facts.path, facts.raw_line(call.line))


def _fits(python: PythonFacts, path: str, view: View) -> bool:
    return path in view.within("training") and any(
        (call.callee or call.local or call.method).rpartition(".")[2] in FITS
        for call in python.calls
    )


_LOADS = Names(
    ["joblib.load", "pickle.load", "torch.load", "mlflow.**.load_model", "keras.**.load_model",
     "tensorflow.**.load_model", "transformers.**.from_pretrained", "bentoml.**.get"]
)  # fmt: skip
_DRAWS = Names(
    ["random.random", "random.choice", "random.choices", "numpy.random.rand", "numpy.random.random",
     "numpy.random.choice"]
)  # fmt: skip


def models_routed(view: View) -> Iterator[Evidence]:
    """A service that holds two models, and draws which of them answers."""
    serving = view.within("serving")
    loading = [facts.path for facts, _ in view.calls(_LOADS) if facts.path in serving]
    for facts, call in view.calls(_DRAWS):
        if loading.count(facts.path) > 1:
            says = "the service draws which of its models answers"
            yield Evidence(True, says, facts.path, facts.raw_line(call.line))
