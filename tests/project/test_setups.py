"""Images, jobs and notebooks: what they bring, and to which project they belong."""

# ruff: noqa: E501 - files stand in one line
from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlaudit.project.environment.environment import Environment
from mlaudit.project.survey import survey
from mlaudit.repo.opening import open_repo


def environment(folder: Path, files: dict[str, str]) -> Environment:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return survey(open_repo([folder])).environment


def notebook(*lines: str) -> str:
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": [f"{line}\n" for line in lines],
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def homes(found: Environment) -> dict[str, set[str]]:
    """Root of each setup by its path; `-` for one that has none."""
    table: dict[str, set[str]] = {one.path: {"-"} for one in found.strays}
    for root in found.roots:
        for setup in found.setups(root):
            table.setdefault(setup.path, set()).add(root.path)
    return table


IMAGE = (
    "FROM python:3.11-slim\nCOPY requirements.txt /app/\nRUN pip install -r /app/requirements.txt\n"
)
TOOL = "FROM python:3.9\nRUN pip install kafka-python==2.0.2\n"


@pytest.mark.parametrize(
    ("files", "path", "wanted"),
    [
        pytest.param({"requirements.txt": "x\n", "Dockerfile": IMAGE}, "Dockerfile", {""}, id="beside"),
        pytest.param(
            {"requirements.txt": "x\n", "docker/Dockerfile": IMAGE}, "docker/Dockerfile", {""}, id="docker-folder"
        ),
        pytest.param(
            {"api/requirements.txt": "x\n", "Dockerfile": IMAGE.replace("requirements.txt /", "api/requirements.txt /")},
            "Dockerfile",
            {"api"},
            id="copies-from-another",
        ),
        pytest.param(
            {"requirements.txt": "x\n", "tools/kafka/Dockerfile": TOOL}, "tools/kafka/Dockerfile", {"-"}, id="stray"
        ),
        pytest.param(
            {
                "pyproject.toml": '[project]\nname = "churn"\nversion = "0"\n[build-system]\nrequires = []\n'
                'build-backend = "x"\n',
                "tools/image/Dockerfile": "FROM python:3.11\nRUN pip install churn==1.2\n",
            },
            "tools/image/Dockerfile",
            {""},
            id="installs-the-package",
        ),
    ],
)  # fmt: skip
def test_where_an_image_belongs(
    files: dict[str, str], path: str, wanted: set[str], tmp_path: Path
) -> None:
    assert homes(environment(tmp_path, files))[path] == wanted


WORKFLOW = """\
on:
  push:
    paths: [{paths}]
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          {run}
"""
TWO = {"train/requirements.txt": "x\n", "serve/requirements.txt": "y\n"}


@pytest.mark.parametrize(
    ("files", "paths", "run", "wanted"),
    [
        pytest.param(TWO, "", "pip install -r train/requirements.txt", {"train"}, id="list"),
        pytest.param(TWO, "", "cd serve && pip install -r requirements.txt", {"serve"}, id="cd"),
        pytest.param(TWO, '"serve/**"', "uv sync", {"serve"}, id="paths"),
        pytest.param(TWO, "", "uv sync", {""}, id="nobody-knows"),
        pytest.param({"app/requirements.txt": "x\n"}, "", "uv sync", {"app"}, id="the-only-one"),
        pytest.param(
            {**TWO, "requirements.txt": "z\n"}, "", "uv sync", {""}, id="of-the-repository"
        ),
    ],
)
def test_where_a_job_belongs(
    files: dict[str, str], paths: str, run: str, wanted: set[str], tmp_path: Path
) -> None:
    workflow = WORKFLOW.format(paths=paths, run=run)
    found = environment(tmp_path, {**files, ".github/workflows/ci.yml": workflow})
    assert homes(found)[".github/workflows/ci.yml"] == wanted


