"""Every rule is held to the examples in its own file."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mlaudit.fixes.examples import run_fix
from mlaudit.rules.examples import run_example
from mlaudit.rules.loading import load_rules
from mlaudit.rules.model import Example

KNOWLEDGE = load_rules()
CASES = [
    pytest.param(rule, number, id=f"{rule.id}-{number}")
    for rule in KNOWLEDGE.rules
    for number in range(1, len(rule.examples) + 1)
]


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_example_holds(rule, number):
    failure = run_example(rule, number, KNOWLEDGE.apis)
    assert failure is None, f"{failure}\n{failure.crash}"


def is_fixed(rule, number):
    return bool(rule.examples[number - 1].fixed)


@pytest.mark.parametrize(("rule", "number"), [case for case in CASES if is_fixed(*case.values)])
def test_fix_gives_what_the_example_says(rule, number):
    failure = run_fix(rule, number, KNOWLEDGE.apis)
    assert failure is None, f"{failure}\n{failure.crash}"


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in KNOWLEDGE.rules])
def test_rule_has_a_bad_and_two_tempting_examples(rule):
    assert any(example.bad for example in rule.examples)
    assert sum(bool(example.good) for example in rule.examples) >= 2


def test_runner_notices_what_is_wrong():
    rule = KNOWLEDGE.by_word["TRK010"]
    bad = rule.examples[0]
    cases = {
        "missing": replace(bad, bad="import mlflow  #! TRK010\n"),
        "unexpected": Example(good=bad.bad.replace("#! TRK010 warning", "")),
        "crash": Example(bad="import mlflow\n"),
    }
    for field, example in cases.items():
        failure = run_example(replace(rule, examples=(example,)), 1, KNOWLEDGE.apis)
        assert getattr(failure, field)
    level = replace(bad, bad=bad.bad.replace("TRK010 warning", "TRK010 note"))
    failure = run_example(replace(rule, examples=(level,)), 1, KNOWLEDGE.apis)
    assert failure.missing == ("train.py:3 note",)
    message = replace(rule, message="'{nobody}' fills this")
    failure = run_example(message, 1, KNOWLEDGE.apis)
    assert "nobody" in failure.crash
