"""What the settings decide reaches the rules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlaudit.audit import audit
from mlaudit.cli.app import run
from mlaudit.config import Settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a file of 3 MB that it once had, and one of 2 MB that it has."""

    def git(*arguments: str) -> None:
        names = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgSign=no")
        subprocess.run(["git", "-C", tmp_path, *names, *arguments], check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/old.mp4").write_bytes(b"\1" * 3_000_000)
    git("add", ".")
    git("commit", "-q", "-m", "First")
    (tmp_path / "src/old.mp4").unlink()
    (tmp_path / "src/film.mp4").write_bytes(b"\2" * 2_000_000)
    git("add", ".")
    git("commit", "-q", "-m", "Second")
    return tmp_path


def found(paths: list[Path], settings: Settings) -> list[tuple[str, bool]]:
    result = audit(paths, settings)
    assert result.crashes == ()
    return [(one.place.path, bool(one.place.commit)) for one in result.funnel.shown]


def test_size_of_a_large_file(root: Path) -> None:
    assert found([root], Settings(select=("ART001",))) == []
    small = Settings(select=("ART001",), large_file_mb=1.5)
    assert found([root], small) == [("src/film.mp4", False)]


def test_history(root: Path) -> None:
    settings = Settings(select=("ART001",), large_file_mb=1.5, history=True)
    assert found([root], settings) == [("src/film.mp4", False), ("src/old.mp4", True)]


def test_what_is_excluded_has_no_history(root: Path) -> None:
    settings = Settings(select=("ART001",), large_file_mb=1.5, history=True, exclude=("src/",))
    assert found([root], settings) == []


def test_a_part_has_no_history(root: Path) -> None:
    settings = Settings(select=("ART001",), large_file_mb=1.5, history=True)
    result = audit([root / "src"], settings)
    assert [one.place.path for one in result.funnel.shown] == ["src/film.mp4"]
    assert [one.path for one in result.unread] == [".git"]


def test_the_commit_is_in_every_report(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "mlaudit.toml").write_text('large-file-mb = 1.5\nselect = ["ART001"]\n')
    for form in ("text", "json", "sarif", "github", "markdown"):
        assert run(["--history", "-q", "--format", form, str(root)]) in (0, 1)
        assert "in the history of git" in capsys.readouterr().out
