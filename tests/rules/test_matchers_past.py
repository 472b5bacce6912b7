"""What matchers see in the commits of real git repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.options import Options
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.apis import ApiFile, Apis
from mlaudit.rules.matchers import prepare
from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity

EVERYWHERE = ("src", "scripts", "notebooks", "config", "tests", "docs", "examples")
PICKLE = b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94."
LARGE = {"larger-than": "1 kB", "lower-in": ["tests"], "history": True}
MODELS = {"any": [{"formats": ["pickle*"]}], "group": "directory", "history": True}
OUTPUTS = {
    "outputs": [{"tool": "MLflow", "directory": "mlruns", "signature": "meta.yaml"}],
    "history": True,
}
Commit = Callable[[dict[str, bytes | None]], str]


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false")
    done = subprocess.run(
        ["git", "-C", folder, *names, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    """Writes files (None: removes one), commits them and gives the id."""
    git(tmp_path, "init", "-q", "-b", "main")

    def run(files: dict[str, bytes | None]) -> str:
        for path, data in files.items():
            file = tmp_path / path
            if data is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        git(tmp_path, "add", "-A", "-f")
        git(tmp_path, "commit", "-q", "-m", "Change")
        return git(tmp_path, "rev-parse", "HEAD")

    return run


def judged(root: Path, detect: dict[str, Any], *, history: bool = True) -> list[Match]:
    rule = Rule(
        id="ART900",
        name="test",
        summary="",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.REGULAR,
        since="0.1.0",
        contexts=EVERYWHERE,
        detect={"git": detect},
        message="",
        why="",
        remedy="",
        examples=(),
    )
    repo = open_repo([root])
    project = Project(repo, read_facts(repo, repo.files).facts, Options(history=history))
    return list(prepare(rule, Apis(ApiFile()))(project))


def test_a_file_of_the_past_is_shown_in_its_commit(tmp_path: Path, commit: Commit) -> None:
    first = commit({"film.mp4": os.urandom(3000)})
    commit({"film.mp4": None})
    [match] = judged(tmp_path, LARGE)
    assert (match.spot.path, match.spot.commit) == ("film.mp4", first)
    assert match.values["held"] == "in the history of git"
    assert match.values["paid"] == "; every clone downloads 3.0 kB"
    assert "filter-repo" in match.remedy
    assert judged(tmp_path, LARGE, history=False) == []


def test_a_rule_that_does_not_ask_sees_no_past(tmp_path: Path, commit: Commit) -> None:
    commit({"film.mp4": os.urandom(3000)})
    commit({"film.mp4": None})
    assert judged(tmp_path, {"larger-than": "1 kB"}) == []


def test_a_file_of_today_names_the_commit_that_brought_it(tmp_path: Path, commit: Commit) -> None:
    first = commit({"film.mp4": os.urandom(3000)})
    commit({"other.txt": b"x"})
    [match] = judged(tmp_path, LARGE)
    assert match.spot.commit == ""
    assert (match.values["held"], match.remedy) == ("tracked by git", "")
    assert match.values["paid"] == "; every clone downloads 3.0 kB"
    assert [(one.spot.path, one.spot.commit) for one in match.related] == [("film.mp4", first)]


def test_earlier_versions_are_one_finding_at_the_largest(tmp_path: Path, commit: Commit) -> None:
    commits = [commit({"film.mp4": os.urandom(size)}) for size in (2000, 4000, 3000, 1500)]
    today, past = judged(tmp_path, LARGE)
    assert [one.spot.commit for one in today.related] == [commits[3]]
    assert past.spot.commit == commits[1]
    assert [one.spot.commit for one in past.related] == [commits[2], commits[0]]
    assert past.values["files"] == "3 files"
    assert past.identity == "past film.mp4"


def test_a_renamed_file_is_no_file_of_the_past(tmp_path: Path, commit: Commit) -> None:
    first = commit({"film.mp4": os.urandom(3000)})
    git(tmp_path, "mv", "film.mp4", "movie.mp4")
    commit({"a.txt": b""})
    [match] = judged(tmp_path, LARGE)
    assert match.spot.path == "movie.mp4"
    assert [(one.spot.path, one.spot.commit) for one in match.related] == [("film.mp4", first)]


@pytest.mark.parametrize("folder", ["tests", "examples"])
def test_the_past_of_tests_and_examples_counts_less(
    tmp_path: Path, commit: Commit, folder: str
) -> None:
    commit({f"{folder}/film.mp4": os.urandom(3000)})
    commit({f"{folder}/film.mp4": None})
    [match] = judged(tmp_path, LARGE)
    assert match.severity is Severity.NOTE


def test_what_costs_clones_little_counts_less(tmp_path: Path, commit: Commit) -> None:
    large = os.urandom(1_100_000)
    commit({"a.bin": large, "b.bin": b"\1" * 2_000_000})
    commit({"a.bin": None, "b.bin": None})
    severities = {match.spot.path: match.severity for match in judged(tmp_path, LARGE)}
    assert severities == {"a.bin": None, "b.bin": Severity.NOTE}


def test_the_bytes_of_the_past_decide(tmp_path: Path, commit: Commit) -> None:
    files = {
        "old/model.pkl": PICKLE + os.urandom(2_000_000),
        "old/small.pkl": PICKLE + os.urandom(2000),
        "old/text.pkl": b"text\n" * 1000,
        "old/no_extension": PICKLE + os.urandom(1000),
    }
    commit(dict(files))
    commit(dict.fromkeys(files))
    [match] = judged(tmp_path, MODELS)
    assert match.values["names"] == "model.pkl, small.pkl, no_extension"


def test_pointers_of_the_past_are_no_files(tmp_path: Path, commit: Commit) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1\n" % (b"a" * 64)
    commit({"a.pkl": pointer})
    commit({"a.pkl": None})
    assert judged(tmp_path, {"any": [{"extensions": ["pkl"]}], "history": True}) == []


def test_outputs_of_the_past(tmp_path: Path, commit: Commit) -> None:
    first = commit({"mlruns/0/meta.yaml": b"a: 1", "mlruns/0/params/x": b"1"})
    commit({"mlruns/0/meta.yaml": None, "mlruns/0/params/x": None})
    [match] = judged(tmp_path, OUTPUTS)
    assert (match.spot.path, match.spot.commit) == ("mlruns/0/meta.yaml", first)
    assert match.values["files"] == "2 files"


def test_outputs_of_today_speak_for_those_of_the_past(tmp_path: Path, commit: Commit) -> None:
    commit({"mlruns/0/meta.yaml": b"a: 1", "mlruns/1/meta.yaml": b"b: 1"})
    commit({"mlruns/1/meta.yaml": None})
    [match] = judged(tmp_path, OUTPUTS)
    assert match.spot.commit == ""
