"""Repositories with a history whose dates the test decides."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

TRACKED = Path(__file__).parents[1] / "fixtures" / "repos" / "tracked"
"""A repository at level 2."""
CODE = "src/churn/train.py"
CHECKED = (
    ".github/workflows/ci.yml",
    "tests/test_train.py",
    "pyproject.toml",
    "uv.lock",
    "README.md",
    "LICENSE",
    ".gitignore",
)


class History:
    """A git repository that grows by commits of given days."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, day: str = "2023-01-01") -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        when = day if " " in day else f"{day}T12:00:00Z"
        environment = kept | {
            "HOME": str(self.root.parent),
            "XDG_CONFIG_HOME": str(self.root.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
        }
        settings = ("user.name=T", "user.email=t@example.com", "protocol.file.allow=always")
        command = ["git", *(word for each in settings for word in ("-c", each)), *arguments]
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def take(self, paths: Iterable[str]) -> None:
        """Takes files of the repository at level 2."""
        for path in paths:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TRACKED / path, self.root / path)

    def commit(self, day: str) -> str:
        self.git("add", "-A", "-f", ".")
        self.git("commit", "-q", "--allow-empty", "-m", f"of {day}", day=day)
        return self.git("rev-parse", "HEAD")


def everything() -> Iterator[str]:
    """The files of the repository at level 2."""
    for path in sorted(TRACKED.rglob("*")):
        if path.is_file():
            yield path.relative_to(TRACKED).as_posix()


def climbing(root: Path) -> History:
    """Five commits: nothing, a program, tests in CI, a program that cannot be read, level 2."""
    history = History(root)
    history.commit("2023-01-10")
    history.take([CODE])
    history.commit("2023-02-10")
    history.git("tag", "v0.1")
    history.take(CHECKED)
    history.commit("2023-05-10")
    (root / CODE).rename(root / "src" / "churn" / "fit.py")
    (root / "src" / "churn" / "fit.py").write_text("def broken(:\n" + "x = (\n" * 5000)
    history.commit("2023-08-10")
    (root / "src" / "churn" / "fit.py").unlink()
    history.take(everything())
    history.commit("2024-02-10")
    history.git("tag", "-a", "v1.0", "-m", "annotated")
    return history
