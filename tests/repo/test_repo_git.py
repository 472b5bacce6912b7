"""Git is run on hostile repositories: nothing of theirs runs, nothing of theirs changes."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from mlaudit.repo.commits import commits_of, position_of, tags_of
from mlaudit.repo.git import GitError, run_git
from mlaudit.repo.gitfolder import GitFolder, find_git_folder
from mlaudit.repo.history import read_history
from mlaudit.repo.listing import paths_with
from mlaudit.repo.objects import Blobs, heads
from mlaudit.repo.opening import open_repo
from mlaudit.repo.past import open_commit

Git = Callable[..., str]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="traps are shell scripts")


def found(path: Path) -> GitFolder:
    folder = find_git_folder(path)
    assert folder is not None
    return folder


def digest(root: Path) -> dict[str, tuple[int, str]]:
    """Every file's mode and content, and every link's target."""
    state = {}
    for path in sorted(root.rglob("*")):
        content = bytes(path.readlink()) if path.is_symlink() else b""
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
        state[str(path)] = (path.lstat().st_mode, hashlib.sha256(content).hexdigest())
    return state


@pytest.fixture
def trapped(checkout: Path, tmp_path: Path, git: Git) -> tuple[Path, Path]:
    """A repository whose configuration names a program wherever git lets it, and the file that
    the program would write."""
    marker = tmp_path / "marker"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{marker}'\ncat 2>/dev/null\n")
    script.chmod(0o755)
    (checkout / ".gitattributes").write_text("* filter=trap diff=trap merge=trap\n")
    (checkout / "data.csv").write_text("a,b\n")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "Second")
    included = checkout / ".git" / "included"
    included.write_text(f"[core]\n\tfsmonitor = {script}\n")
    with (checkout / ".git" / "config").open("a") as config:
        config.write(f"""
[core]
    fsmonitor = {script}
    sshCommand = {script}
    gitProxy = {script}
    pager = {script}
    editor = {script}
    askPass = {script}
    hooksPath = {tmp_path / "hooks"}
    alternateRefsCommand = {script}
    attributesFile = {checkout / ".gitattributes"}
[filter "trap"]
    clean = {script}
    smudge = {script}
    process = {script}
    required = true
[diff]
    external = {script}
[diff "trap"]
    command = {script}
    textconv = {script}
[merge "trap"]
    driver = {script}
[gpg]
    program = {script}
[log]
    showSignature = true
[pager]
    ls-files = {script}
    log = {script}
    diff = {script}
[alias]
    ls-files = !{script}
[credential]
    helper = !{script}
[uploadpack]
    packObjectsHook = {script}
[remote "origin"]
    url = ext::{script}
    promisor = true
    partialclonefilter = blob:none
    uploadpack = {script}
[extensions]
    partialClone = origin
[includeIf "gitdir:**"]
    path = {included}
[include]
    path = included
