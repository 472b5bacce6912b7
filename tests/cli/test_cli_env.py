"""`mlaudit env` on small repositories: each row is compared with what the files say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlaudit.cli.app import run
from mlaudit.knowledge import knowledge_root

PYPROJECT = """\
[project]
name = "churn"
version = "0"
requires-python = ">=3.11"
dependencies = [
  "numpy>=2",
  "scikit-learn>=1.4",
  "polars>=1",
]
[dependency-groups]
dev = ["pytest>=8"]
"""
LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "numpy"
version = "2.2.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "scikit-learn"
version = "1.6.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "scipy"
version = "1.15.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "pytest"
version = "8.3.4"
source = { registry = "https://pypi.org/simple" }
"""
DOCKERFILE = """\
FROM python:3.12-slim
COPY . .
RUN uv sync --frozen --no-dev
RUN pip install scikit-learn==1.2.0
"""
WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        python-version: ["3.11", "3.12"]
    steps:
      - run: uv sync
"""
# ruff: noqa: E501 - a table is as wide as it is
ONE_OF_ALL = {
    "pyproject.toml": PYPROJECT,
    "uv.lock": LOCK,
    "Dockerfile": DOCKERFILE,
    ".github/workflows/test.yml": WORKFLOW,
    ".python-version": "3.12\n",
}
TABLE = """\
== this repository
   pyproject.toml; locked by uv.lock

              declared                 locked: uv.lock  image: Dockerfile  CI: test.yml   verdict
Python        >=3.11 pyproject.toml:4  >=3.11 :2        3.12 :1            3.11, 3.12 :7  agreed
              3.12 .python-version:1
numpy         >=2 pyproject.toml:6     2.2.1 :4         lock :3            lock :9        locked
polars        >=1 pyproject.toml:8                                                        not in uv.lock
scikit-learn  >=1.4 pyproject.toml:7   1.6.1 :9         ==1.2.0 :4         lock :9        >=1.4 in pyproject.toml, ==1.2.0 in Dockerfile
                                                        lock :3
pytest (dev)  >=8 pyproject.toml:11    8.3.4 :19                           lock :9        locked

4 distributions: 2 held, 2 wrong; 1 more in the lock

