"""What the index of a real git repository holds, by size, format and name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.apis import ApiFile, Apis
from mlaudit.rules.matchers import prepare
from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity

PICKLE = b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94." + b"\0" * 20
PARQUET = b"PAR1"
EVERYWHERE = ("src", "scripts", "notebooks", "config", "tests", "docs", "examples")
Find = Callable[..., list[Match]]


def rule(detect: dict[str, Any], contexts: tuple[str, ...] = EVERYWHERE) -> Rule:
    return Rule(
        id="ART900",
        name="test",
        summary="",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.REGULAR,
        since="0.1.0",
        contexts=contexts,
        detect={"git": detect},
        message="",
        why="",
        remedy="",
        examples=(),
    )


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def write(root: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Matches of one rule in a repository with these files in its index."""

    def run(detect: dict[str, Any], files: Mapping[str, bytes], *, add: str = "-A") -> list[Match]:
        git(tmp_path, "init", "-q")
        write(tmp_path, files)
        git(tmp_path, "add", "-f", add)
        repo = open_repo([tmp_path])
        project = Project(repo, read_facts(repo, repo.files).facts)
        return list(prepare(rule(detect), Apis(ApiFile()))(project))

    return run


def places(matches: list[Match]) -> list[str]:
    return sorted(match.spot.path for match in matches)


def test_only_what_is_in_the_index_counts(find: Find) -> None:
    files = {"kept.bin": b"\1" * 3000, "loose.bin": b"\1" * 3000}
    assert places(find({"larger-than": "2 kB"}, files, add="kept.bin")) == ["kept.bin"]


def test_a_folder_without_git_is_silent(tmp_path: Path) -> None:
    write(tmp_path, {"big.bin": b"\1" * 3000})
    repo = open_repo([tmp_path])
    project = Project(repo, read_facts(repo, repo.files).facts)
    assert list(prepare(rule({"larger-than": "2 kB"}), Apis(ApiFile()))(project)) == []


def test_the_limit_itself_is_allowed(find: Find) -> None:
    files = {"a.bin": b"\1" * 2000, "b.bin": b"\1" * 2001}
    assert places(find({"larger-than": "2 kB"}, files)) == ["b.bin"]


def test_a_level_by_size_and_one_lower_in_tests(find: Find) -> None:
    detect = {
        "larger-than": "1 kB",
        "levels": [{"larger-than": "2 kB", "severity": "error"}],
        "lower-in": ["tests"],
    }
    files = {"a.bin": b"\1" * 1500, "b.bin": b"\1" * 2500, "tests/c.bin": b"\1" * 2500}
    severities = {match.spot.path: match.severity for match in find(detect, files)}
    assert severities["a.bin"] is None
    assert severities["b.bin"] is Severity.ERROR
    assert severities["tests/c.bin"] is None  # an error lowered to the rule's own warning


def test_a_deleted_file_has_no_size(find: Find, tmp_path: Path) -> None:
    detect = {"larger-than": "1 kB"}
    assert places(find(detect, {"a.bin": b"\1" * 3000})) == ["a.bin"]
    (tmp_path / "a.bin").unlink()
    repo = open_repo([tmp_path])
    project = Project(repo, read_facts(repo, repo.files).facts)
    assert list(prepare(rule(detect), Apis(ApiFile()))(project)) == []


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n"}, []),
        ({".gitattributes": b"data/** filter=lfs\n"}, []),
        ({".gitattributes": b"*.pt filter=lfs\n"}, ["data/a.bin"]),
        ({".gitattributes": b"*.bin filter=lfs\n*.bin -filter\n"}, ["data/a.bin"]),
        (
            {".gitattributes": b"*.bin filter=lfs\n", "data/.gitattributes": b"a.bin !filter\n"},
            ["data/a.bin"],
        ),
    ],
)
def test_what_git_lfs_holds_is_not_in_git(
    find: Find, tmp_path: Path, attributes: dict[str, bytes], expected: list[str]
) -> None:
    # The files are added first, so that no git-lfs is needed to run the test.
    git(tmp_path, "init", "-q")
    write(tmp_path, {"data/a.bin": b"\1" * 3000})
    git(tmp_path, "add", "-A")
    matches = find({"larger-than": "1 kB"}, attributes, add=".gitattributes")
    assert places(matches) == expected


def test_a_pointer_says_nothing_of_size(find: Find) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 123456\n" % (
        b"4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
    )
    assert find({"any": [{"extensions": ["bin"]}]}, {"model.bin": pointer}) == []


