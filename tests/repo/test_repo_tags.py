"""Whether a repository has tags, read without starting git."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.repo.gitfolder import find_git_folder
from mlaudit.repo.objects import Blobs
from mlaudit.repo.opening import open_repo
from mlaudit.repo.past import open_commit
from mlaudit.repo.tags import is_tagged

Git = Callable[..., str]


def test_a_loose_tag(checkout: Path, git: Git) -> None:
    assert is_tagged(open_repo([checkout])) is False
    git(checkout, "tag", "release/1.0")
    assert is_tagged(open_repo([checkout])) is True


def test_a_packed_tag(checkout: Path, git: Git) -> None:
    git(checkout, "tag", "-a", "-m", "First", "v1")
    git(checkout, "pack-refs", "--all")
    assert not (checkout / ".git" / "refs" / "tags" / "v1").exists()
    assert is_tagged(open_repo([checkout])) is True


def test_packed_branches_are_no_tags(checkout: Path, git: Git) -> None:
    git(checkout, "branch", "tags/v1")
    git(checkout, "pack-refs", "--all")
    assert is_tagged(open_repo([checkout])) is False


def test_a_linked_worktree_shares_them(checkout: Path, tmp_path: Path, git: Git) -> None:
    git(checkout, "tag", "v1")
    git(checkout, "worktree", "add", "-q", "--detach", str(tmp_path / "other"))
    assert is_tagged(open_repo([tmp_path / "other"])) is True


def test_a_shallow_clone_does_not_tell(checkout: Path, tmp_path: Path, git: Git) -> None:
    (checkout / "b.py").write_text("")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "Second")
    git(tmp_path, "clone", "-q", "--depth=1", checkout.as_uri(), "clone")
    assert is_tagged(open_repo([tmp_path / "clone"])) is None


@pytest.mark.parametrize(
    ("tagged", "at", "told"),
    [
        ("HEAD~1", "HEAD", True), ("HEAD~1", "HEAD~1", True), ("HEAD", "HEAD~1", None),
        ("", "HEAD", False),
    ],
)  # fmt: skip
def test_a_past_commit_has_the_tags_of_its_history(
    tagged: str, at: str, told: bool | None, checkout: Path, git: Git
) -> None:
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Second")
    if tagged:
        git(checkout, "tag", "-a", "-m", "A release", "v1", tagged)
    folder = find_git_folder(checkout)
    assert folder is not None
    with Blobs(folder) as blobs, open_commit(folder, blobs, git(checkout, "rev-parse", at)) as repo:
        assert is_tagged(repo) is told


def test_what_is_checked_out_has_all_tags(checkout: Path, git: Git) -> None:
    git(checkout, "checkout", "-q", "-b", "release")
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Release")
    git(checkout, "tag", "v1")
    git(checkout, "checkout", "-q", "main")
    folder = find_git_folder(checkout)
    assert folder is not None
    head = git(checkout, "rev-parse", "HEAD")
    with Blobs(folder) as blobs, open_commit(folder, blobs, head) as repo:
        assert is_tagged(repo) is is_tagged(open_repo([checkout])) is True


def test_a_plain_folder_does_not_tell(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    assert is_tagged(open_repo([tmp_path])) is None


def test_refs_that_only_git_reads(checkout: Path) -> None:
    (checkout / ".git" / "reftable").mkdir()
    repo = open_repo([checkout])
    if repo.git is None:
        pytest.skip("git does not open it")
    assert is_tagged(repo) is None