@pytest.mark.parametrize(
    ("image", "pythons"),
    [
        ("FROM python:3.11-slim\nRUN pip install x\n", ["==3.11.*"]),
        ("FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim\nRUN uv sync\n", ["==3.12.*"]),
        ("FROM x.amazonaws.com/pytorch-training:2.0.1-gpu-py310-cu118\n", ["==3.10.*"]),
        ("FROM ubuntu:24.04\nRUN uv python install 3.12\n", ["==3.12.*"]),
        ("FROM python:3.9\nRUN conda create -n x python=3.10 numpy\n", ["==3.10.*"]),
        ("FROM python:3.9\nRUN conda env create -f environment.yml\n", []),
        ("FROM python:3.9 AS build\nRUN pip install x\nFROM python:3.11\nRUN pip install y\n", ["==3.11.*"]),
        ("ARG V\nFROM python:${V}\nRUN pip install x\n", []),
        ("FROM numpy:1.26\nRUN pip install x\n", []),
    ],
)  # fmt: skip
def test_the_interpreter_of_an_image(image: str, pythons: list[str], tmp_path: Path) -> None:
    found = environment(tmp_path, {"requirements.txt": "x\n", "Dockerfile": image})
    setups = [one for one in found.setups(found.roots[0]) if one.side == "image"]
    assert [python.specifier for one in setups for python in one.pythons] == pythons


def test_only_what_the_last_stage_takes_over_counts(tmp_path: Path) -> None:
    image = (
        "FROM python:3.11 AS docs\nRUN pip install mkdocs==1\n"
        "FROM python:3.11 AS build\nRUN pip install torch==2.5.1\n"
        "FROM python:3.11 AS final\nCOPY --from=build /venv /venv\nRUN pip install numpy==2.1\n"
    )
    found = environment(tmp_path, {"requirements.txt": "x\n", "Dockerfile": image})
    (setup,) = found.setups(found.roots[0])
    names = [one.name for install in setup.installs for one in install.dependencies]
    assert names == ["torch", "numpy"]


@pytest.mark.parametrize(
    ("files", "source", "exact"),
    [
        pytest.param(
            {"requirements.txt": "torch>=2\n", "Dockerfile": "FROM pytorch/pytorch:2.1.0-cuda12.1\n"},
            "image",
            "2.1.0",
            id="base-image-before-bounds",
        ),
        pytest.param(
            {"requirements.txt": "torch>=2\n", "Dockerfile": "FROM x\nRUN pip install torch==2.5.1\n"},
            "image",
            "2.5.1",
            id="command-before-bounds",
        ),
        pytest.param(
            {"requirements.txt": "torch==2.6.0\n", "Dockerfile": "FROM x\nRUN pip install torch==2.5.1\n"},
            "pin",
            "2.6.0",
            id="pin-before-image",
        ),
        pytest.param(
            {"requirements.txt": "torch==2.6.0\n", "environment.yml": "dependencies:\n- pytorch=2.1.0\n"},
            "pin",
            "2.6.0",
            id="pin-before-conda",
        ),
    ],
)  # fmt: skip
def test_the_order_of_sources(
    files: dict[str, str], source: str, exact: str, tmp_path: Path
) -> None:
    interval = environment(tmp_path, files).version("train.py", "torch")
    assert interval is not None
    assert (interval.source, interval.exact) == (source, exact)


def test_the_image_of_a_library_says_nothing_of_its_users(tmp_path: Path) -> None:
    package = (
        '[project]\nname = "tools"\nversion = "0"\ndependencies = ["torch>=2"]\n'
        '[build-system]\nrequires = []\nbuild-backend = "x"\n'
    )
    image = "FROM pytorch/pytorch:2.1.0-cuda12.1\nRUN pip install .\n"
    interval = environment(tmp_path, {"pyproject.toml": package, "Dockerfile": image}).version(
        "x.py", "torch"
    )
    assert interval is not None
    assert interval.source == "bounds"


def test_a_notebook_has_what_it_installs(tmp_path: Path) -> None:
    found = environment(
        tmp_path,
        {
            "requirements.txt": "torch==2.6.0\n",
            "demo.ipynb": notebook("%pip install -q torch==1.8.0", "import torch"),
            "other.ipynb": notebook("%pip install -q numpy==2.1", "import torch"),
        },
    )
    versions = {
        path: interval.exact
        for path in ("demo.ipynb", "other.ipynb", "train.py")
        if (interval := found.version(path, "torch"))
    }
    assert versions == {"demo.ipynb": "1.8.0", "other.ipynb": "2.6.0", "train.py": "2.6.0"}


def test_a_pin_for_interpreters_that_are_not_taken_does_not_count(tmp_path: Path) -> None:
    package = (
        '[project]\nname = "app"\nversion = "0"\nrequires-python = ">=3.10"\n'
        "dependencies = [\"torch==1.8.0; python_version < '3.8'\", "
        "\"torch==2.6.0; python_version >= '3.8'\"]\n"
    )
    interval = environment(tmp_path, {"pyproject.toml": package}).version("x.py", "torch")
    assert interval is not None
    assert interval.exact == "2.6.0"
