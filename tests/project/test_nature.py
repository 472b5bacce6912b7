"""Library, application, or not to be told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.nature import Nature, nature
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo

Judge = Callable[..., Nature]

PACKAGE = {
    "pyproject.toml": """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "gradtools"
version = "1.2.0"
""",
    "src/gradtools/__init__.py": "import torch\n",
}
CLASSIFIED = {
    **PACKAGE,
    "pyproject.toml": PACKAGE["pyproject.toml"]
    + 'classifiers = ["Programming Language :: Python :: 3"]\n',
}
TRAINS = """
from sklearn.svm import SVC

if __name__ == "__main__":
    SVC().fit([[0], [1]], [0, 1])
"""
PUBLISHES = """
on: {release: {types: [published]}}
jobs:
  upload:
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def run(files: dict[str, str], root: str = "") -> Nature:
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        repo = open_repo([tmp_path])
        project = Project(repo, read_facts(repo, repo.files).facts)
        [found] = [one for one in project.environment.roots if one.path == root]
        return nature(project, found)

    return run


def test_code_that_nobody_can_install_is_an_application(judge: Judge) -> None:
    assert judge({"requirements.txt": "torch\n", "model.py": "import torch\n"}) is (
        Nature.APPLICATION
    )


def test_a_package_that_nothing_says_is_published_cannot_be_told(judge: Judge) -> None:
    assert judge(PACKAGE) is Nature.UNKNOWN


@pytest.mark.parametrize(
    "path", ["train.py", "scripts/train.py", "src/gradtools/train.py", "notebooks/train.py"]
)
def test_what_it_trains_makes_it_an_application(judge: Judge, path: str) -> None:
    assert judge({**PACKAGE, path: TRAINS}) is Nature.APPLICATION


@pytest.mark.parametrize("path", ["examples/train.py", "tests/train.py", "benchmarks/train.py"])
def test_examples_train_in_libraries_too(judge: Judge, path: str) -> None:
    assert judge({**PACKAGE, path: TRAINS}) is Nature.UNKNOWN
    assert judge({**CLASSIFIED, path: TRAINS}) is Nature.LIBRARY


def test_what_is_deployed_is_an_application(judge: Judge) -> None:
    assert judge({**PACKAGE, "Dockerfile": "FROM python:3.11\n"}) is Nature.APPLICATION


def test_classifiers_allow_programs_within_the_package(judge: Judge) -> None:
    assert judge({**CLASSIFIED, "src/gradtools/train.py": TRAINS}) is Nature.LIBRARY


def test_a_program_beside_the_package_outweighs_classifiers(judge: Judge) -> None:
    assert judge({**CLASSIFIED, "train.py": TRAINS}) is Nature.APPLICATION


def test_publishing_outweighs_programs(judge: Judge) -> None:
    files = {**PACKAGE, "train.py": TRAINS, ".github/workflows/release.yml": PUBLISHES}
    assert judge(files) is Nature.LIBRARY


def test_a_private_package_is_an_application(judge: Judge) -> None:
    private = 'classifiers = ["Private :: Do Not Upload"]\n'
    files = {**PACKAGE, "pyproject.toml": PACKAGE["pyproject.toml"] + private}
    assert judge(files) is Nature.APPLICATION


def test_a_package_without_modules_is_none(judge: Judge) -> None:
    assert judge({"pyproject.toml": CLASSIFIED["pyproject.toml"]}) is Nature.APPLICATION


def test_a_list_below_a_library_may_be_a_tool_of_its_makers(judge: Judge) -> None:
    files = {**CLASSIFIED, ".actions/requirements.txt": "requests\n"}
    assert judge(files, ".actions") is Nature.UNKNOWN


def test_parts_of_a_repository_are_judged_apart(judge: Judge) -> None:
    part = {f"lib/{path}": text for path, text in CLASSIFIED.items()}
    files = {**part, "app/requirements.txt": "torch\n", "app/train.py": TRAINS}
    assert judge(files, "lib") is Nature.LIBRARY
    assert judge(files, "app") is Nature.APPLICATION
