"""What the index of a real git repository holds, by size, format and name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.options import DEFAULTS, Options
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.apis import ApiFile, Apis
from mlaudit.rules.matchers import prepare
from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity

PICKLE = b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94." + b"\0" * 20
PARQUET = b"PAR1"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 123456\n" % (
    b"4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
)
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


def judged(root: Path, detect: dict[str, Any], options: Options = DEFAULTS) -> list[Match]:
    """Matches of one rule in a repository that is there."""
    repo = open_repo([root])
    project = Project(repo, read_facts(repo, repo.files).facts, options)
    return list(prepare(rule(detect), Apis(ApiFile()))(project))


def test_git_holds_what_was_deleted_on_disk_only(find: Find, tmp_path: Path) -> None:
    detect = {"any": [{"formats": ["pickle*"]}]}
    assert places(find(detect, {"a.pkl": PICKLE, "b.pkl": b"text"})) == ["a.pkl"]
    (tmp_path / "a.pkl").unlink()
    (tmp_path / "b.pkl").unlink()
    assert places(judged(tmp_path, detect)) == ["a.pkl"]


def test_the_size_is_that_in_git(find: Find, tmp_path: Path) -> None:
    detect = {"larger-than": "100 kB"}
    files = {"grown.bin": b"\1" * 1000, "shrunk.bin": b"\1" * 150_000}
    assert places(find(detect, files)) == ["shrunk.bin"]
    write(tmp_path, {"grown.bin": b"\1" * 150_000})
    assert places(judged(tmp_path, detect)) == ["shrunk.bin"]


def test_an_object_that_is_not_there_is_not_fetched(find: Find, tmp_path: Path) -> None:
    detect = {"larger-than": "100 kB"}
    find(detect, {"a.bin": b"\1" * 150_000, "b.bin": b"\2" * 150_000})
    for loose in (tmp_path / ".git" / "objects").rglob("?" * 38):
        loose.unlink()
    (tmp_path / "b.bin").unlink()
    assert places(judged(tmp_path, detect)) == ["a.bin"]


def test_large_is_what_the_settings_say(find: Find, tmp_path: Path) -> None:
    detect = {"larger-than": "large-file-mb"}
    assert places(find(detect, {"a.bin": b"\1" * 150_000})) == []
    assert places(judged(tmp_path, detect, Options(large_file=100_000))) == ["a.bin"]


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n"},
        {".gitattributes": b"*.bin filter=lfs\n*.bin -filter\n"},
    ],
)
def test_a_pointer_is_small_whatever_lies_on_disk(
    find: Find, tmp_path: Path, attributes: dict[str, bytes]
) -> None:
    detect = {"any": [{"formats": ["", "pickle*"]}]}
    # Attributes come last, so that no git-lfs is needed to run the test.
    find(detect, {"raw.bin": PICKLE * 5000, "lfs.bin": POINTER})
    write(tmp_path, {**attributes, "lfs.bin": PICKLE * 5000})
    assert places(judged(tmp_path, {"larger-than": "100 kB"})) == ["raw.bin"]
    if b"merge=lfs" in attributes.get(".gitattributes", b""):
        assert places(judged(tmp_path, detect)) == ["raw.bin"]


def test_a_pointer_says_nothing_of_size(find: Find) -> None:
    assert find({"any": [{"extensions": ["bin"]}]}, {"model.bin": POINTER}) == []


class TestBypassed:
    DETECT: ClassVar = {"bypasses": "lfs", "lower-in": ["tests"]}

    def found(self, find: Find, root: Path, files: dict[str, bytes], **more: bytes) -> list[Match]:
        find(self.DETECT, files)
        attributes = {name.replace("_", "/"): text for name, text in more.items()}
        write(root, {f"{name}.gitattributes": text for name, text in attributes.items()})
        return judged(root, self.DETECT)

    def test_only_raw_contents_under_the_attribute(self, find: Find, tmp_path: Path) -> None:
        files = {
            "data/raw.bin": PICKLE * 5000,
            "data/small.bin": b"\1\2\3",
            "data/lfs.bin": POINTER,
            "data/empty.bin": b"",
            "data/other.txt": b"text",
        }
        [match] = self.found(find, tmp_path, files, **{"": b"*.bin filter=lfs -text\n"})
        assert match.spot.path == "data/raw.bin"
        assert match.values["names"] == "raw.bin, small.bin"

    @pytest.mark.parametrize(
        ("outer", "inner", "expected"),
        [
            (b"*.bin filter=lfs\n", b"a.bin -filter\n", []),
            (b"*.bin filter=lfs\n", b"a.bin !filter\n", []),
            (b"*.bin filter=lfs\n*.bin -filter\n", b"", []),
            (b"*.bin -filter\n", b"a.bin filter=lfs\n", ["data/a.bin"]),
            (b"data filter=lfs\n", b"", []),
            (b"data/ filter=lfs\n", b"", []),
            (b"data/** filter=lfs\n", b"", ["data/a.bin"]),
            (b"[attr]big filter=lfs -text\n*.bin big\n", b"", ["data/a.bin"]),
            (b"*.bin filter=other\n", b"", []),
        ],
    )
    def test_attributes_are_gits(
        self, find: Find, tmp_path: Path, outer: bytes, inner: bytes, expected: list[str]
    ) -> None:
        files = {"data/a.bin": PICKLE * 5000}
        assert places(self.found(find, tmp_path, files, **{"": outer, "data_": inner})) == expected

    def test_lower_in_tests(self, find: Find, tmp_path: Path) -> None:
        files = {"tests/a.bin": PICKLE}
        [match] = self.found(find, tmp_path, files, **{"": b"*.bin filter=lfs\n"})
        assert match.severity is Severity.NOTE

    def test_a_link_has_no_filter(self, find: Find, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / "a.bin").symlink_to("b.bin")
        attributes = {"": b"*.bin filter=lfs\n"}
        assert places(self.found(find, tmp_path, {"b.bin": POINTER}, **attributes)) == []
        (tmp_path / "a.bin").unlink()
        assert judged(tmp_path, self.DETECT) == []


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
        "held": "tracked by git",
        "paid": "",
        "ignore": "/work/mlruns/",
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
