"""Repositories are opened whole, whatever lies in them."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.repo.model import Context, File, Kind, Link, Repo
from mlaudit.repo.opening import RepoError, open_repo

Git = Callable[..., str]

posix = pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")


def paths(repo: Repo) -> list[str]:
    return [file.path for file in repo.files]


def reasons(repo: Repo) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in repo.skipped}


def by_path(repo: Repo) -> dict[str, File]:
    return {file.path: file for file in repo.files}


# --- what was asked for ---------------------------------------------------------------------


def test_a_whole_repository(checkout: Path, git: Git) -> None:
    repo = open_repo([checkout])
    assert repo.root == checkout
    assert repo.whole
    assert repo.files == (
        File(
            "src/model.py", Kind.PYTHON, Context.SRC, 6,
            oid=git(checkout, "rev-parse", "HEAD:src/model.py"),
        ),
        File(
            "train.py", Kind.PYTHON, Context.SRC, 18,
            oid=git(checkout, "rev-parse", "HEAD:train.py"),
        ),
    )  # fmt: skip
    assert repo.skipped == ()


def test_no_path_is_the_current_folder(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout / "src")
    repo = open_repo([])
    assert (repo.root, repo.selection) == (checkout, {"src/model.py"})


@pytest.mark.parametrize(
    ("asked", "selection"),
    [
        (["src"], {"src/model.py"}),
        (["train.py"], {"train.py"}),
        (["train.py", "src/"], {"train.py", "src/model.py"}),
        (["src/../train.py"], {"train.py"}),
        (["src", "."], None),
    ],
)
def test_a_part_selects(checkout: Path, asked: list[str], selection: set[str] | None) -> None:
    (checkout / "src2.py").write_text("")
    repo = open_repo([checkout / path for path in asked])
    assert repo.root == checkout
    assert repo.selection == selection
    assert paths(repo) == ["src/model.py", "src2.py", "train.py"]


def test_a_file_that_git_ignores_is_taken_in_when_named(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("scratch*\n")
    for name in ("scratch.py", "scratch2.py"):
        (checkout / name).write_text("x = 1\n")
    assert "scratch.py" not in paths(open_repo([checkout]))
    repo = open_repo([checkout / "scratch.py"])
    assert repo.selection == {"scratch.py"}
    assert not by_path(repo)["scratch.py"].tracked
    assert "scratch2.py" not in paths(repo)


def test_git_s_own_folder_is_never_taken_in(checkout: Path) -> None:
    repo = open_repo([checkout / ".git" / "config"])
    assert repo.selection == set()


def test_what_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(RepoError, match=r"no/such\.py does not exist"):
        open_repo([Path("no/such.py")])
    (tmp_path / "file").write_text("")
    with pytest.raises(RepoError, match="file"):
        open_repo([tmp_path / "file" / "below"])


def test_one_repository_at_a_time(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(RepoError, match="one repository at a time"):
        open_repo([checkout, tmp_path])


def test_a_bare_repository_has_no_files(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q", "--bare", "store.git")
    with pytest.raises(RepoError, match=r"store\.git is a bare git repository"):
        open_repo([tmp_path / "store.git"])


@posix
def test_a_link_to_a_repository_opens_it(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(checkout)
    assert open_repo([tmp_path / "link"]).root == checkout


# --- git ------------------------------------------------------------------------------------


def test_untracked_ignored_and_missing_files(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("*.log\n/data/\n")
    (checkout / ".git" / "info").mkdir(exist_ok=True)
    (checkout / ".git" / "info" / "exclude").write_text("private.txt\n")
    (checkout / "data").mkdir()
    for name in ("a.log", "data/a.csv", "new.py", "private.txt", "src/b.log"):
        (checkout / name).write_text("x")
    (checkout / "venv").mkdir()
    (checkout / "venv" / "a.py").write_text("")
    (checkout / "train.py").unlink()
    files = by_path(open_repo([checkout]))
    assert list(files) == [".gitignore", "new.py", "src/model.py", "train.py"]
    assert (files["new.py"].tracked, files["new.py"].oid) == (False, "")
    assert files["train.py"].missing
    assert files["train.py"].size == 0
    assert files["train.py"].tracked


def test_a_sparse_checkout_has_missing_files(checkout: Path, git: Git) -> None:
    git(checkout, "sparse-checkout", "set", "--cone", "--sparse-index", "nothing")
    files = by_path(open_repo([checkout]))
    assert files["src/model.py"].missing
    assert not files["train.py"].missing


def test_a_conflict_is_one_file(checkout: Path, git: Git) -> None:
    git(checkout, "checkout", "-q", "-b", "other")
    (checkout / "train.py").write_text("other\n")
    git(checkout, "commit", "-q", "-a", "-m", "Other")
    git(checkout, "checkout", "-q", "main")
    (checkout / "train.py").write_text("main\n")
    git(checkout, "commit", "-q", "-a", "-m", "Main")
    with pytest.raises(AssertionError):
        git(checkout, "merge", "-q", "other")
    assert paths(open_repo([checkout])) == ["src/model.py", "train.py"]


def test_a_repository_without_commits(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "a.py").write_text("")
    repo = open_repo([tmp_path])
    assert repo.git is not None
    assert (repo.git.head, repo.git.branch) == ("", "trunk")
    assert not by_path(repo)["a.py"].tracked


def test_a_linked_worktree(checkout: Path, tmp_path: Path, git: Git) -> None:
    linked = tmp_path / "linked"
    git(checkout, "worktree", "add", "-q", "-b", "feature", str(linked))
    (linked / "train.py").unlink()
    repo = open_repo([linked / "src"])
    assert repo.root == linked
    assert repo.git is not None
    assert repo.git.branch == "feature"
    assert repo.git.head == git(checkout, "rev-parse", "HEAD")
    assert by_path(repo)["train.py"].missing


def test_submodules_are_listed_and_not_read(checkout: Path, tmp_path: Path, git: Git) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "submodule", "add", "-q", str(checkout), "libs/inner")
    repo = open_repo([outer])
    assert repo.git is not None
    assert repo.git.submodules == ("libs/inner",)
    assert paths(repo) == [".gitmodules"]
    inner = open_repo([outer / "libs" / "inner"])
    assert inner.root == outer / "libs" / "inner"
    assert [file.tracked for file in inner.files] == [True, True]


def test_a_repository_within_is_not_read(checkout: Path, git: Git) -> None:
    nested = checkout / "cloned"
    nested.mkdir()
    git(nested, "init", "-q")
    (nested / "a.py").write_text("")
    repo = open_repo([checkout])
    assert "cloned/a.py" not in paths(repo)
    assert reasons(repo) == {"cloned": "a git repository of its own"}


def test_attributes_tell_contexts(checkout: Path) -> None:
    (checkout / ".gitattributes").write_text("src/** linguist-generated\n*.md -linguist-vendored\n")
    (checkout / "src" / ".gitattributes").write_text("ours.py linguist-generated=false\n")
    (checkout / "src" / "ours.py").write_text("")
    files = by_path(open_repo([checkout]))
    assert files["src/model.py"].context is Context.GENERATED
    assert files["src/ours.py"].context is Context.SRC
    assert files["train.py"].context is Context.SRC


def test_the_name_of_the_root_says_nothing(tmp_path: Path, git: Git) -> None:
    root = tmp_path / "tests" / "examples"
    root.mkdir(parents=True)
    git(root, "init", "-q")
    (root / "a.py").write_text("")
    assert open_repo([root]).files[0].context is Context.SRC


# --- hostile indexes ------------------------------------------------------------------------


@posix
def test_an_index_that_leads_out_of_the_repository(
    checkout: Path, tmp_path: Path, git: Git
) -> None:
    """As git would never write it: a name of the same length is put in place of another."""
    (tmp_path / "secret").write_text("x")
    git(checkout, "config", "index.version", "2")
    (checkout / "aa_secret").write_text("x")
    git(checkout, "add", "aa_secret")
    index = checkout / ".git" / "index"
    content = index.read_bytes().replace(b"aa_secret", b"../secret")
    index.write_bytes(content[:-20] + hashlib.sha1(content[:-20]).digest())
    repo = open_repo([checkout])
    assert "../secret" not in paths(repo)
    assert reasons(repo)["../secret"] == "the path leads out of the repository"


@posix
def test_a_folder_swapped_for_a_link_hides_its_files(checkout: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "model.py").write_text("secret")
    shutil.rmtree(checkout / "src")
    (checkout / "src").symlink_to(outside)
    repo = open_repo([checkout])
    assert by_path(repo)["src/model.py"].missing
    assert reasons(repo) == {"src": "a symbolic link out of the repository"}


def test_a_broken_index_falls_back_to_the_folder(checkout: Path) -> None:
    (checkout / ".git" / "index").write_bytes(b"not an index")
    repo = open_repo([checkout])
    assert repo.git is None
    assert paths(repo) == ["src/model.py", "train.py"]
    assert "git ls-files failed" in reasons(repo)[".git"]


def test_without_git_installed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    repo = open_repo([checkout / "src"])
    assert repo.git is None
    assert repo.root == checkout
    assert repo.selection == {"src/model.py"}
    assert reasons(repo) == {".git": "git is not installed; the files were listed without git"}


# --- odd things on disk ---------------------------------------------------------------------

NAMES = [
    b"line\nbreak.py", b"not-utf-8-\xff\xfe.py", b"tab\tname.py", b' "quoted".py', b"-option.py",
    b"*.py", b"x" * 250 + b".py", "größe.py".encode(), b"back\\slash.py", b":(top)magic.py",
]  # fmt: skip


@posix
@pytest.mark.parametrize("in_git", [True, False])
def test_every_trap_is_survived(tmp_path: Path, git: Git, in_git: bool) -> None:
    root = tmp_path / "traps"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "real.py").write_text("x = 1\n")
    (root / "empty.py").write_text("")
    (root / "link.py").symlink_to("real.py")
    (root / "deep" / "folder-link").symlink_to("er")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    (root / "deep" / "er" / "up").symlink_to("../..")
    (root / "outside").symlink_to("/etc/hostname")
    os.mkfifo(root / "pipe.py")
    for name in NAMES:
        (root / os.fsdecode(name)).write_text("y = 2\n")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket"))
        if in_git:
            git(root, "init", "-q")
            git(root, "add", *[path.name for path in root.glob("[edlor]*") if path.name != "deep"])
            git(root, "add", "deep")
        repo = open_repo([root])
    regular = {"real.py", "empty.py", *map(os.fsdecode, NAMES)}
    assert set(paths(repo)) == regular
    for path in regular:
        assert len(repo.read(path)) == by_path(repo)[path].size
    assert set(repo.links) == {
        Link("link.py", "real.py"), Link("deep/folder-link", "deep/er"), Link("deep/er/up", "."),
    }  # fmt: skip
    expected = {
        "dangling": "a symbolic link to nothing",
        "loop": "a symbolic link in a loop",
        "outside": "a symbolic link out of the repository",
    }
    # Git itself does not list pipes and sockets.
    special = {} if in_git else {"pipe.py": "a named pipe", "socket": "a socket"}
    assert reasons(repo) == expected | special


@posix
def test_a_tracked_file_swapped_for_something_else(checkout: Path) -> None:
    (checkout / "train.py").unlink()
    os.mkfifo(checkout / "train.py")
    (checkout / "src" / "model.py").unlink()
    (checkout / "src" / "model.py").mkdir()
    assert reasons(open_repo([checkout])) == {
        "train.py": "a named pipe",
        "src/model.py": "a folder in place of the file that git knows",
    }


@posix
def test_a_named_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        Repo(tmp_path, ()).read_head("pipe", 10)


@posix
def test_an_executable_without_extension_is_looked_into(tmp_path: Path) -> None:
    for name, mode, first in (
        ("train", 0o755, "#!/usr/bin/env python3\n"),
        ("serve", 0o755, "#!/bin/bash\n"),
        ("notes", 0o644, "#!/usr/bin/env python3\n"),
    ):
        (tmp_path / name).write_text(first)
        (tmp_path / name).chmod(mode)
    kinds = {file.path: file.kind for file in open_repo([tmp_path]).files}
    assert kinds == {"train": Kind.PYTHON, "serve": Kind.SHELL, "notes": Kind.TEXT}


def test_reading(checkout: Path) -> None:
    repo = open_repo([checkout])
    assert repo.read("train.py") == b"print('training')\n"
    assert repo.read_head("train.py", 5) == b"print"
    with pytest.raises(OSError, match=r"nowhere\.py"):
        repo.read_head("nowhere.py", 5)
