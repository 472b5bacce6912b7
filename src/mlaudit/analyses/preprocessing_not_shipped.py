"""Models that are saved without what was fitted to prepare their input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.analyses.spots import spot_of
from mlaudit.facts.syntax import AnyValue, Binding, Call, Const, Local, PythonFacts, Result
from mlaudit.knowledge import api_rows, api_table
from mlaudit.project.linking.calls import python_of
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Flow, Held, parts, within
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule

_OWN = frozenset(
    {"fit", "fit_transform", "transform", "inverse_transform", "get_feature_names_out",
     "set_output", "set_params", "fit_on_texts", "texts_to_sequences"}
)  # fmt: skip
"""Methods that leave what was learned inside."""


class Fitted(NamedTuple):
    """Something that learned how to prepare data, by the name that holds it."""

    name: str
    type: str
    call: int
    """That fits it."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each of them, at the call that saves the model alone."""
    if not project.serving.of_models:
        return
    fitting = project.callees.calling(api_table("serving", "serving.fits"))
    saving = project.callees.calling(api_table("serving", "serving.saves"))
    for facts in in_context(project, rule):
        if facts.path in fitting and facts.path in saving and facts.python is not None:
            yield from _Training(project, rule, facts.path).matches()


class _Training:
    """One file that fits and saves."""

    def __init__(self, project: Project, rule: Rule, path: str) -> None:
        self._project = project
        self._rule = rule
        self._path = path
        self._flow: Flow = project.program.values.flow(path)
        self._python: PythonFacts = self._flow.python

    def matches(self) -> Iterator[Match]:
        for fitted in self._kept_inside():
            for number, model in self._trained():
                if not self._feeds(fitted, number):
                    continue
                save = self._saved(model)
                if save is not None and self._is_served(save):
                    yield self._match(fitted, save)
                    break

    def _match(self, fitted: Fitted, save: int) -> Match:
        at = spot_of(self._project, Site(self._path, fitted.call, ""))
        spot = spot_of(self._project, Site(self._path, save, ""))
        values = {"name": fitted.name, "type": fitted.type.rpartition(".")[2]}
        return Match(self._rule.id, spot, values, related=(Related(at, "fitted here"),))

    # what is fitted

    def _kept_inside(self) -> Iterator[Fitted]:
        """What is fitted here and goes nowhere: only its own methods are called."""
        table = api_table("serving", "serving.fits")
        for number, call in enumerate(self._python.calls):
            name, _, method = call.local.rpartition(".")
            if call.callee not in table or not name or "." in name or method not in _OWN:
                continue
            made = [b for b in self._python.bindings if b.name == name]
            if len(made) == 1 and self._is_private(made[0]):
                yield Fitted(name, call.callee.rpartition(".")[0], number)

    def _is_private(self, made: Binding) -> bool:
        if made.kind != "assign" or not isinstance(made.value, Result) or self._lent(made.name):
            return False
        return not any(self._lets_out(value, made.name) for value in self._values()) and all(
            call.local.rpartition(".")[2] in _OWN
            for call in self._python.calls
            if call.local.startswith(f"{made.name}.")
        )

    def _lent(self, name: str) -> bool:
        """Whether another file imports it: the service may train when it starts."""
        importers = self._project.program.importing.importers.get(self._path, ())
        return any(
            item.target.endswith(f".{name}")
            for path in importers
            for item in python_of(self._project, path).imports
        )

    def _values(self) -> Iterator[AnyValue]:
        for call in self._python.calls:
            yield from call.args
            yield from (value for _, value in call.keywords)
        yield from (binding.value for binding in self._python.bindings)
        yield from (statement.value for statement in self._python.statements)

    def _lets_out(self, value: AnyValue, name: str) -> bool:
        """`scaler` itself, or `scaler.mean_`."""
        return any(
            isinstance(one, Local) and (one.name == name or one.name.startswith(f"{name}."))
            for one in within(value)
        )

    # the model

    def _trained(self) -> Iterator[tuple[int, str]]:
        """Calls that train, with the name of the model."""
        fits = api_table("training", "training.fits")
        prepares = api_table("training", "training.transforms")
        for number, call in enumerate(self._python.calls):
            name = call.local.rpartition(".")[0]
            if name and call.callee in fits and call.callee not in prepares:
                yield number, name

    def _feeds(self, fitted: Fitted, number: int) -> bool:
        """Whether the model is trained on what the preprocessing gives."""
        call = self._python.calls[number]
        features = call.keyword("X") or (call.args[0] if call.args else None)
        if features is None:
            return False
        gives = [
            Result(one)
            for one, other in enumerate(self._python.calls)
            if other.local in (f"{fitted.name}.transform", f"{fitted.name}.fit_transform")
        ]
        found: list[AnyValue] = []

        def before(held: Held) -> list[Held] | None:
            if held.value in gives:
                found.append(held.value)
                return []
            if isinstance(held.value, Result):
                inner: Call = self._python.calls[held.value.call]
                return [Held(one, self._flow.at_call(held.value.call)) for one in inner.args]
            inside = parts(held.value)
            return [Held(one, held.place) for one in inside] if inside else None

        for _ in self._flow.trace(Held(features, self._flow.at_call(number)), before):
            pass
        return bool(found)

    def _saved(self, model: str) -> int | None:
        """The call that saves the model by itself."""
        table = api_table("serving", "serving.saves")
        for number, call in enumerate(self._python.calls):
            if call.callee in table and call.args[:1] == (Local(model),):
                return number
        return None

    # the service

    def _is_served(self, save: int) -> bool:
        """Whether a service speaks of the file that the model is saved as."""
        name = self._file_name(save)
        if not name:
            return False
        program = self._project.program
        served = {handler.path for handler in self._project.serving.of_models}
        return any(
            path != self._path
            and any(_ends_in(text.value, name) for text in facts.python.texts)
            and not served.isdisjoint(program.importing.leading_to(path))
            for path, facts in self._project.facts.items()
            if facts.python is not None
        )

    def _file_name(self, save: int) -> str:
        call = self._python.calls[save]
        where = api_rows("serving", "serving.saves")[call.callee]
        given = next((call.keyword(key) for key in where if call.keyword(key) is not None), None)
        value = given if given is not None else (call.args[1] if len(call.args) > 1 else None)
        if isinstance(value, Local):
            value = self._opened(value) or value
        if isinstance(value, Result):
            opened = self._python.calls[value.call]
            value = opened.args[0] if opened.callee == "builtins.open" and opened.args else None
        if value is None:
            return ""
        known: Const | None = self._project.program.constant(self._path, value, call.block)
        text = known.value if known is not None else ""
        return text.replace("\\", "/").rpartition("/")[2] if isinstance(text, str) else ""

    def _opened(self, name: Local) -> AnyValue | None:
        """The file behind `with open(...) as file`."""
        return next(
            (b.value for b in self._python.bindings if b.name == name.name and b.kind == "with"),
            None,
        )


def _ends_in(text: str, name: str) -> bool:
    return text == name or text.endswith((f"/{name}", f"\\{name}"))
