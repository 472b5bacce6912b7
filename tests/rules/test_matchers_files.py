"""Matchers that walk over files: credential, config, notebook, file, dependency."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.apis import ApiFile, Apis
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import images, paths, prepare
from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity

CONTEXTS = ("src", "scripts", "notebooks", "config", "tests", "docs", "examples")
TOKEN = "hf" + "_QmZtRbKxWvYpLsNcJdHgFkTzXwMvBnPqRs"
Find = Callable[..., list[Match]]


def rule(detect: dict[str, Any], **more: Any) -> Rule:
    dials = (Severity.WARNING, Confidence.HIGH, Persona.REGULAR)
    return Rule("TST900", "test", "", *dials, "0.1.0", CONTEXTS, detect, "", "", "", (), **more)


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Matches of one rule in a repository with these files in its index."""

    def run(detect: dict[str, Any], files: dict[str, str], **more: Any) -> list[Match]:
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for command in (["init", "-q"], ["add", "-A", "-f"]):
            subprocess.run(["git", "-C", tmp_path, *command], check=True, capture_output=True)
        repo = open_repo([tmp_path])
        project = Project(repo, read_facts(repo, repo.files).facts)
        return list(prepare(rule(detect, **more), Apis(ApiFile()))(project))

    return run


def lines(matches: list[Match]) -> list[str]:
    return sorted(f"{match.spot.path}:{match.spot.span.line}" for match in matches)


def notebook(*cells: dict[str, Any]) -> str:
    whole = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1)


def code(source: str, count: int | None = None, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
    }


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


# Credentials

TOKENS: dict[str, Any] = {"providers": {"all-but": ["url", "private-key"]}}


def test_a_match_shows_no_more_than_the_beginning_of_a_secret(find: Find) -> None:
    [match] = find({"credential": TOKENS}, {"a.py": f'token = "{TOKEN}"\n'})
    assert match.values == {
        "provider": "Hugging Face", "masked": "hf_Q…, 37 characters", "name": "", "more": "",
        "held": "the file",
    }  # fmt: skip
    assert TOKEN[4:] not in repr(match)


@pytest.mark.parametrize(("outputs", "expected"), [(True, 1), (False, 1), (None, 2)])
def test_saved_output_is_told_from_code(find: Find, outputs: bool | None, expected: int) -> None:
    text = notebook(code(f"token = '{TOKEN}'", 1), code("print(token)", 2, printed(TOKEN)))
    detect = TOKENS if outputs is None else {**TOKENS, "outputs": outputs}
    matches = find({"credential": detect}, {"a.ipynb": text})
    assert len(matches) == expected
    last = text.split("\n").index(next(x for x in text.split("\n") if '"stdout"' in x))
    assert all((match.spot.span.line > last) is outputs for match in matches) or outputs is None


def test_levels_by_host_and_context(find: Find) -> None:
    url = "postgresql://trainer:t7Kq9vXw2LmP@{}:5432/features"
    levels = [{"local": True, "severity": "note"}, {"contexts": ["tests"], "severity": "note"}]
    files = {
        "a.py": f'A = "{url.format("db.corp.net")}"\n',
        "b.py": f'B = "{url.format("localhost")}"\n',
        "tests/c.py": f'C = "{url.format("db.corp.net")}"\n',
    }
    matches = find({"credential": {"providers": ["url"], "levels": levels}}, files)
    assert {match.spot.path: match.severity for match in matches} == {
        "a.py": None,
        "b.py": Severity.NOTE,
        "tests/c.py": Severity.NOTE,
    }


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("OPENAI_API_KEY=t7Kq9vXw2LmPzR4s\n", None),
        ("POSTGRES_PASSWORD=mlflow-db\n", Severity.NOTE),
        ("POSTGRES_PASSWORD=mlflow-db\nHF_TOKEN=t7Kq9vXw2LmPzR4s\n", None),
    ],
)
def test_short_values_are_development_defaults(
    find: Find, text: str, severity: Severity | None
) -> None:
    [match] = find({"credential": {"files": {"settings": True}}}, {".env": text})
    assert match.severity is severity


@pytest.mark.parametrize(
    "text", ["MAX_TOKENS=t7Kq9vXw2LmPzR4s\n", "API_KEY=\n", "API_KEY=${SECRET}\n", "PASSWORD=x\n"]
)
def test_settings_without_a_secret(find: Find, text: str) -> None:
    assert find({"credential": {"files": {"settings": True}}}, {".env": text}) == []