""")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in (
        "post-index-change",
        "fsmonitor-watchman",
        "reference-transaction",
        "post-checkout",
    ):
        for folder in (hooks, checkout / ".git" / "hooks"):
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(script.read_text())
            (folder / name).chmod(0o755)
    # Make git compare contents: same size, another time.
    (checkout / "data.csv").write_text("b,a\n")
    return checkout, marker


COMMANDS = [
    ("ls-files", "-s", "--others", "--cached"),
    ("diff", "HEAD"),
    ("diff", "--name-only", "HEAD~1", "HEAD"),
    ("diff-index", "HEAD"),
    ("status", "--porcelain"),
    ("log", "-p", "--all"),
    ("log", "--format=%G?"),
    ("show", "HEAD:data.csv"),
    ("cat-file", "--textconv", "HEAD:data.csv"),
    ("cat-file", "--filters", "HEAD:data.csv"),
    ("rev-list", "--objects", "--all"),
    ("merge-base", "HEAD", "HEAD~1"),
    ("check-attr", "filter", "--", "data.csv"),
    ("blame", "data.csv"),
    ("grep", "a", "HEAD"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_runs_a_program_that_the_repository_names(
    trapped: tuple[Path, Path], command: tuple[str, ...]
) -> None:
    root, marker = trapped
    before = digest(root)
    assert run_git(found(root), *command)
    assert not marker.exists(), marker.read_text()
    assert digest(root) == before


def test_the_traps_do_spring_for_an_unguarded_git(trapped: tuple[Path, Path], git: Git) -> None:
    root, marker = trapped
    with suppress(AssertionError):  # git stumbles over what the trap answers
        git(root, "status", "--porcelain")
    assert marker.exists()


def test_opening_runs_nothing_and_changes_nothing(trapped: tuple[Path, Path]) -> None:
    root, marker = trapped
    before = digest(root)
    repo = open_repo([root])
    assert [file.path for file in repo.files] == [
        ".gitattributes", "data.csv", "src/model.py", "train.py",
    ]  # fmt: skip
    assert not marker.exists()
    assert digest(root) == before


def test_reading_the_history_runs_nothing_and_changes_nothing(trapped: tuple[Path, Path]) -> None:
    root, marker = trapped
    before = digest(root)
    history = read_history(found(root))
    oids = [blob.oid for blob in history.blobs]
    assert len(list(history.contents(oids))) == len(oids) == 4
    assert len(list(heads(found(root), dict.fromkeys(oids, 9_000_000), 1, 60))) == 4
    assert paths_with(found(root), "filter", "trap", ["data.csv"]) == {"data.csv"}
    assert not marker.exists()
    assert digest(root) == before


def test_opening_a_commit_runs_nothing_and_changes_nothing(
    trapped: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, marker = trapped
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    before = digest(root)
    folder = found(root)
    line = commits_of(folder)
    assert tags_of(folder) == {}
    assert position_of(folder, line, "HEAD~1") == 0
    with Blobs(folder) as blobs, open_commit(folder, blobs, line[-1].oid) as repo:
        assert repo.read("data.csv") == b"a,b\n"
        assert [blobs.head(file.oid, 9_000_000, 1) for file in repo.files]
        assert repo.tree.git is not None
        assert paths_with(repo.tree.git, "filter", "trap", ["data.csv"]) == {"data.csv"}
    assert not marker.exists()
    assert digest(root) == before
    assert list(room.iterdir()) == []


def test_a_missing_object_of_a_partial_clone_is_not_fetched(trapped: tuple[Path, Path]) -> None:
    root, marker = trapped
    with pytest.raises(GitError):
        run_git(found(root), "cat-file", "-p", "1" * 40)
    assert not marker.exists()


def test_a_submodule_with_a_trap_is_not_looked_into(
    trapped: tuple[Path, Path], tmp_path: Path, git: Git
) -> None:
    root, marker = trapped
    inside, outer = tmp_path / "inside", tmp_path / "outer"
    for folder in (inside, outer):
        folder.mkdir()
        git(folder, "init", "-q")
    (inside / "data.csv").write_text("a,b\n")
    git(inside, "add", ".")
    git(inside, "commit", "-q", "-m", "First")
    git(outer, "submodule", "add", "-q", "--name", "checkout", str(inside), "checkout")
    git(outer, "config", "-f", ".gitmodules", "submodule.checkout.ignore", "none")
    git(outer, "commit", "-q", "-m", "First")
    inner = outer / ".git" / "modules" / "checkout" / "config"
    inner.write_text(inner.read_text() + (root / ".git" / "config").read_text())
    (outer / "checkout" / "data.csv").write_text("changed\n")
    marker.unlink(missing_ok=True)
    for command in (("status", "--porcelain"), ("diff", "HEAD"), ("diff-files", "-p")):
        run_git(found(outer), *command)
    assert not marker.exists()


def test_a_work_tree_elsewhere_is_not_followed(checkout: Path, tmp_path: Path, git: Git) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "private.txt").write_text("x")
    git(checkout, "config", "core.worktree", str(elsewhere))
    repo = open_repo([checkout])
    assert repo.root == checkout
    assert [file.path for file in repo.files] == ["src/model.py", "train.py"]


def test_git_is_not_taken_from_the_repository(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "marker"
    for folder in (checkout, checkout / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "git").write_text(f"#!/bin/sh\necho ran >> '{marker}'\n")
        (folder / "git").chmod(0o755)
    path = os.pathsep.join(["", ".", "bin", str(checkout / "bin"), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)
    monkeypatch.chdir(checkout)
    assert run_git(found(checkout), "rev-parse", "HEAD")
    assert not marker.exists()


def test_variables_of_the_caller_do_not_matter(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.excludesFile")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "x")
    assert run_git(found(checkout), "ls-files", "-z") == b"src/model.py\0train.py\0"


def test_a_repository_of_another_user_is_read(checkout: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, 12345, 12345)
    assert open_repo([checkout]).git is not None


def test_nothing_is_left_behind(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    run_git(found(checkout), "status")
    with pytest.raises(GitError):
        run_git(found(checkout), "no-such-command")
    assert list(room.iterdir()) == []


def test_a_failure_gives_the_first_line_of_its_reason(checkout: Path) -> None:
    with pytest.raises(GitError, match=r"git rev-parse failed: fatal: .*nowhere") as caught:
        run_git(found(checkout), "rev-parse", "nowhere")
    assert "\n" not in str(caught.value)


def test_git_that_hangs_is_ended(checkout: Path) -> None:
    (checkout / ".git" / "index").unlink()
    os.mkfifo(checkout / ".git" / "index")
    with pytest.raises(GitError, match=r"longer than 0\.2 seconds"):
        run_git(found(checkout), "ls-files", timeout=0.2)


def test_git_missing_is_said(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(GitError, match="not installed"):
        run_git(found(checkout), "ls-files")


@pytest.mark.parametrize(
    "line", [b"", b"gitdir:", b"gitdir: /nonexistent", b"gitdir: a\0b", b"\xff\xfe", b"gitdir: ."]
)
def test_a_pointer_to_nothing_is_no_repository(tmp_path: Path, line: bytes) -> None:
    (tmp_path / ".git").write_bytes(line)
    assert find_git_folder(tmp_path) is None


def test_special_files_named_git_are_no_repository(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")
    assert find_git_folder(tmp_path) is None
    other = tmp_path / "o"
    other.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(other / ".git"))
        assert find_git_folder(other) is None


def test_a_bare_repository_planted_in_a_folder_is_not_found(checkout: Path, git: Git) -> None:
    planted = checkout / "planted"
    git(checkout, "init", "-q", "--bare", str(planted))
    assert found(planted).worktree == checkout


def test_sha256_repositories_are_read(tmp_path: Path, git: Git) -> None:
    root = tmp_path / "new"
    root.mkdir()
    git(root, "init", "-q", "--object-format=sha256")
    (root / "a.py").write_text("")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "First")
    repo = open_repo([root])
    assert len(repo.files[0].oid) == 64
    assert repo.git is not None
    assert len(repo.git.head) == 64


def test_a_split_index_is_read(checkout: Path, git: Git) -> None:
    git(checkout, "update-index", "--split-index")
    assert [file.tracked for file in open_repo([checkout]).files] == [True, True]
