"""The line of commits: by first parents, in an order that no clock breaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mlaudit.repo.commits import (
    Commit,
    UnknownCommitError,
    commits_of,
    in_order,
    position_of,
    tags_of,
)
from mlaudit.repo.gitfolder import GitFolder, find_git_folder

Git = Callable[..., str]
DAY = 86_400


def found(path: Path) -> GitFolder:
    folder = find_git_folder(path)
    assert folder is not None
    return folder


@pytest.fixture
def line(checkout: Path, git: Git) -> Path:
    """First, Second, Merge of a branch with Side 1 and Side 2, Last."""
    git(checkout, "tag", "v1")
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Second")
    git(checkout, "checkout", "-q", "-b", "side")
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Side 1")
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Side 2")
    git(checkout, "tag", "-a", "side-tag", "-m", "annotated")
    git(checkout, "checkout", "-q", "main")
    git(checkout, "merge", "-q", "--no-ff", "-m", "Merge", "side")
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Last")
    git(checkout, "tag", "-a", "v2", "-m", "annotated")
    return checkout


def test_first_parents_the_oldest_first(line: Path, git: Git) -> None:
    expected = git(line, "log", "--first-parent", "--reverse", "--format=%H").split()
    assert [commit.oid for commit in commits_of(found(line))] == expected
    assert len(expected) == 4


def test_tags_of_both_kinds_by_their_commits(line: Path, git: Git) -> None:
    git(line, "tag", "also-v1", "v1")
    tags = tags_of(found(line))
    assert tags[git(line, "rev-parse", "v1")] == ("also-v1", "v1")
    assert tags[git(line, "rev-parse", "v2^{commit}")] == ("v2",)


@pytest.mark.parametrize(
    ("name", "position"),
    [("v1", 0), ("HEAD~1", 2), ("main", 3), ("v2", 3), ("side", 1), ("side-tag", 1), ("HEAD", 3)],
)
def test_where_a_name_lies_on_the_line(name: str, position: int, line: Path) -> None:
    folder = found(line)
    assert position_of(folder, commits_of(folder), name) == position


def test_a_branch_ahead_has_all_of_the_line(line: Path, git: Git) -> None:
    git(line, "checkout", "-q", "-b", "ahead")
    git(line, "commit", "-q", "--allow-empty", "-m", "Later")
    git(line, "checkout", "-q", "main")
    folder = found(line)
    assert position_of(folder, commits_of(folder), "ahead") == 3


def test_a_day_is_where_the_branch_stood_in_its_evening(checkout: Path) -> None:
    folder = found(checkout)
    line = [Commit(str(number), date(2024, 1, number)) for number in (2, 3, 3, 5)]
    given = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2030-01-01"]
    assert [position_of(folder, line, day) for day in given] == [0, 0, 2, 2, 3]


def test_a_tag_that_looks_like_a_day_is_a_tag(line: Path, git: Git) -> None:
    git(line, "tag", "2030-01-01", "v1")
    folder = found(line)
    assert position_of(folder, commits_of(folder), "2030-01-01") == 0


@pytest.mark.parametrize(
    "name", ["nope", "2024-02-30", "--all", "-n1", "v1\0", "", "HEAD:train.py", "v1..v2"]
)
def test_what_names_no_commit(name: str, line: Path) -> None:
    folder = found(line)
    with pytest.raises(UnknownCommitError, match="names no commit"):
        position_of(folder, commits_of(folder), name)


def test_a_history_of_its_own_has_nothing_in_common(line: Path, git: Git) -> None:
    git(line, "checkout", "-q", "--orphan", "alone")
    git(line, "commit", "-q", "-m", "Alone")
    git(line, "checkout", "-q", "main")
    folder = found(line)
    with pytest.raises(UnknownCommitError, match="in common"):
        position_of(folder, commits_of(folder), "alone")


def test_a_shallow_clone_ends_at_its_border(line: Path, tmp_path: Path, git: Git) -> None:
    git(tmp_path, "clone", "-q", "--depth", "2", line.as_uri(), "clone")
    commits = commits_of(found(tmp_path / "clone"))
    assert [commit.oid for commit in commits] == [
        git(line, "rev-parse", "HEAD~1"),
        git(line, "rev-parse", "HEAD"),
    ]


def day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


@pytest.mark.parametrize(
    ("claimed", "days"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([1, 2, 900, 3, 4], [1, 2, 2, 3, 4]),
        ([5, 6, 1, 7], [5, 6, 6, 7]),
        ([900, 2, 3, 4], [2, 2, 3, 4]),
        ([4, 4, 4], [4, 4, 4]),
        ([3, -7, 5], [3, 3, 5]),
        ([0, 0], [0, 0]),
        ([10**12, 3], [3, 3]),
        ([], []),
    ],
)
def test_one_wrong_clock_moves_no_other_commit(claimed: list[int], days: list[int]) -> None:
    assert in_order([number * DAY for number in claimed]) == [day(number) for number in days]


@given(some.lists(some.integers(-(10**13), 10**13), max_size=40))
def test_days_never_go_back(claimed: list[int]) -> None:
    days = in_order(claimed)
    assert len(days) == len(claimed)
    assert days == sorted(days)


@given(some.lists(some.integers(1, 10**10), min_size=1, max_size=40).map(sorted))
def test_dates_in_order_are_believed(claimed: list[int]) -> None:
    assert in_order(claimed) == [day(second // DAY) for second in claimed]
