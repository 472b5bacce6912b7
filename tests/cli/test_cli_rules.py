from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlaudit.cli.app import run

pytestmark = pytest.mark.usefixtures("repository")


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (own,) = [line for line in lines if line.startswith("OWN001")]
    assert own.split()[:5] == ["OWN001", "home-made-draw", "warning", "high", "regular"]
    assert own.endswith("A draw from the global generator")
    assert lines[1:] == sorted(lines[1:])


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    assert "home-made-draw" in {rule["name"] for rule in rules}


def test_examples_of_a_good_pack(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "test", "pack"]) == 0
    assert "3 examples" in capsys.readouterr().out


def test_examples_of_a_pack_that_finds_too_much(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = repository / "pack/home-made-draw.yaml"
    file.write_text(file.read_text().replace("default_rng(1).random(3)", "rand(3)"))
    assert run(["rules", "test", "pack"]) == 1
    assert "OWN001" in capsys.readouterr().out


def test_folder_without_rules(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "empty").mkdir()
    assert run(["rules", "test", "empty"]) == 2
    assert "holds no rules" in capsys.readouterr().err
