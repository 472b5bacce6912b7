"""Every rule is held to the examples in its own file."""

from __future__ import annotations

import pytest

from mlaudit.rules.examples import run_example
from mlaudit.rules.loading import load_rules

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


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in KNOWLEDGE.rules])
def test_rule_has_a_bad_and_two_tempting_examples(rule):
    assert any(example.bad for example in rule.examples)
    assert sum(bool(example.good) for example in rule.examples) >= 2


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in KNOWLEDGE.rules])
def test_message_asks_only_for_what_the_match_gives(rule):
    # A name that no matcher fills would reach the user as braces.
    assert rule.message.count("{") == rule.message.count("}")
