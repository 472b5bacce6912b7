"""The schema that editors and rule packs are held to fits mlaudit's own rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mlaudit.knowledge import knowledge_root
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.loading import FAMILIES, check_schema, read_yaml

SCHEMA = knowledge_root() / "schema" / "rule.schema.json"
FILES = [file for folder in FAMILIES for file in sorted((knowledge_root() / folder).glob("*.yaml"))]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_own_rules_fit(file: Path) -> None:
    check_schema(read_yaml(file), file)


@pytest.mark.parametrize(
    ("kind", "parameter"),
    [("git", "biggest"), ("config", "paths"), ("file", "missing"), ("dependency", "needs")],
)
def test_unknown_parameters_are_refused(kind: str, parameter: str) -> None:
    file = next(file for file in FILES if kind in read_yaml(file)["detect"] or kind == "config")
    data = read_yaml(file)
    data["detect"] = {kind: {**data["detect"].get(kind, {}), parameter: "x"}}
    with pytest.raises(RulePackError):
        check_schema(data, file)