def test_an_empty_file_holds_nothing(find: Find) -> None:
    detect = {"files": {"names": [{"what": "a netrc file", "file": ["**/.netrc"]}]}}
    files = {".netrc": "", "home/.netrc": "machine a login b password t7Kq9vXw\n"}
    assert lines(find({"credential": detect}, files)) == ["home/.netrc:1"]


def test_keys_of_a_document_need_values(find: Find) -> None:
    kaggle = {"what": "a Kaggle API token", "file": ["**/kaggle.json"], "keys": ["username", "key"]}
    files = {
        "a/kaggle.json": '{"username": "trainer", "key": "9f3b1c7d5e2a4f6080b1d3c5e7f9a2b4"}',
        "b/kaggle.json": '{"username": "trainer", "key": "<your key>"}',
        "c/kaggle.json": '{"username": "trainer"}',
        "d/kaggle.json": '{"competition": "titanic"}',
    }
    matches = find({"credential": {"files": {"documents": [kaggle]}}}, files)
    assert lines(matches) == ["a/kaggle.json:1"]


# Configuration

DOCUMENT = """\
jobs:
  build:
    steps:
      - run: pip install torch
      - run: ${{ inputs.command }}
    image: app
  deploy.now:
    steps:
      - run: ls
"""


@pytest.mark.parametrize(
    ("detect", "expected"),
    [
        ({"path": "jobs.*.steps.*.run", "matches": "pip install"}, ["ci.yaml:4"]),
        ({"path": "jobs.*.run", "matches": "."}, []),
        ({"path": "**.image", "equals": "app"}, ["ci.yaml:6"]),
        ({"path": "**.image", "equals": ["web", "app"]}, ["ci.yaml:6"]),
        ({"path": "**.image", "image": ["latest"]}, ["ci.yaml:6"]),
        ({"path": "**.run", "matches": ".", "files": ["other/*.yaml"]}, []),
        ({"path": "**.image", "equals": "app", "matches": "nothing"}, []),
    ],
)
def test_values_by_their_route(find: Find, detect: dict[str, Any], expected: list[str]) -> None:
    assert lines(find({"config": detect}, {"ci.yaml": DOCUMENT})) == expected


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("python", "has no tag"),
        ("registry.example.org:5000/team/app", "has no tag"),
        ("registry.example.org:5000/team/app:1.2", ""),
        ("tensorflow/tensorflow:latest-gpu", "has the moving tag 'latest-gpu'"),
        ("torch:nightly-20250110", ""),
        ("torch:nightly-2025.01.10", ""),
        ("app:main-4d7a214", ""),
        ("python:latest@sha256:4d7a2146", ""),
        ("python@sha256:4d7a2146", ""),
        ("scratch", ""),
        ("app:latestish", ""),
    ],
)
def test_images_that_float(reference: str, problem: str) -> None:
    assert images.floats(reference, frozenset({"latest", "nightly"})) == problem


# Notebooks

ORDER = {"notebook": {"check": "execution-order"}}


@pytest.mark.parametrize(
    ("counts", "disorder"),
    [
        ([1, 2, 3], False),
        ([3, 9, 40], False),
        ([5, 5, 6], False),
        ([None, 4, None, 2], True),
        ([1, 2, 1], True),
        ([7], False),
        ([None, None], False),
    ],
)
def test_only_a_decrease_is_disorder(find: Find, counts: list[int | None], disorder: bool) -> None:
    cells = [code(f"x{number} = 1", count) for number, count in enumerate(counts)]
    assert bool(find(ORDER, {"a.ipynb": notebook(*cells)})) is disorder


def test_both_cells_are_named_and_placed(find: Find) -> None:
    cells = [code("x = 1", 4), {"cell_type": "markdown", "metadata": {}, "source": "Then"}]
    [match] = find(ORDER, {"a.ipynb": notebook(*cells, code("y = 1\nz = 2", 2))})
    assert match.values == {"first": "1", "second": "3", "higher": "4", "lower": "2"}
    assert (match.spot.code, match.spot.span.line) == (True, 2)
    assert [related.spot.span.line for related in match.related] == [1]


def test_a_broken_notebook_is_no_disorder(find: Find) -> None:
    assert find(ORDER, {"a.ipynb": '{"cells": [', "b.ipynb": "[]"}) == []


# Files

README = {"absent": ["README*"], "place": ["pyproject.toml", "**/*.py"]}


