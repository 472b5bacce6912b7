"""The JSON Schema of rules, the records and the code say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mlaudit.knowledge import knowledge_root
from mlaudit.rules.conditions import CONDITIONS
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.loading import FAMILIES, check_schema, load_rules, read_yaml
from mlaudit.rules.matchers import KINDS, parts_of, prepare
from mlaudit.rules.model import Confidence, Example, Persona, Rule, Severity

SCHEMA = json.loads((knowledge_root() / "schema" / "rule.schema.json").read_text("utf-8"))
FILES = sorted(file for folder in FAMILIES for file in (knowledge_root() / folder).glob("*.yaml"))


def test_schema_is_itself_valid():
    Draft202012Validator.check_schema(SCHEMA)


def test_schema_knows_the_fields_of_the_records():
    assert set(SCHEMA["properties"]) == set(Rule.__struct_fields__)
    assert set(SCHEMA["$defs"]["example"]["properties"]) == set(Example.__struct_fields__)


def test_schema_knows_the_kinds_and_conditions():
    assert set(SCHEMA["properties"]["detect"]["properties"]) == {"any", *KINDS}
    conditions = set(SCHEMA["$defs"]["condition"]["properties"])
    assert conditions == {*CONDITIONS, "all", "any", "not", "unknown"}


@pytest.mark.parametrize(
    ("name", "enum"),
    [("severity", Severity), ("confidence", Confidence), ("persona", Persona)],
)
def test_schema_knows_the_levels(name, enum):
    assert SCHEMA["$defs"][name]["enum"] == [one.value for one in enum]


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in FILES])
def test_rule_fulfils_the_schema(file):
    check_schema(read_yaml(file), file)


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in FILES])
def test_file_is_named_after_its_rule_and_lies_in_its_family(file):
    data = read_yaml(file)
    assert data["name"] == file.stem
    assert data["id"].startswith(FAMILIES[file.parent.name])


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in load_rules().rules])
def test_rule_can_be_prepared(rule):
    for part in parts_of(rule):
        prepare(part, load_rules().apis)


RULE = read_yaml(knowledge_root() / "tracking" / "hardcoded-tracking-uri.yaml")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"severity": "fatal"}, "severity"),
        ({"contexts": []}, "contexts"),
        ({"contexts": ["source"]}, "contexts"),
        ({"examples": RULE["examples"][-3:]}, "examples"),
        ({"detect": {"call": {"to": "a.b", "when": []}}}, "detect.call"),
        ({"detect": {"call": {"to": "a.b", "where": [{"weather": "fine"}]}}}, "detect.call.where"),
        ({"references": ["http://plain.example"]}, "references"),
        ({"colour": "red"}, ""),
    ],
)
def test_schema_refuses(change, key):
    with pytest.raises(RulePackError) as caught:
        check_schema({**RULE, **change}, Path("rule.yaml"))
    assert caught.value.key.startswith(key)
    assert str(caught.value).startswith("rule.yaml")
