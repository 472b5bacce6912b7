"""Conditions on what a call is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from mlaudit.facts.secrets import as_secret, is_secret_name
from mlaudit.facts.syntax import AnyValue, Call, Const, Global, Local, Secret
from mlaudit.project.linking.callees import method_of
from mlaudit.rules.apis import Api
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.on_texts import is_listed
from mlaudit.rules.parameters import Table, regex, words
from mlaudit.rules.sites import CallSite
from mlaudit.rules.values import tail

if TYPE_CHECKING:
    from mlaudit.project.project import Project

Expectation: TypeAlias = Callable[[CallSite, AnyValue], "bool | None"]


def argument(data: Any) -> Callable[[CallSite], bool | None]:
    """`{NAME: EXPECTED}`: all of them. `$argument` is each argument that the API table names."""
    if not isinstance(data, dict) or not data:
        raise RulePackError("needs a mapping of arguments to what is expected of them")
    checks = [(str(name), expected) for name, expected in data.items()]
    tests = [_one(name, expected) for name, expected in checks]

    def holds(site: CallSite) -> bool | None:
        answers = [test(site) for test in tests]
        return False if False in answers else None if None in answers else True

    return holds


def _one(name: str, expected: Any) -> Callable[[CallSite], bool | None]:
    absent = expected == "absent"
    expectation = _present if expected in ("absent", "present") else expect(expected)

    def holds(site: CallSite) -> bool | None:
        given = site.given(name)
        if not given:
            # More may be passed than is written.
            return None if site.call.open else absent
        answers = [expectation(site, value) for value in given]
        found = True if True in answers else None if None in answers else False
        return not found if absent else found

    return holds


def _present(_site: CallSite, _value: AnyValue) -> bool:
    return True


def expect(expected: Any) -> Expectation:
    """What a value must be: a literal, a list of them, a word, or a mapping."""
    if isinstance(expected, str) and expected in _WORDS:
        return _WORDS[expected]
    if isinstance(expected, dict):
        return _expect_mapping(expected)
    literals = expected if isinstance(expected, list) else [expected]
    return lambda site, value: _is_one_of(site, value, literals)


def _expect_mapping(data: dict[Any, Any]) -> Expectation:
    if len(data) != 1:
        raise RulePackError(f"needs one of {', '.join(_MAPPINGS)}, not {data!r}")
    ((kind, parameter),) = data.items()
    if kind not in _MAPPINGS:
        raise RulePackError(f"needs one of {', '.join(_MAPPINGS)}, not '{kind}'")
    return _MAPPINGS[kind](parameter)


def _expect_equal(parameter: Any) -> Expectation:
    literals = parameter if isinstance(parameter, list) else [parameter]
    return lambda site, value: _is_one_of(site, value, literals)


def _expect_match(parameter: Any) -> Expectation:
    expression = regex(parameter)

    def matches(site: CallSite, value: AnyValue) -> bool | None:
        known = site.constant(value)
        if known is None or isinstance(known, Secret):
            return None
        return isinstance(known.value, str) and expression.search(known.value) is not None

    return matches


def _expect_listed(parameter: Any) -> Expectation:
    tables = words(parameter)

    def listed(site: CallSite, value: AnyValue) -> bool | None:
        known = site.constant(value)
        if known is None or isinstance(known, Secret):
            return None
        return isinstance(known.value, str) and is_listed(known.value, tables, site.apis)

    return listed


def _expect_name(parameter: Any) -> Expectation:
    names = Table(dict.fromkeys(words(parameter), Api()))

    def named(site: CallSite, value: AnyValue) -> bool | None:
        if isinstance(value, Global):
            return names.find(site.apis.canonical(value.name)) is not None
        return False if isinstance(value, Const) else None

    return named


def _is_one_of(site: CallSite, value: AnyValue, literals: list[Any]) -> bool | None:
    known = site.constant(value)
    if known is None or isinstance(known, Secret):
        return None
    # `True == 1` in Python; in an argument they are told apart.
    return any(type(known.value) is type(one) and known.value == one for one in literals)


def _is_literal(site: CallSite, value: AnyValue) -> bool:
    return site.constant(value) is not None


def _is_variable(site: CallSite, value: AnyValue) -> bool:
    return site.constant(value) is None


def _is_secret(site: CallSite, value: AnyValue) -> bool:
    """A literal that is long and varied enough for a secret, and no placeholder."""
    known = site.constant(value)
    if isinstance(known, Const):
        text = known.value
        known = as_secret(text) if isinstance(text, str) and " " not in text else None
    return (
        known is not None
        and not known.placeholder
        and known.length >= _SHORTEST_SECRET
        and known.entropy >= _LEAST_ENTROPY
    )


def _is_secret_name(site: CallSite, value: AnyValue) -> bool:
    known = site.constant(value)
    return isinstance(known, Const) and isinstance(known.value, str) and is_secret_name(known.value)


_SHORTEST_SECRET = 8
_LEAST_ENTROPY = 3.0
"""Bits a character: words such as `postgres` and `minioadmin` have less, keys have more."""
_WORDS: dict[str, Expectation] = {
    "literal": _is_literal,
    "variable": _is_variable,
    "secret": _is_secret,
    "secret-name": _is_secret_name,
}
_MAPPINGS: dict[str, Callable[[Any], Expectation]] = {
    "equals": _expect_equal,
    "listed": _expect_listed,
    "matches": _expect_match,
    "name": _expect_name,
}


def saved_by(data: Any) -> Callable[[CallSite], bool | None]:
    """`{argument: NAME, calls: {CALL: POSITION or KEYWORD}}`: the repository itself saves it.

    It does where a call of any file is given a path with the same last literal part, or one of
    the same file the same name. A call `.save` is a method of whatever object.
    """
    name, calls = str(data["argument"]), dict(data["calls"])
    known: list[_Saved] = []

    def holds(site: CallSite) -> bool | None:
        given = site.given(name)
        if not given:
            return None
        if not known:
            known.append(_Saved(site.project, calls))
        return any(known[0].holds(site, value) for value in given)

    return holds


def _given(call: Call, place: int | str) -> AnyValue | None:
    if isinstance(place, str):
        return dict(call.keywords).get(place)
    return call.args[place] if place < len(call.args) else None


class _Saved:
    """What the calls of all files are given as paths to save to."""

    def __init__(self, project: Project, calls: dict[str, int | str]) -> None:
        self.values: set[tuple[str, AnyValue]] = set()
        self.tails: set[str] = set()
        methods = {name[1:]: place for name, place in calls.items() if name.startswith(".")}
        paths = set(project.callees.calling(calls))
        paths.update(path for name in methods for path in project.callees.calling_method(name))
        for path in paths:
            python = project.facts[path].python
            for call in python.calls if python else ():
                place = calls.get(call.callee)
                if place is None and methods:
                    place = methods.get(method_of(call))
                value = _given(call, place) if place is not None else None
                if python and value is not None:
                    self.values.add((path, value))
                    self.tails.add(tail(python, value))
        self.tails.discard("")

    def holds(self, site: CallSite, value: AnyValue) -> bool:
        if isinstance(value, Local) and (site.path, value) in self.values:
            return True
        literal = site.constant(value)
        return tail(site.python, literal if isinstance(literal, Const) else value) in self.tails
