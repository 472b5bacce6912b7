"""Plain folders are walked, and their ignore files honoured."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.repo.opening import open_repo
from mlaudit.repo.walking import MAX_DEPTH, walk

Git = Callable[..., str]

TREE = """
    a.py a.log keep.log data/raw/a.csv data/keep/b.csv build/x.py src/build/y.py src/a.log
    src/keep.log src/sub/z.tmp src/sub/z.py docs/a.txt docs/b.txt deep/a/b/c.txt deep/a/b/d.py
    name[1].txt sp ace.txt
"""

IGNORES = {
    ".gitignore": "*.log\n!keep.log\n/build/\ndata/*\n!data/keep/\n# c\n\ndeep/**/*.txt\n",
    "src/.gitignore": "*.tmp\nkeep.log\n",
    "docs/.gitignore": "*\n!b.txt\n!.gitignore\n",
}


def fill(root: Path, ignores: dict[str, str]) -> None:
    for name in TREE.split():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    for name, text in ignores.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    "ignores",
    [
        {},
        IGNORES,
        {".gitignore": "*\n!*/\n!*.py\n"},
        {".gitignore": "src\n", "src/.gitignore": "!sub/\n"},
        {".gitignore": "name[[]1].txt\nname?1*\n\\!x\nbuild\n"},
        {".gitignore": "**/a.*\nsrc/**\n"},
        {".gitignore": "\r\n*.py\r\n", "deep/.gitignore": "a/b/*.py\n!a/b/d.py\n"},
        {".gitignore": "*.csv\n!\n[z-a]\n\udcff*\n//\n"},
        {".gitignore": "*\n!src/\n!z.py\n!docs\n"},
        {".gitignore": "*\n!a.py\n!src/**\n"},
        {".gitignore": "/*\n!/src\n/src/*\n!/src/sub/\n"},
        {".gitignore": "**/sub\ndeep/a/**\n!deep/a/b/\n"},
        {
            ".gitignore": "*.txt \n!c.txt\t\nsp\\ *\n**/build/**\n",
            "deep/.gitignore": "/b\n/a/b/c*\n",
        },
        {".gitignore": "data/**/a.csv\n/**/x.py\n"},
    ],
)
def test_the_walk_finds_what_git_lists(tmp_path: Path, git: Git, ignores: dict[str, str]) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    fill(root, ignores)
    found, skipped = walk(str(root))
    git(root, "init", "-q")
    listed = git(root, "ls-files", "--others", "--exclude-standard", "-z")
    assert sorted(found) == sorted(filter(None, listed.split("\0")))
    assert skipped == []


def test_folders_that_are_nobody_s_own_are_skipped(tmp_path: Path) -> None:
    for name in (".git", "__pycache__", "a/.venv/lib", "node_modules/x", ".tox", "b/site-packages"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.py").write_text("")
    (tmp_path / "a" / "x.py").write_text("")
    assert [file.path for file in open_repo([tmp_path]).files] == ["a/x.py"]


def test_a_plain_folder_tracks_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    repo = open_repo([tmp_path])
    assert (repo.root, repo.git, repo.whole) == (tmp_path, None, True)
    assert [(file.tracked, file.oid) for file in repo.files] == [(False, "")]


def test_a_file_outside_of_git_stands_for_itself(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("")
    repo = open_repo([tmp_path / "a.py"])
    assert [file.path for file in repo.files] == ["a.py"]
    assert repo.selection == {"a.py"}


def test_a_subfolder_of_a_plain_folder_is_its_own_root(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text("")
    (tmp_path / "b.py").write_text("")
    repo = open_repo([tmp_path / "sub"])
    assert (repo.root, repo.whole) == (tmp_path / "sub", True)


def test_a_tree_without_end_is_cut(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(MAX_DEPTH + 5):
        folder = folder / "d"
        folder.mkdir()
    (folder / "a.py").write_text("")
    repo = open_repo([tmp_path])
    assert repo.files == ()
    assert [skipped.reason for skipped in repo.skipped] == [f"more than {MAX_DEPTH} folders deep"]


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.py").write_text("")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.rstrip("/").endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found, skipped = walk(str(tmp_path))
    assert found == ["a.py"]
    assert [(entry.path, entry.reason) for entry in skipped] == [
        ("closed", "cannot be listed: Permission denied")
    ]


def test_patterns_that_take_for_ever_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*a*a*a*a*a*a*a*a*a*a*b\n*a*a*b\nx.txt\n")
    for number in range(20):
        (tmp_path / ("a" * 200 + str(number))).write_text("")
    (tmp_path / "x.txt").write_text("")
    start = time.perf_counter()
    found, _ = walk(str(tmp_path))
    assert "x.txt" not in found
    assert len(found) == 21
    assert time.perf_counter() - start < 10


def test_a_named_pipe_for_an_ignore_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".gitignore")
    (tmp_path / "a.py").write_text("")
    repo = open_repo([tmp_path])
    assert [file.path for file in repo.files] == ["a.py"]
    assert [(entry.path, entry.reason) for entry in repo.skipped] == [
        (".gitignore", "a named pipe")
    ]