def test_formats_names_and_words_must_all_hold(find: Find) -> None:
    detect = {
        "any": [{"formats": ["pickle*"], "named": "model", "unless-named": ["data"]}],
        "words": {"model": ["model", "models"]},
    }
    files = {
        "models/rf": PICKLE,
        "models/notes.pkl": b"only text",
        "models/data/rf.pkl": PICKLE,
        "other/rf.pkl": PICKLE,
    }
    assert places(find(detect, files)) == ["models/rf"]


def test_words_are_found_whatever_joins_them(find: Find) -> None:
    files = {
        "a/toyRatings.csv": b"1,2",
        "a/toy_ratings.csv": b"1,2",
        "a/toyota.csv": b"1,2",
    }
    detect = {"any": [{"extensions": ["csv"]}], "unless-named": ["toy"]}
    assert places(find(detect, files)) == ["a/toyota.csv"]


def test_one_finding_a_directory_at_its_largest_file(find: Find) -> None:
    detect = {"any": [{"formats": ["parquet"]}], "group": "directory"}
    files = {
        "data/a.parquet": PARQUET + b"\0" * 10,
        "data/b.parquet": PARQUET + b"\0" * 20,
        "data/old/c.parquet": PARQUET,
    }
    matches = find(detect, files)
    assert places(matches) == ["data/b.parquet", "data/old/c.parquet"]
    [first] = [match for match in matches if match.spot.path == "data/b.parquet"]
    assert first.values["files"] == "2 files"
    assert first.values["names"] == "b.parquet, a.parquet"
    assert first.identity == "a.parquet b.parquet"


def test_fixtures_of_tests_up_to_a_size(find: Find) -> None:
    detect = {"any": [{"formats": ["pickle*"]}], "fixtures": "1 kB"}
    files = {"tests/small.pkl": PICKLE, "tests/large.pkl": PICKLE * 50, "a.pkl": PICKLE}
    assert places(find(detect, files)) == ["a.pkl", "tests/large.pkl"]


MLRUNS = [{"tool": "MLflow", "directory": "mlruns", "signature": "meta.yaml"}]
EVENTS = [{"tool": "TensorBoard", "signature": "events.out.tfevents*"}]


def test_a_folder_of_the_name_needs_its_signature(find: Find) -> None:
    files = {"mlruns/README.md": b"x", "src/mlruns.py": b"x", "card/meta.yaml": b"a: 1"}
    assert find({"outputs": MLRUNS}, files) == []


def test_one_output_is_one_finding(find: Find) -> None:
    files = {
        "work/mlruns/0/meta.yaml": b"a: 1",
        "work/mlruns/0/1f/meta.yaml": b"a: 1",
        "work/mlruns/0/1f/artifacts/events.out.tfevents.1": b"x" * 100,
    }
    [match] = find({"outputs": [*MLRUNS, *EVENTS]}, files)
    assert match.values == {
        "tool": "MLflow",
        "directory": "work/mlruns",
        "files": "3 files",
        "size": "108 bytes",
    }


def test_runs_below_one_folder_are_one_output(find: Find) -> None:
    files = {
        "logs/tb/a/events.out.tfevents.1": b"x",
        "logs/tb/b/events.out.tfevents.1": b"x",
        "other/events.out.tfevents.1": b"x",
    }
    matches = find({"outputs": EVENTS}, files)
    assert sorted(match.values["directory"] for match in matches) == ["logs/tb", "other"]


def test_a_signature_at_the_root_is_an_output_by_itself(find: Find) -> None:
    files = {"events.out.tfevents.1": b"x", "train.py": b"import torch\n"}
    [match] = find({"outputs": EVENTS}, files)
    assert (match.values["directory"], match.values["files"]) == ("events.out.tfevents.1", "1 file")


def test_the_bytes_of_a_database_decide(find: Find) -> None:
    outputs = [{"tool": "MLflow", "signature": "mlflow.db", "format": "sqlite"}]
    files = {"mlflow.db": b"SQLite format 3\0" + b"\0" * 100, "notes/mlflow.db": b"only text"}
    assert places(find({"outputs": outputs}, files)) == ["mlflow.db"]


@pytest.mark.parametrize("public", [True, False])
def test_what_a_library_ships_is_package_data(find: Find, public: bool) -> None:
    project = """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "spell"
        version = "1.0.0"
        """
    private = 'classifiers = ["Private :: Do Not Upload"]'
    files = {
        "pyproject.toml": (project if public else project + private).encode(),
        "spell/__init__.py": b"import json\n",
        "spell/assets/words.csv": b"1,2",
        "words.csv": b"1,2",
    }
    detect = {"any": [{"extensions": ["csv"]}], "unless": ["package-data"]}
    private_too = [] if public else ["spell/assets/words.csv"]
    assert places(find(detect, files)) == [*private_too, "words.csv"]
