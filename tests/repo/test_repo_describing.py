"""What git says of a repository, read without starting git."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.repo.describing import describe, without_credentials
from mlaudit.repo.gitconfig import config_values
from mlaudit.repo.gitfolder import find_git_folder
from mlaudit.repo.model import Git as Description

Git = Callable[..., str]


def described(path: Path) -> Description:
    folder = find_git_folder(path)
    assert folder is not None
    return describe(folder)


def test_a_branch(checkout: Path, git: Git) -> None:
    assert described(checkout) == Description(git(checkout, "rev-parse", "HEAD"), "main")
    git(checkout, "checkout", "-q", "-b", "feature/a")
    assert described(checkout).branch == "feature/a"


def test_packed_references(checkout: Path, git: Git) -> None:
    git(checkout, "branch", "domain")
    git(checkout, "tag", "-a", "-m", "x", "main2")
    git(checkout, "pack-refs", "--all")
    assert not (checkout / ".git" / "refs" / "heads" / "main").exists()
    assert described(checkout).head == git(checkout, "rev-parse", "HEAD")


def test_a_detached_head(checkout: Path, git: Git) -> None:
    git(checkout, "checkout", "-q", "--detach")
    description = described(checkout)
    assert description.branch == ""
    assert description.head == git(checkout, "rev-parse", "HEAD")


def test_a_shallow_clone(checkout: Path, tmp_path: Path, git: Git) -> None:
    (checkout / "b.py").write_text("")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "Second")
    git(tmp_path, "clone", "-q", "--depth=1", checkout.as_uri(), "clone")
    description = described(tmp_path / "clone")
    assert description.shallow
    assert description.remote == checkout.as_uri()
    assert not described(checkout).shallow


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ref: refs/heads/../../config",
        b"ref: /etc/passwd",
        b"nonsense",
        b"ref: refs/heads/a\0b",
    ],
)
def test_a_hostile_head_says_nothing(checkout: Path, content: bytes) -> None:
    (checkout / ".git" / "HEAD").write_bytes(content)
    assert described(checkout).head == ""


def test_a_named_pipe_for_a_reference_does_not_hang(checkout: Path) -> None:
    for name in ("refs/heads/main", "config", "packed-refs"):
        (checkout / ".git" / name).unlink(missing_ok=True)
        os.mkfifo(checkout / ".git" / name)
    assert described(checkout) == Description(branch="main")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://user:ghp_secret@github.com/a/b", "https://github.com/a/b"),
        ("https://ghp_secret@github.com/a/b", "https://github.com/a/b"),
        ("https://a@b:c@host:8443/p", "https://host:8443/p"),
        ("https://host/a?private_token=secret", "https://host/a"),
        ("https://host/a#secret", "https://host/a"),
        ("https://user:secret@host", "https://host"),
        ("https://user:se/cret@host/a", "https://host/a"),
        ("https://user:a?b#secret@host/a", "https://host/a"),
        ("ssh://git@host/a.git", "ssh://host/a.git"),
        ("git@github.com:a/b.git", "github.com:a/b.git"),
        ("https://host:8443/a@b", "https://host:8443/a@b"),
        ("/srv/git@home/a.git", "/srv/git@home/a.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_a_remote_without_its_credentials(
    checkout: Path, git: Git, url: str, expected: str
) -> None:
    git(checkout, "config", "remote.origin.url", url)
    git(checkout, "config", "remote.upstream.url", "https://other/x")
    assert described(checkout).remote == expected
    assert "secret" not in without_credentials(url)


CONFIG = """
; comment
key = outside
[core]
    bare = false ; why
    filemode
    editor = "vim # not a comment" # but this is
[remote "or.ig\\"in"] url = https://a/b  # x
    fetch = +refs/heads/*:refs/remotes/origin/*
[Remote "Origin"]
    URL = a\\
b
    empty =
    escaped = \\"x\\" y
[branch.old]
    merge = refs/heads/x
[broken
    lost = 1
"""


def test_configuration_is_read_as_git_reads_it(tmp_path: Path, git: Git) -> None:
    valid = CONFIG.replace("key = outside\n", "").partition("[broken")[0]
    (tmp_path / "valid").write_text(valid)
    listed = git(tmp_path, "config", "--file", "valid", "--null", "--list")
    by_git = [entry.partition("\n") for entry in listed.split("\0") if entry]
    expected = [(key, value if newline else "true") for key, newline, value in by_git]
    assert list(config_values(tmp_path / "valid")) == expected


def test_broken_configuration_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(CONFIG)
    values = dict(config_values(tmp_path / "config"))
    assert values["core.bare"] == "false"
    assert "key" not in values
    assert list(config_values(tmp_path / "nowhere")) == []


@given(st.binary(max_size=400))
def test_any_configuration_is_survived(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-config"
    path.write_bytes(b"[a]\n" + content)
    assert all("." in key for key, _ in config_values(path))
