"""mlaudit says of each program what happens when it is run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from programs import DECLARATION, FIXTURES, RECORD, differs, interpreter, programs, recorded
from seeding import said, seeded
from verdicts import judge

NAMES = sorted(programs())
DATA = json.loads(RECORD.read_text("utf-8"))


@pytest.fixture
def python() -> str:
    found = interpreter()
    if not found:
        pytest.skip("no .venv-oracle")
    return found


def test_every_program_was_run() -> None:
    assert sorted(recorded()) == NAMES
    assert len(NAMES) >= 60


def test_every_folder_is_a_program() -> None:
    folders = {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()}
    assert folders == set(NAMES), f"each needs a {DECLARATION}"


def test_both_outcomes_are_common() -> None:
    outcomes = list(recorded().values())
    assert 0.35 < outcomes.count(True) / len(outcomes) < 0.65


def test_nearly_all_can_be_told() -> None:
    """Each that cannot is a run that mlaudit says nothing sure of."""
    assert sum(bool(program.not_determined) for program in programs().values()) <= 3


def test_record_was_made_with_the_frozen_libraries() -> None:
    needed = {need for program in programs().values() for need in program.needs}
    text = (FIXTURES / "requirements.txt").read_text("utf-8")
    pins = re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE)
    frozen = {re.sub(r"[._]", "-", name.lower()): version for name, version in pins}
    tried = {name: version for name, version in DATA["versions"].items() if name != "python"}
    assert set(tried) == needed
    assert tried == {name: frozen[name] for name in tried}


@pytest.mark.parametrize("name", NAMES)
def test_verdict_is_what_happened(name: str, tmp_path: Path) -> None:
    judged = judge(programs()[name], tmp_path)
    happened = "differs" if judged.differs else "repeats"
    assert judged.agrees, f"the run {happened}, mlaudit: {judged.verdict.value} {judged.findings}"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_record_is_what_happens(name: str, tmp_path: Path, python: str) -> None:
    assert differs(programs()[name], python, tmp_path) == recorded()[name]


def test_calls_seed_what_the_tables_say() -> None:
    tables = said()
    assert set(DATA["seeds"]) == set(tables)
    tried = {name: seeds for name, seeds in DATA["seeds"].items() if seeds is not None}
    assert tried == {name: tables[name] for name in tried}
    assert {"random.seed", "numpy.random.seed", "torch.manual_seed"} <= set(tried)


@pytest.mark.slow
def test_calls_seed_what_was_recorded(python: str) -> None:
    assert seeded(python) == DATA["seeds"]
