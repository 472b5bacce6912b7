"""Project roots are judged apart; what lies above them speaks for all, or for those it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.model import Maturity
from mlaudit.maturity.parts import parts
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.model import Match, Spot

TRAIN = """\
from sklearn.linear_model import LogisticRegression

LogisticRegression().fit([[0.0], [1.0]], [0, 1])
"""
TWO = {
    "a/requirements.txt": "scikit-learn\n",
    "a/train.py": TRAIN,
    "b/requirements.txt": "scikit-learn\n",
    "b/train.py": TRAIN,
}
LIBRARY = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "lib"
version = "1"
classifiers = ["Programming Language :: Python"]
"""


def project(root: Path, files: dict[str, str]) -> Project:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    return Project(repo, read_facts(repo, repo.files).facts)


def files_of(root: Path, files: dict[str, str]) -> dict[str, set[str]]:
    return {one.root.path: set(one.files) for one in parts(project(root, {**TWO, **files}))}


def maturity(root: Path, files: dict[str, str], *matches: Match) -> Maturity:
    return assess(project(root, files), matches)


def test_one_root_has_all_files(tmp_path: Path) -> None:
    files = {"requirements.txt": "", "train.py": TRAIN, "k8s/api.yaml": "", "docs/a.md": ""}
    (part,) = parts(project(tmp_path, files))
    assert (part.root.path, set(part.files)) == ("", set(files))


def test_a_root_without_code_is_no_part(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "requirements.txt": "", "docker/api/requirements.txt": "flask\n"}
    assert [one.root.path for one in parts(project(tmp_path, files))] == [""]


@pytest.mark.parametrize("path", ["benchmarks/speed", "tools"])
def test_what_makers_of_a_library_keep_beside_it_is_no_part(tmp_path: Path, path: str) -> None:
    files = {
        "pyproject.toml": LIBRARY,
        "src/lib/__init__.py": "def f(): ...\n",
        f"{path}/requirements.txt": "numpy\n",
        f"{path}/run.py": "print(1)\n",
    }
    assert [one.root.path for one in parts(project(tmp_path, files))] == [""]


@pytest.mark.parametrize(
    "path",
    ["README.md", "LICENSE", "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", "CHANGELOG.md"],
)
def test_some_files_are_looked_up_to_the_top(tmp_path: Path, path: str) -> None:
    found = files_of(tmp_path, {path: "x\n"})
    assert path in found["a"]
    assert path in found["b"]


WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: x\n    steps:\n      - run: {}\n"


@pytest.mark.parametrize(
    ("command", "sharing"),
    [
        ("pytest", {"a", "b"}),
        ("pytest a", {"a"}),
        ("cd b && pytest", {"b"}),
        ("pytest ./a/tests b/tests", {"a", "b"}),
        ("pytest data/a.csv bb", {"a", "b"}),
        ("pytest ${HOME}/b", {"b"}),
    ],
)
def test_a_job_counts_for_the_roots_that_it_names_or_for_all(
    tmp_path: Path, command: str, sharing: set[str]
) -> None:
    path = ".github/workflows/ci.yml"
    found = files_of(tmp_path, {path: WORKFLOW.replace("{}", command)})
    assert {name for name, files in found.items() if path in files} == sharing


def test_a_document_that_lies_in_no_root_speaks_for_those_it_names(tmp_path: Path) -> None:
    stages = "stages:\n  train:\n    cmd: python b/train.py\n"
    found = files_of(tmp_path, {"dvc.yaml": stages, "k8s/api.yaml": "kind: Service\n"})
    assert "dvc.yaml" not in found["a"]
    assert "dvc.yaml" in found["b"]
    assert "k8s/api.yaml" in found["a"] & found["b"]


def test_what_belongs_to_a_root_is_not_that_of_another(tmp_path: Path) -> None:
    found = files_of(tmp_path, {"requirements.txt": "x\n", "train.py": TRAIN, "k8s/api.yaml": ""})
    assert {name for name, files in found.items() if "k8s/api.yaml" in files} == {""}
    assert {name for name, files in found.items() if "b/train.py" in files} == {"b"}


def test_members_of_a_workspace_have_its_lock(tmp_path: Path) -> None:
    member = '[project]\nname = "{}"\nversion = "1"\ndependencies = ["numpy"]\n'
    files = {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["a"]\n' + member.format("top"),
        "train.py": TRAIN,
        "a/pyproject.toml": member.format("a"),
        "a/train.py": TRAIN,
        "b/pyproject.toml": member.format("b"),
        "b/train.py": TRAIN,
        "uv.lock": "version = 1\n",
    }
    found = {one.root.path: set(one.files) for one in parts(project(tmp_path, files))}
    assert {name for name, held in found.items() if "uv.lock" in held} == {"", "a"}


def test_the_headline_is_that_of_the_lowest_root_that_trains_or_serves(tmp_path: Path) -> None:
    tracked = TRAIN + "import mlflow\nmlflow.start_run()\nmlflow.log_metric('a', 1)\n"
    files = {
        **TWO,
        "b/train.py": tracked,
        "c/requirements.txt": "numpy\n",
        "c/util.py": "import numpy\n",
    }
    found = maturity(tmp_path, files)
    assert found.root == "a"
    assert [(one.path, one.trains) for one in found.roots] == [
        ("a", True), ("b", True), ("c", False)
    ]  # fmt: skip
    assert found.roots[1].score > found.roots[0].score


def test_where_nothing_trains_or_serves_the_first_root_stands_for_all(tmp_path: Path) -> None:
    files = {path: text.replace(TRAIN, "import numpy\n") for path, text in TWO.items()}
    assert maturity(tmp_path, files).root == "a"


def test_a_finding_counts_for_the_root_it_lies_in(tmp_path: Path) -> None:
    tracked = TRAIN + "import mlflow\nmlflow.start_run()\n"
    files = {**TWO, "a/train.py": tracked, "b/train.py": tracked}
    scores = {one.path: one.score for one in maturity(tmp_path, files).roots}
    finding = Match("TRK001", Spot("b/train.py"))
    capped = {one.path: one.score for one in maturity(tmp_path, files, finding).roots}
    assert capped["a"] == scores["a"]
    assert capped["b"] < scores["b"]


def test_a_finding_about_what_is_not_there_counts_for_all_below(tmp_path: Path) -> None:
    found = parts(project(tmp_path, TWO))
    whole = project(tmp_path, {})
    assert [one.holds(whole, "README.md") for one in found] == [True, True]
    assert [one.holds(whole, "a/uv.lock") for one in found] == [True, False]
    assert [one.holds(whole, "b/train.py") for one in found] == [False, True]