@pytest.mark.parametrize(
    ("detect", "files", "expected"),
    [
        (README, {"a/b.py": "", "c.py": ""}, ["a/b.py:1"]),
        (README, {"a/b.py": "", "pyproject.toml": "[tool.x]\n"}, ["pyproject.toml:1"]),
        (README, {"a.py": "", "readme.MD": ""}, []),
        (README, {"a.py": "", "docs/README.md": ""}, ["a.py:1"]),
        ({**README, "look": "anywhere"}, {"a.py": "", "docs/README.md": ""}, []),
        (README, {"notes.txt": ""}, []),
        ({"present": ["**/*.bak"]}, {"x/a.bak": "", "a.py": ""}, ["x/a.bak:1"]),
    ],
)
def test_absent_and_present(
    find: Find, detect: dict[str, Any], files: dict[str, str], expected: list[str]
) -> None:
    assert lines(find({"file": detect}, files)) == expected


# Dependencies


def test_lists_of_one_repository_answer_together(find: Find) -> None:
    files = {f"part{number}/requirements.txt": "torch>=2\n" for number in range(3)}
    files["pinned/requirements.txt"] = "torch==2.5.1\n"
    matches = find({"dependency": {"lacks": "lock"}}, files, scope="repository")
    assert [(match.spot.path, match.severity, match.values["more"]) for match in matches] == [
        ("part0/requirements.txt", None, ", and in 2 more folders"),
        ("pinned/requirements.txt", Severity.NOTE, ""),
    ]


def test_tools_alone_are_no_reason_to_warn(find: Find) -> None:
    detect = {"lacks": "lock", "tools": ["pytest"]}
    [match] = find({"dependency": detect}, {"requirements.txt": "torch==2.5.1\npytest\n"})
    assert match.severity is Severity.NOTE


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("torch", True),
        ("torch>=2", True),
        ("torch!=2.1", True),
        ("torch<3", False),
        ("torch~=2.5", False),
        ("torch==2.*", False),
        ("torch @ git+https://github.com/pytorch/pytorch", False),
        ("tqdm", False),
    ],
)
def test_what_leaves_newer_versions_in(find: Find, text: str, open_: bool) -> None:
    detect = {"lacks": "version", "of": ["torch"]}
    assert bool(find({"dependency": detect}, {"requirements.txt": f"{text}\n"})) is open_


def test_modules_of_the_repository_are_no_packages(find: Find) -> None:
    detect = {"lacks": "manifest", "imports": ["datasets", "torch"]}
    files = {"train.py": "import datasets\n", "datasets/__init__.py": ""}
    assert find({"dependency": detect}, files) == []


def test_optional_imports_need_no_manifest(find: Find) -> None:
    detect = {"lacks": "manifest", "imports": ["torch"]}
    text = "try:\n    import torch\nexcept ImportError:\n    torch = None\n"
    assert find({"dependency": detect}, {"train.py": text}) == []


# Parameters


@pytest.mark.parametrize(
    "detect",
    [
        {"git": {"larger-than": "10 MiB"}},
        {"git": {"biggest": "10 MB"}},
        {"git": {"any": [{"named": "model"}]}},
        {"git": {"lower-in": ["somewhere"]}},
        {"credential": {"levels": []}},
        {"credential": {"providers": ["url"], "levels": [{"severity": "bad"}]}},
        {"config": {"dockerfile": "stages"}},
        {"config": {"equals": 1}},
        {"notebook": {"check": "outputs"}},
        {"file": {"look": "root"}},
        {"file": {"absent": ["a"], "look": "up"}},
        {"dependency": {"lacks": "everything"}},
        {"dependency": {"lacks": "manifest"}},
    ],
)
def test_what_makes_no_sense_is_told(detect: dict[str, Any]) -> None:
    with pytest.raises(RulePackError, match="detect"):
        prepare(rule(detect), Apis(ApiFile()))


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.py", "a.py", True),
        ("*.py", "a/b.py", False),
        ("**/*.py", "a/b.py", True),
        ("**/*.py", "b.py", True),
        ("README*", "readme.md", True),
        ("a.c", "abc", False),
        ("data/**", "data/x/y", True),
    ],
)
def test_globs(pattern: str, path: str, fits: bool) -> None:
    assert paths.glob([pattern])(path) is fits


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (52_400_000, "52 MB"),
        (10**10, "10 GB"),
    ],
)
def test_sizes_for_people(count: int, text: str) -> None:
    assert paths.readable(count) == text
