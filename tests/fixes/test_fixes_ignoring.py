"""Lines that fixes add to .gitignore, judged by real git."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.config import Settings
from mlaudit.mending import audit_and_fix, audit_draft, show_changes

PICKLE = b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94." + b"\0" * 3000
TABLE = b"a,b\n" * 50_000
SETTINGS = Settings(select=("ART002", "ART003", "ART004", "ART006"))


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout


@pytest.fixture
def lay(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    def run(files: dict[str, bytes]) -> Path:
        git(tmp_path, "init", "-q")
        for path, data in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)
        git(tmp_path, "add", "-A", "-f")
        return tmp_path

    return run


Lay = Callable[[dict[str, bytes]], Path]


def fixed(root: Path, *, unsafe: bool = True) -> bytes:
    """What .gitignore is after the fix; a second one changes nothing, and git's own files stay."""
    before = digest(root / ".git")
    audit_and_fix([root], SETTINGS, unsafe=unsafe)
    given = content(root)
    result, _ = audit_and_fix([root], SETTINGS, unsafe=unsafe)
    assert result.fixes.fixed == 0
    assert content(root) == given
    assert digest(root / ".git") == before
    return given


def content(root: Path) -> bytes:
    file = root / ".gitignore"
    return file.read_bytes() if file.exists() else b""


def digest(folder: Path) -> dict[Path, str]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def ignored(root: Path, path: str) -> bool:
    command = ["git", "-C", str(root), "check-ignore", "-q", "--no-index", "--", path]
    return subprocess.run(command, check=False).returncode == 0


def test_data_and_models_are_ignored_and_stay_tracked(lay: Lay) -> None:
    root = lay({"data/train.csv": TABLE, "models/a.pt": PICKLE, ".gitignore": b"*.pyc\n"})
    assert fixed(root) == b"*.pyc\n/data/train.csv\n/models/a.pt\n"
    assert "data/train.csv" in git(root, "ls-files")
    result, _ = audit_and_fix([root], SETTINGS, unsafe=True)
    assert sorted(one.rule.id for one in result.funnel.shown) == ["ART002", "ART003"]
    assert all("git rm --cached" in one.remedy for one in result.funnel.shown)
    assert result.fixes.unsafe == 0


def test_without_asking_for_it_nothing_happens(lay: Lay) -> None:
    root = lay({"data/train.csv": TABLE})
    assert fixed(root, unsafe=False) == b""
    result, _ = audit_and_fix([root], SETTINGS, unsafe=False)
    assert result.fixes.unsafe == 1


def test_many_files_are_named_by_their_endings(lay: Lay) -> None:
    files = {f"data/{number}.csv": TABLE for number in range(4)}
    root = lay({**files, "data/README.md": b"About the data\n"})
    assert fixed(root) == b"/data/*.csv\n"
    assert not ignored(root, "data/README.md")
    assert not ignored(root, "other/data/1.csv")


@pytest.mark.parametrize(
    "name", ["a b.csv", "b .csv", "[c].csv", "d*.csv", "e?.csv", "#f.csv", "!g.csv", "h\\.csv",
             "é.csv", "\udcff.csv", "trail.csv ", "-i.csv"],
)  # fmt: skip
def test_strange_names(lay: Lay, name: str) -> None:
    root = lay({name: TABLE, f"x{name[1:]}": b"", "other.csv": b""})
    fixed(root)
    assert ignored(root, name) == name.endswith(".csv")
    assert not ignored(root, "other.csv")
    assert name[0] in "de" or not ignored(root, f"x{name[1:]}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"/a.pt\n"),
        (b"*.pyc", b"*.pyc\n/a.pt"),
        (b"*.pyc\r\nb\r\n", b"*.pyc\r\nb\r\n/a.pt\r\n"),
        (b"\xef\xbb\xbf*.pyc\n", b"\xef\xbb\xbf*.pyc\n/a.pt\n"),
        (b"\xff\xfe latin \xe9\n\n\n", b"\xff\xfe latin \xe9\n\n\n/a.pt\n"),
        (b"*.pt\n", b"*.pt\n"),
        (b"*.pt\n!a.pt\n", b"*.pt\n!a.pt\n/a.pt\n"),
        (b"# /a.pt\n", b"# /a.pt\n/a.pt\n"),
    ],
)
def test_every_other_byte_stays(lay: Lay, before: bytes, after: bytes) -> None:
    root = lay({"a.pt": PICKLE, ".gitignore": before})
    assert fixed(root) == after


def test_outputs_are_ignored_by_folder_or_by_name(lay: Lay) -> None:
    root = lay(
        {
            "work/mlruns/0/meta.yaml": b"a: 1\n",
            "src/a/events.out.tfevents.1": b"x",
            "src/b/events.out.tfevents.2": b"x",
            "src/train.py": b"",
        }
    )
    assert fixed(root) == b"/work/mlruns/\nevents.out.tfevents*\n"
    assert not ignored(root, "src/train.py")


def test_gaps_are_closed_without_asking(lay: Lay) -> None:
    code = b"import mlflow\nfrom dotenv import load_dotenv\nload_dotenv()\nmlflow.start_run()\n"
    root = lay({"train.py": code, ".gitignore": b"*.pyc\n"})
    settings = Settings(select=("ART006",))
    result, _ = audit_and_fix([root], settings, unsafe=False)
    assert content(root) == b"*.pyc\n.env\nmlruns/\n"
    assert (result.funnel.shown, result.fixes.fixed) == ((), 2)


def test_a_file_is_made_where_there_is_none(lay: Lay) -> None:
    root = lay({"train.py": b"import wandb\nwandb.init()\n"})
    settings = Settings(select=("ART006",))
    _, draft = audit_draft([root], settings, unsafe=False)
    [shown] = show_changes(draft, settings)
    assert (shown.path, shown.before, shown.after) == (".gitignore", "", "wandb/\n")
    assert not (root / ".gitignore").exists()
    audit_and_fix([root], settings, unsafe=False)
    assert content(root) == b"wandb/\n"


def test_a_link_is_not_written_through(lay: Lay, tmp_path: Path) -> None:
    root = lay({"train.py": b"import wandb\nwandb.init()\n", "elsewhere": b""})
    (root / ".gitignore").symlink_to("elsewhere")
    audit_and_fix([root], Settings(select=("ART006",)), unsafe=False)
    assert (root / "elsewhere").read_bytes() == b""
