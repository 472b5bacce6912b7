"""Conditions on what a call is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from mlaudit.facts.syntax import AnyValue, Const, Global, Local, Operation, PythonFacts, Secret
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.parameters import Names, regex, rows, words
from mlaudit.rules.sites import CallSite
from mlaudit.rules.values import origins, tail

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
        names = list(site.arguments) if name == "$argument" else [name]
        given = [value for value in map(site.argument, names) if value is not None]
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
        if known is None:
            return _format_matches(value, expression)
        if isinstance(known, Secret):
            return None
        return isinstance(known.value, str) and expression.search(known.value) is not None

    return matches


def _format_matches(value: AnyValue, expression: re.Pattern[str]) -> bool | None:
    """An f-string that begins with a matching constant is known well enough."""
    if not isinstance(value, Operation) or value.kind not in ("format", "+") or not value.operands:
        return None
    first = value.operands[0]
    if not isinstance(first, Const) or not isinstance(first.value, str):
        return None
    return True if expression.search(first.value) else None


def _expect_name(parameter: Any) -> Expectation:
    names = Names(words(parameter))

    def named(site: CallSite, value: AnyValue) -> bool | None:
        if isinstance(value, Global):
            return site.apis.canonical(value.name) in names
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
    known = site.constant(value)
    return isinstance(known, Secret) and not known.placeholder


_WORDS: dict[str, Expectation] = {
    "literal": _is_literal,
    "variable": _is_variable,
    "secret": _is_secret,
}
_MAPPINGS: dict[str, Callable[[Any], Expectation]] = {
    "equals": _expect_equal,
    "matches": _expect_match,
    "name": _expect_name,
}


def comes_from(data: Any) -> Callable[[CallSite], bool | None]:
    """`{argument: NAME, calls: NAMES or {api: TABLE}}`: the value stems from one of the calls."""
    name = str(data["argument"])

    def holds(site: CallSite) -> bool | None:
        value = site.argument(name)
        if value is None:
            return None if site.call.open else False
        names = Names(rows(data["calls"], site.apis))
        return any(site.apis.canonical(origin) in names for origin in origins(site.python, value))

    return holds


def saved_by(data: Any) -> Callable[[CallSite], bool | None]:
    """`{argument: NAME, calls: {CALL: POSITION}}`: the repository itself saves what is read.

    It does where a call of any file is given a path with the same last literal part, or one of
    the same file the same name.
    """
    name, calls = str(data["argument"]), dict(data["calls"])

    def holds(site: CallSite) -> bool | None:
        value = site.argument(name)
        if value is None:
            return None
        wanted = tail(site.python, value)
        for python, saved in _saves(site, calls):
            if python is site.python and isinstance(value, Local) and saved == value:
                return True
            if wanted and tail(python, saved) == wanted:
                return True
        return False

    return holds


def _saves(site: CallSite, calls: dict[str, int]) -> Iterator[tuple[PythonFacts, AnyValue]]:
    """What calls of any file are given at the positions."""
    for facts in site.project.facts.values():
        python = facts.python
        for call in python.calls if python else ():
            position = calls.get(call.callee)
            if python and position is not None and position < len(call.args):
                yield python, call.args[position]
