"""mlaudit says of each program what a real MLflow holds after it was run."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from expected import RULES, expected
from tracked import (
    DECLARATION,
    FIXTURES,
    MAJORS,
    RECORD,
    interpreters,
    programs,
    recorded,
    requirements,
    watch,
)
from tracked_verdicts import judge

NAMES = sorted(programs())
FEWEST = 48
MOST_NOT_DETERMINED = 3


def test_every_program_was_run_under_both_versions() -> None:
    assert {name: tuple(seen) for name, seen in recorded().items()} == dict.fromkeys(NAMES, MAJORS)
    assert len(NAMES) >= FEWEST


def test_every_folder_is_a_program() -> None:
    folders = {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()}
    assert folders == set(NAMES), f"each needs a {DECLARATION}"


def test_every_rule_is_tried_and_half_of_the_programs_tempt() -> None:
    true = Counter(rule for seen in recorded().values() for rule in expected(seen["3"]))
    assert set(true) == set(RULES)
    silent = sum(not expected(seen["3"]) for seen in recorded().values())
    assert 0.35 < silent / len(NAMES) < 0.65


def test_nearly_all_can_be_told() -> None:
    undetermined = [one for one in programs().values() if one.not_determined]
    assert len(undetermined) <= MOST_NOT_DETERMINED


def test_both_versions_of_mlflow_hold_the_same() -> None:
    differing = {
        name for name, seen in recorded().items() if expected(seen["2"]) != expected(seen["3"])
    }
    assert differing == set()


@pytest.mark.parametrize("major", MAJORS)
def test_record_was_made_with_the_frozen_libraries(major: str) -> None:
    pins = dict(
        re.findall(r"^([\w.-]+)==(\S+)$", requirements(major).read_text("utf-8"), re.MULTILINE)
    )
    tried = json.loads(RECORD.read_text("utf-8"))["versions"][major]
    del tried["python"]
    assert tried == {name: pins[name] for name in tried}
    assert tried["mlflow"].startswith(f"{major}.")


@pytest.mark.parametrize("name", NAMES)
def test_findings_are_what_the_store_shows(name: str, tmp_path: Path) -> None:
    judged = judge(programs()[name], tmp_path)
    assert judged.agrees, f"true: {sorted(judged.true)}, mlaudit: {judged.findings}"


@pytest.mark.slow
@pytest.mark.parametrize("major", MAJORS)
def test_record_is_what_happens(major: str, tmp_path: Path) -> None:
    python = interpreters().get(major)
    if python is None:
        pytest.skip(f"no .venv-mlflow{major}")
    seen = watch(programs().values(), python, tmp_path)
    assert seen == {name: recorded()[name][major] for name in NAMES}
