"""Files are replaced as a whole, and only those that were audited."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlaudit.fixes.edits import Change
from mlaudit.fixes.writing import write_changes

CHANGE = Change("src/train.py", b"old", b"new")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "root/src/train.py"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"old")
    return file


def refusal(file: Path) -> str:
    root = file.parents[1]
    unwritten = write_changes(root, [CHANGE])
    assert [one.name for one in file.parent.iterdir()] == ["train.py"]
    return unwritten[0].reason if unwritten else ""


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600])
def test_mode_is_kept(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert refusal(file) == ""
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o7777 == mode


def test_other_names_of_the_file_keep_what_they_had(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    os.link(file, other)
    assert refusal(file) == ""
    assert other.read_bytes() == b"old"


def test_content_that_changed(file: Path) -> None:
    file.write_bytes(b"newer")
    assert refusal(file) == "it changed since it was read"
    assert file.read_bytes() == b"newer"


def test_link_in_place_of_the_file(file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_bytes(b"old")
    file.unlink()
    file.symlink_to(outside)
    assert "symbolic link" in refusal(file)
    assert outside.read_bytes() == b"old"


def test_link_in_place_of_a_folder(file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    file.parent.rename(outside)
    file.parent.symlink_to(outside)
    assert "symbolic link" in refusal(file)
    assert (outside / "train.py").read_bytes() == b"old"


def test_root_behind_a_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file.parents[1])
    assert write_changes(link, [CHANGE]) == ()
    assert file.read_bytes() == b"new"


def test_file_that_went_away(file: Path) -> None:
    file.unlink()
    (unwritten,) = write_changes(file.parents[1], [CHANGE])
    assert unwritten.reason == "No such file or directory"


def test_file_that_is_read_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *args: False)
    assert refusal(file) == "read-only"
    assert file.read_bytes() == b"old"


def test_pipe_in_place_of_the_file(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)
    assert refusal(file) == "no regular file"


def test_failure_on_the_way_leaves_the_old(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refusal(file) == "No space left on device"
    assert file.read_bytes() == b"old"
