"""The schemas of the files of the maturity model, and of what comes out of it.

Those of the files are what the records say; `UPDATE=1 pytest` on this file writes them anew.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator
from msgspec import Struct

from mlaudit.knowledge import knowledge_root
from mlaudit.maturity import catalogue, catalogue_views
from mlaudit.maturity import model as records
from mlaudit.project.practices import looks
from mlaudit.project.practices import tools as tool_signs
from mlaudit.project.practices.catalogue import Tool

ROOT = Path(__file__).parents[2]
SCHEMAS = knowledge_root() / "schema"


class Tools(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of `rules/tools`."""

    tools: tuple[Tool, ...]


FILES: dict[str, tuple[type[Struct], str]] = {
    "tools": (Tools, "tools/*.yaml"),
    "capability": (catalogue.CapabilityModel, "maturity/*/*.yaml"),
    "levels": (catalogue.LadderModel, "ladder/levels.yaml"),
    "views": (catalogue_views.ViewsModel, "ladder/views.yaml"),
    "patterns": (catalogue_views.PatternsModel, "ladder/patterns.yaml"),
    "checklist": (catalogue_views.ChecklistModel, "ladder/reproducibility.yaml"),
    "roadmap": (catalogue_views.RoadmapModel, "ladder/roadmap.yaml"),
}
OUTPUTS = ("maturity", "report")


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return found


def written(name: str) -> str:
    """The schema of a kind of file, from its record and what is said of each field."""
    record, pattern = FILES[name]
    made = msgspec.json.schema(record)
    for key, part in made["$defs"].items():
        if "properties" in part:
            _describe(part, _said(_records()[key]))
        part.pop("title", None)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Files of mlaudit: rules/{pattern}",
    }
    return json.dumps({**head, **made}, indent=2, ensure_ascii=False) + "\n"


def _records() -> dict[str, type[Struct]]:
    modules = (
        catalogue,
        catalogue_views,
        looks,
        sys.modules[Tool.__module__],
        sys.modules[__name__],
    )
    return {
        name: one
        for module in modules
        for name, one in vars(module).items()
        if inspect.isclass(one) and issubclass(one, Struct)
    }


def _said(record: type[Struct]) -> dict[str, str]:
    """Field: the text that stands below it."""
    (definition,) = ast.parse(inspect.getsource(record)).body
    assert isinstance(definition, ast.ClassDef)
    encoded = dict(zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True))
    said = {}
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(field.target, ast.Name)
            assert isinstance(below.value, ast.Constant)
            said[encoded[field.target.id]] = " ".join(str(below.value.value).split())
    return said


def _describe(part: dict[str, Any], said: dict[str, str]) -> None:
    for key, text in said.items():
        part["properties"][key]["description"] = text


@pytest.mark.parametrize("name", FILES)
def test_a_schema_says_what_the_records_say(name: str) -> None:
    file = SCHEMAS / f"{name}.schema.json"
    if os.environ.get("UPDATE"):
        file.write_text(written(name), "utf-8")
    assert file.read_text("utf-8") == written(name)
    Draft202012Validator.check_schema(schema(name))


def documents(name: str) -> Iterator[tuple[Path, Any]]:
    for file in sorted(knowledge_root().glob(FILES[name][1])):
        yield file, yaml.safe_load(file.read_bytes())


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_as_its_schema_says(name: str) -> None:
    validator = Draft202012Validator(schema(name))
    found = list(documents(name))
    assert found
    for file, document in found:
        assert not [f"{file.name}: {one.message}" for one in validator.iter_errors(document)]


@pytest.mark.parametrize("name", FILES)
def test_a_slip_of_the_pen_is_refused(name: str) -> None:
    _, document = next(documents(name))
    validator = Draft202012Validator(schema(name))
    assert not validator.is_valid({**document, "unknown": 1})
    assert not validator.is_valid(dict.fromkeys(document, 1))
    if "steps" in document:
        document["steps"][0]["effort"] = "tiny"
        assert not validator.is_valid(document)


def test_every_file_of_knowledge_about_maturity_has_a_schema() -> None:
    known = {file for name in FILES for file, _ in documents(name)}
    folders = ("tools", "maturity", "ladder")
    assert known == {file for one in folders for file in (knowledge_root() / one).rglob("*.yaml")}


# what comes out


def test_both_reports_describe_maturity_alike() -> None:
    of_report, of_maturity = (schema(name)["$defs"] for name in ("report", "maturity"))
    assert {key: of_report.get(key) for key in of_maturity} == of_maturity


def test_the_schema_of_the_output_has_every_field_of_the_records() -> None:
    defs = schema("maturity")["$defs"]
    pairs: dict[str, type[Struct]] = {
        "maturity": records.Maturity, "evidence": records.Evidence, "step": records.Step,
        "capability": records.Capability, "dimension": records.Dimension,
        "requirement": records.Requirement, "rung": records.Rung, "ladder": records.Ladder,
        "tool_seen": tool_signs.ToolSign, "phase": records.Phase, "pattern": records.Pattern,
        "principle": records.Principle, "artefact": records.Artefact,
        "line": records.ChecklistLine, "root_level": records.RootLevel,
        "accepted": records.Accepted,
    }  # fmt: skip
    for key, record in pairs.items():
        assert set(defs[key]["properties"]) == set(record.__struct_encode_fields__), key
        assert set(defs[key]["required"]) == set(defs[key]["properties"]), key
    outcomes = {one.value for one in records.Outcome}
    assert set(defs["outcome"]["enum"]) == outcomes
    kinds = {one.value for one in records.StepKind}
    assert set(defs["step"]["properties"]["kind"]["enum"]) == kinds
    assert set(defs["effort"]["enum"]) == set(typing.get_args(catalogue.Effort))


def ran(*arguments: str) -> Any:
    command = [sys.executable, "-m", "mlaudit", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fixture of its own repository, for one within another is a part of that."""
    folder = tmp_path_factory.mktemp("platform")
    source = ROOT / "fixtures" / "repos" / "platform"
    for file in source.rglob("*"):
        if file.is_file():
            target = folder / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def test_real_output_is_as_its_schema_says(platform: Path) -> None:
    found = ran("maturity", "--format", "json", str(platform))
    jsonschema.validate(found, schema("maturity"))
    assert found["maturity"]["roadmap"] or found["maturity"]["ladder"]["level"]
    assert len(found["maturity"]["checklist"]) == 21
    assert len(found["maturity"]["lifecycle"]) == 9
    assert [one["id"] for one in found["maturity"]["patterns"]] == [
        "training", "serving", "monitoring",
    ]  # fmt: skip
    jsonschema.validate(ran("--format", "json", str(platform)), schema("report"))
    found["maturity"]["checklist"][0]["outcome"] = "perhaps"
    assert not Draft202012Validator(schema("maturity")).is_valid(found)