"""


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_every_side_has_a_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, ONE_OF_ALL)
    assert run(["env", str(tmp_path)]) == 0
    assert capsys.readouterr().out == TABLE


def as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert run(["env", "--format", "json", str(folder)]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, ONE_OF_ALL)
    found = as_json(tmp_path, capsys)
    schema = json.loads((knowledge_root() / "schema" / "env.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    (project,) = found["projects"]
    rows = {row["name"]: row for row in project["rows"]}
    assert list(rows) == ["Python", "numpy", "polars", "scikit-learn", "pytest"]
    assert rows["numpy"]["version"] == {
        "specifiers": ["==2.2.1"],
        "source": "lock",
        "paths": ["uv.lock"],
    }
    assert rows["polars"]["verdict"] == {"grade": "wrong", "text": "not in uv.lock"}
    assert rows["pytest"]["groups"] == ["dev"]
    assert rows["scikit-learn"]["image"][0] == {
        "says": "==1.2.0",
        "path": "Dockerfile",
        "line": 4,
        "group": None,
        "variant": None,
    }


def test_roots_have_tables_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        tmp_path,
        {
            "train/requirements.txt": "torch==2.6.0\n",
            "serve/requirements.txt": "torch==2.1.0\n",
            "serve/Dockerfile": "FROM python:3.11\nRUN pip install -r requirements.txt\n",
            "kafka/Dockerfile": "FROM python:3.9\nRUN pip install kafka-python==2.0.2\n",
        },
    )
    found = {one["path"]: one["rows"] for one in as_json(tmp_path, capsys)["projects"]}
    assert list(found) == ["serve", "train", "kafka"]
    assert [row["verdict"]["text"] for row in found["serve"]] == ["named once", "pinned"]
    assert found["serve"][1]["image"][0]["says"] == "==2.1.0"
    assert [row["name"] for row in found["kafka"]] == ["Python", "kafka-python"]
    inside = as_json(tmp_path / "train", capsys)["projects"]
    assert [one["path"] for one in inside] == ["."]


VERDICTS = {
    "torch==2.5.1": ("held", "pinned"),
    "torch": ("loose", "any version"),
    "torch>=2": ("loose", "no upper bound"),
    "torch>=2,<3": ("loose", "range"),
    "torch @ git+https://example.org/torch": ("loose", "from a URL"),
    "torch @ https://example.org/torch-2.5.1.tar.gz": ("held", "pinned"),
    "torch>=1.*": ("loose", "not understood"),
}


@pytest.mark.parametrize(("line", "wanted"), VERDICTS.items(), ids=VERDICTS)
def test_verdicts(
    line: str, wanted: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"requirements.txt": line + "\n"})
    (row,) = as_json(tmp_path, capsys)["projects"][0]["rows"]
    assert (row["verdict"]["grade"], row["verdict"]["text"]) == wanted


def test_notebooks_and_conda(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": ["%pip install transformers==4.40.0\n", "import transformers"],
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    conda = "dependencies:\n- python=3.10\n- pytorch=2.1\n- pip:\n  - transformers==4.40.0\n"
    write(tmp_path, {"environment.yml": conda, "a.ipynb": json.dumps(notebook, indent=1)})
    rows = {row["name"]: row for row in as_json(tmp_path, capsys)["projects"][0]["rows"]}
    assert rows["Python"]["declared"][0]["says"] == "3.10"
    assert rows["torch"]["declared"][0]["says"] == "==2.1.*"
    assert rows["torch"]["verdict"]["text"] == "pinned by conda"
    assert [one["line"] for one in rows["transformers"]["notebooks"]] == [9]


def rows_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (project,) = as_json(folder, capsys)["projects"]
    return {row["name"]: row for row in project["rows"]}


EXTRAS = """\
[project]
name = "churn"
version = "0"
dependencies = ["numpy>=2"]
[project.optional-dependencies]
gpu = ["torch>=2"]
test = ["pytest>=8"]
dev = ["pytest>=8", "ruff"]
"""


def test_an_installation_brings_the_extras_that_it_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow = "on: push\njobs:\n  test:\n    steps:\n    - run: uv pip install '.[dev]'\n"
    write(tmp_path, {"pyproject.toml": EXTRAS, ".github/workflows/ci.yml": workflow})
    rows = rows_of(tmp_path, capsys)
    found = {name: [one["says"] for one in row["ci"]] for name, row in rows.items()}
    assert found == {"numpy": [">=2"], "pytest": [">=8"], "ruff": ["any"], "torch": []}


def test_every_group_of_a_distribution_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"pyproject.toml": EXTRAS})
    assert rows_of(tmp_path, capsys)["pytest"]["groups"] == ["extra:test", "extra:dev"]


def test_a_package_that_setup_py_describes_is_installed_with_what_that_asks_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools>=52", "cython"]\n',
        "setup.py": 'from setuptools import setup\nsetup(name="a", install_requires=["numpy>=2"])\n',
        "Dockerfile": "FROM python:3.11\nCOPY . .\nRUN pip install .\n",
    }
    write(tmp_path, files)
    rows = rows_of(tmp_path, capsys)
    assert [one["says"] for one in rows["numpy"]["image"]] == [">=2"]
    assert rows["cython"]["image"] == []
    assert "setuptools" not in rows


def test_an_installer_is_a_row_where_a_version_of_it_is_needed_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"requirements.txt": "setuptools<81\nwheel\nnumpy==2.1.0\n"})
    assert list(rows_of(tmp_path, capsys)) == ["numpy", "setuptools"]


def test_what_an_image_pins_stays_when_it_asks_for_any_version_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pinned = "RUN pip install datasets==3.2.0\n"
    more = "RUN pip install 'datasets[vision]'\n"
    write(tmp_path, {"Dockerfile": f"FROM python:3.11\n{pinned}{more}"})
    assert rows_of(tmp_path, capsys)["datasets"]["verdict"]["text"] == "pinned"


def test_a_variant_is_told_by_the_name_that_stands_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"requirements.txt": "mlflow==2.9.2\nmlflow-skinny==2.9.2\n"})
    found = rows_of(tmp_path, capsys)["mlflow"]["declared"]
    assert [(one["variant"], one["line"]) for one in found] == [(None, 1), ("mlflow-skinny", 2)]
    assert run(["env", str(tmp_path)]) == 0
    assert "mlflow-skinny ==2.9.2 :2" in capsys.readouterr().out


def test_a_variant_that_another_one_brings_in_the_same_version_is_no_news(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = '[[package]]\nname = "{}"\nversion = "2.9.2"\nsource = {{ registry = "x" }}\n'
    lock = "version = 1\n" + package.format("mlflow") + package.format("mlflow-skinny")
    project = '[project]\nname = "a"\nversion = "0"\ndependencies = ["mlflow"]\n'
    write(tmp_path, {"pyproject.toml": project, "uv.lock": lock})
    assert [one["line"] for one in rows_of(tmp_path, capsys)["mlflow"]["locked"]] == [2]


def test_parts_of_one_repository_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "git+https://example.org/obs#subdirectory="
    write(tmp_path, {"requirements.txt": f"{url}client\n{url}collector\n"})
    row = rows_of(tmp_path, capsys)["obs"]
    assert [one["says"] for one in row["declared"]] == ["git#client", "git#collector"]
    assert row["verdict"]["text"] == "from a URL"


def test_a_job_of_an_inner_project_is_not_that_of_the_folder_around_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow = (
        "on: {push: {paths: [core/python/**, core/VERSION]}}\n"
        "jobs:\n  test:\n    steps:\n    - run: pip install cibuildwheel\n"
    )
    files = {
        "requirements.txt": "numpy==2.1.0\n",
        "core/VERSION": "1\n",
        "core/python/requirements.txt": "pandas==2.2.3\n",
        ".github/workflows/core.yml": workflow,
    }
    write(tmp_path, files)
    found = {one["path"]: one["rows"] for one in as_json(tmp_path, capsys)["projects"]}
    assert [row["name"] for row in found["."]] == ["numpy"]
    assert [row["name"] for row in found["core/python"]] == ["cibuildwheel", "pandas"]


COMPILED = (
    "# This file is autogenerated by pip-compile with Python 3.11\nnumpy==2.1.0\nsix==1.17.0\n"
)


def test_a_compiled_list_is_a_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"requirements.in": "numpy>=2\n", "requirements.txt": COMPILED})
    (project,) = as_json(tmp_path, capsys)["projects"]
    (row,) = project["rows"]
    assert (row["name"], row["verdict"]["text"]) == ("numpy", "frozen list")
    assert [one["says"] for one in row["locked"]] == ["2.1.0"]
    assert project["locked_only"] == 1


def test_a_compiled_list_alone_is_shown_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"requirements.txt": COMPILED})
    (project,) = as_json(tmp_path, capsys)["projects"]
    found = {row["name"]: row["verdict"]["text"] for row in project["rows"]}
    assert found == {"numpy": "frozen list", "six": "frozen list"}


def test_nothing_to_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"train.py": "import json\n"})
    assert run(["env", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("nothing here declares")


def test_what_a_stranger_wrote_is_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"pyproject.toml": '[project]\nname="x"\nrequires-python="\\u001b[31m"\n'})
    assert run(["env", "--color", "never", str(tmp_path)]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_colour_is_for_verdicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"requirements.txt": "torch==2.5.1\n"})
    assert run(["env", "--color", "always", str(tmp_path)]) == 0
    assert "torch" in capsys.readouterr().out


def test_a_path_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["env", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_help_names_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["env", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("declared", "locked", "image", "CI", "verdict", "json"))
