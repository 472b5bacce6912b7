"""The DVC repositories of a checkout, as files on disk and in git are."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.dvc.hashes import Hashes
from mlaudit.project.dvc.ignoring import IgnoreFiles, ignore_lines
from mlaudit.project.dvc.paths import located
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.repo.trees import Disk
from mlaudit.rules.engine import match_rules
from mlaudit.rules.loading import load_rules
from mlaudit.rules.model import Match

KNOWLEDGE = load_rules()
CONFIG = {".dvc/config": "[core]\n"}
PIPELINE = "stages:\n  a:\n    cmd: x\n    deps: [in.txt]\n    outs: [out.txt]\n"
POINTER = "outs:\n- {md5: 64d5e1a2b8a2e7a9b1c5d1b7e0e0f0aa, hash: md5, path: raw.csv}\n"


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())


def project_of(root: Path, files: dict[str, str], *, git: bool = True) -> Project:
    """All that git does not ignore is added to the index."""
    write(root, files)
    if git:
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    repo = open_repo([root])
    return Project(repo, read_facts(repo, repo.files).facts)


def found(project: Project, rule: str) -> list[Match]:
    matched = match_rules(project, [KNOWLEDGE.by_word[rule]], KNOWLEDGE.apis)
    assert not matched.crashes
    return list(matched.matches)


def hashes(root: Path, **ignored: str) -> Hashes:
    project = project_of(root, {}, git=False)
    return Hashes(
        Disk(root.resolve()), IgnoreFiles(ignore_lines(project.facts, ".dvcignore"), ".dvcignore")
    )


@pytest.mark.parametrize(
    ("folder", "wdir", "path", "where"),
    [
        ("", "", "a/b", "a/b"), ("p", "..", "a", "a"), ("p", "q", "../a", "p/a"),
        ("p", "", ".", "p"), ("", "", ".", ""), ("", "", "./a//b/", "a/b"), ("", "", "../a", None),
        ("p", "../..", "a", None), ("", "", "/a", None), ("", "/w", "a", None), ("", "", "", None),
        ("", "", "s3://b/a", None), ("", "", "C:/a", None), ("", "", "a\\b", None),
        ("", "", "a\0b", None),
    ],
)  # fmt: skip
def test_paths_of_stages(folder: str, wdir: str, path: str, where: str | None) -> None:
    assert located(folder, wdir, path) == where


def test_no_repository_of_dvc_without_its_folder(tmp_path: Path) -> None:
    assert project_of(tmp_path, {"dvc.yaml": PIPELINE, "in.txt": ""}).dvc == ()


def test_files_belong_to_the_innermost_repository(tmp_path: Path) -> None:
    inner = {f"inner/{path}": text for path, text in {**CONFIG, "dvc.yaml": PIPELINE}.items()}
    project = project_of(tmp_path, {**CONFIG, "part/dvc.yaml": PIPELINE, **inner})
    paths = {root.folder: [file.path for file in root.pipelines] for root in project.dvc}
    assert paths == {"": ["part/dvc.yaml"], "inner": ["inner/dvc.yaml"]}


def test_files_that_dvc_ignores_are_none_of_its(tmp_path: Path) -> None:
    ignored = {".dvcignore": "/old/\n", "old/dvc.yaml": PIPELINE, "old/raw.csv.dvc": POINTER}
    (root,) = project_of(tmp_path, {**CONFIG, **ignored}).dvc
    assert root.pipelines == ()
    assert root.outputs == ()


def test_file_that_only_ends_like_a_pointer_is_none(tmp_path: Path) -> None:
    (root,) = project_of(tmp_path, {**CONFIG, "notes.dvc": "hello\n", "raw.csv.dvc": POINTER}).dvc
    assert list(root.pointers) == ["raw.csv.dvc"]


def test_checksums_do_not_leave_the_repository(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    write(root, {"a.txt": "a", "deep/b.txt": "b", "big/c.txt": "c"})
    (tmp_path / "secret.txt").write_text("s")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "linked").symlink_to(root / "deep")
    (root / "deep" / "link").symlink_to(root / "a.txt")
    os.mkfifo(root / "pipe")
    asked = hashes(root)
    assert asked.of("a.txt") == ("0cc175b9c0f1b6a831c399e269772661", 1)
    for path in (
        "link.txt",
        "linked/b.txt",
        "deep",
        "pipe",
        "missing",
        "a.txt/b",
        "x" * 5000,
        "a\0b",
    ):
        assert asked.of(path) is None, path
    assert asked.exists("link.txt")
    assert not asked.exists("missing")


def test_pointer_of_git_lfs_has_no_checksum(tmp_path: Path) -> None:
    write(tmp_path, {"a.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"})
    assert hashes(tmp_path).of("a.bin") is None


def test_too_much_to_hash_has_no_checksum(tmp_path: Path) -> None:
    with (tmp_path / "huge.bin").open("wb") as stream:
        stream.truncate(300 * 2**20)
    assert hashes(tmp_path).of("huge.bin") is None


def test_old_checksums_take_line_ends_for_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"dos.txt": "a\r\nb\r\n", "unix.txt": "a\nb\n", "binary": "\0\r\n"})
    asked = hashes(tmp_path)
    assert asked.of("dos.txt", legacy=True) == asked.of("unix.txt", legacy=True)
    assert asked.of("dos.txt") != asked.of("unix.txt")
    assert asked.of("binary", legacy=True) == asked.of("binary")


def test_pointer_that_git_ignores_is_found_where_it_is_ignored(tmp_path: Path) -> None:
    files = {**CONFIG, "data/.gitignore": "/raw.csv\n*.dvc\n", "data/raw.csv.dvc": POINTER}
    (match,) = found(project_of(tmp_path, files), "ART008")
    assert (match.spot.path, match.spot.span.line) == ("data/.gitignore", 2)
    assert match.values["subject"] == "'data/raw.csv.dvc'"


def test_file_beside_it_that_is_no_pointer_may_be_ignored(tmp_path: Path) -> None:
    files = {**CONFIG, ".gitignore": "*.dvc\n", "notes.dvc": "hello\n", "empty.dvc": ""}
    assert found(project_of(tmp_path, files), "ART008") == []


def test_data_on_disk_that_is_not_what_its_pointer_records(tmp_path: Path) -> None:
    files = {**CONFIG, ".gitignore": "/raw.csv\n", "raw.csv": "changed", "raw.csv.dvc": POINTER}
    (match,) = found(project_of(tmp_path, files), "ART008")
    assert (match.spot.path, match.spot.span.line) == ("raw.csv.dvc", 2)


def test_sample_pipelines_of_tests_are_notes(tmp_path: Path) -> None:
    files = {
        f"tests/data/{p}": t for p, t in {**CONFIG, "dvc.yaml": PIPELINE, "in.txt": ""}.items()
    }
    (match,) = found(project_of(tmp_path, files), "ART008")
    assert match.severity is not None
    assert match.severity.value == "note"


def test_part_of_a_repository_tells_nothing_of_its_pipelines(tmp_path: Path) -> None:
    project_of(tmp_path, {**CONFIG, "dvc.yaml": PIPELINE, "in.txt": "x"})
    repo = open_repo([tmp_path / "dvc.yaml"])
    files = [file for file in repo.files if repo.selected(file.path)]
    assert found(Project(repo, read_facts(repo, files).facts), "ART008") == []


def test_many_changes_are_counted(tmp_path: Path) -> None:
    deps = [f"d{n}.txt" for n in range(7)]
    lock = "schema: '2.0'\nstages:\n  a:\n    cmd: x\n    deps:\n" + "".join(
        f"    - {{path: {path}, hash: md5, md5: 64d5e1a2b8a2e7a9b1c5d1b7e0e0f0aa}}\n"
        for path in deps
    )
    pipeline = f"stages:\n  a:\n    cmd: x\n    deps: [{', '.join(deps)}]\n"
    files = {**CONFIG, "dvc.yaml": pipeline, "dvc.lock": lock, **dict.fromkeys(deps, "x")}
    (match,) = found(project_of(tmp_path, files), "ART008")
    assert match.values["problem"].endswith("dependency 'd3.txt' changed; and 3 more")
    assert [each.spot.path for each in match.related] == deps[:4]


def test_output_is_in_git_only_where_there_is_git(tmp_path: Path) -> None:
    files = {**CONFIG, "raw.csv": "1", "raw.csv.dvc": POINTER, "raw.csv.md": "", "raw.csv2": ""}
    assert found(project_of(tmp_path, files, git=False), "ART007") == []
    (match,) = found(project_of(tmp_path, files), "ART007")
    assert [each.spot.path for each in match.related] == ["raw.csv"]


def test_output_folder_names_what_git_has_of_it(tmp_path: Path) -> None:
    pointer = POINTER.replace("raw.csv", "images")
    files = {**CONFIG, "images.dvc": pointer, "images/a.png": "", "images/b.png": "", "images2": ""}
    (match,) = found(project_of(tmp_path, files), "ART007")
    assert match.values == {"path": "images", "files": " (2 files)"}


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("s3://b", True), ("gdrive://id", True), ("ssh://host/path", True), ("https://x/y", True),
        ("azure://c/p", True), ("/mnt/nas/dvc", True), ("/Volumes/team/dvc", True),
        ("//server/share", True), ("\\\\server\\share", True), ("${HOME}/dvc", True),
        ("/home/me/dvc", False), ("~/dvc", False), ("/tmp/dvc", False), ("../../dvc", False),
        ("C:\\dvc", False), ("file:///home/me/dvc", False), ("cache", False), ("/data/dvc", False),
    ],
)  # fmt: skip
def test_addresses_that_others_reach(tmp_path: Path, url: str, usable: bool) -> None:
    config = f"[core]\n    remote = r\n['remote \"r\"']\n    url = {url}\n"
    matches = found(project_of(tmp_path, {".dvc/config": config, "raw.csv.dvc": POINTER}), "ART009")
    assert [match.spot.span.line for match in matches] == ([] if usable else [4])


def test_remote_behind_remotes_in_a_circle_is_not_known(tmp_path: Path) -> None:
    config = (
        '[core]\nremote = a\n[remote "a"]\nurl = remote://b/x\n[remote "b"]\nurl = remote://a\n'
    )
    assert (
        found(project_of(tmp_path, {".dvc/config": config, "raw.csv.dvc": POINTER}), "ART009") == []
    )


def test_cache_that_a_group_shares_needs_no_remote(tmp_path: Path) -> None:
    config = "[cache]\nshared = group\ndir = /srv/cache\n"
    assert (
        found(project_of(tmp_path, {".dvc/config": config, "raw.csv.dvc": POINTER}), "ART009") == []
    )


def test_configuration_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    files = {".dvc/config": "[core]\nremote\n", "raw.csv.dvc": POINTER}
    assert found(project_of(tmp_path, files), "ART009") == []
