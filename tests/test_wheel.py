"""What is installed carries its rules; a checkout reads its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from mlaudit.knowledge import knowledge_root

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="not among the lowest versions")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return file


def knowledge(folder: Path) -> set[str]:
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.suffix in (".yaml", ".json")
    }


def test_wheel_holds_all_that_is_known_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    prefix = "mlaudit/_knowledge/"
    shipped = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    assert shipped == knowledge(ROOT / "rules")
    assert {name.split("/")[0].split("-")[0] for name in names} == {"mlaudit"}
    assert "mlaudit/py.typed" in names


def test_installed_mlaudit_reads_the_rules_of_the_wheel(wheel: Path, tmp_path: Path) -> None:
    ZipFile(wheel).extractall(tmp_path / "site")
    command = [sys.executable, "-m", "mlaudit", "rules", "--format", "json"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "site"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    removed = tmp_path / "site/mlaudit/_knowledge/environment/no-lock-file.yaml"
    removed.unlink()
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, check=True)
    rules = {rule["name"] for rule in json.loads(done.stdout)}
    own = {Path(name).stem for name in knowledge(ROOT / "rules")}
    assert "unpinned-requirements" in rules
    assert removed.stem not in rules
    assert rules <= own


def test_checkout_reads_its_own_rules() -> None:
    assert knowledge_root() == ROOT / "rules"
