"""What real git histories hold, and what is missing of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.repo.git import GitError
from mlaudit.repo.gitfolder import GitFolder, find_git_folder
from mlaudit.repo.history import History, PastBlob, history_of, read_history, without
from mlaudit.repo.objects import contents
from mlaudit.repo.opening import open_repo

Git = Callable[..., str]

LARGE = os.urandom(3000)
OTHER = os.urandom(2000)


def found(path: Path) -> GitFolder:
    folder = find_git_folder(path)
    assert folder is not None
    return folder


def history(path: Path) -> History:
    return read_history(found(path))


def by_path(read: History) -> dict[str, PastBlob]:
    return {blob.path: blob for blob in read.blobs}


@pytest.fixture
def root(tmp_path: Path, git: Git) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


@pytest.fixture
def commit(root: Path, git: Git) -> Callable[..., str]:
    """Writes files (None: removes one), commits them and gives the id."""

    def run(files: dict[str, bytes | None], at: Path | None = None) -> str:
        folder = at or root
        for path, data in files.items():
            file = folder / path
            if data is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "Change")
        return git(folder, "rev-parse", "HEAD")

    return run


Commit = Callable[..., str]


class TestCommits:
    def test_removed_file(self, root: Path, commit: Commit) -> None:
        first = commit({"model.bin": LARGE, "a.py": b"x = 1\n"})
        commit({"model.bin": None})
        read = history(root)
        model = by_path(read)["model.bin"]
        assert (model.commit, model.size, model.at_head) == (first, 3000, False)
        assert 3000 <= model.stored < 3200
        assert by_path(read)["a.py"].at_head
        assert (read.commits, read.missing, read.problems) == (2, 0, ())

    def test_text_is_paid_for_as_it_is_stored(self, root: Path, commit: Commit) -> None:
        commit({"a.csv": b"1,2,3\n" * 10_000})
        blob = by_path(history(root))["a.csv"]
        assert blob.size == 60_000
        assert blob.stored < 1000

    def test_renamed_file_is_named_as_it_came(self, root: Path, commit: Commit, git: Git) -> None:
        first = commit({"model.bin": LARGE})
        git(root, "mv", "model.bin", "weights.bin")
        commit({})
        (blob,) = history(root).blobs
        assert (blob.path, blob.commit, blob.at_head) == ("model.bin", first, True)

    def test_file_that_came_back(self, root: Path, commit: Commit) -> None:
        first = commit({"model.bin": LARGE})
        commit({"model.bin": None})
        commit({"other.bin": LARGE})
        (blob,) = history(root).blobs
        assert (blob.path, blob.commit, blob.at_head) == ("model.bin", first, True)

    def test_each_version_is_one(self, root: Path, commit: Commit) -> None:
        first = commit({"model.bin": LARGE})
        second = commit({"model.bin": OTHER})
        read = history(root)
        assert {(b.commit, b.size, b.at_head) for b in read.blobs} == {
            (first, 3000, False),
            (second, 2000, True),
        }

    def test_strange_names(self, root: Path, commit: Commit) -> None:
        names = [":100644 a", "\n:b", "c\td\ne", "\udcff\udcfe.bin", "é", '"quoted"', " "]
        commit({name: name.encode("utf-8", "surrogateescape") for name in names})
        assert sorted(by_path(history(root))) == sorted(names)

    def test_links_and_submodules_are_no_files(
        self, root: Path, commit: Commit, git: Git, checkout: Path
    ) -> None:
        git(root, "submodule", "add", "-q", str(checkout), "sub")
        (root / "link").symlink_to("nowhere")
        commit({"a.py": b""})
        assert sorted(by_path(history(root))) == [".gitmodules", "a.py"]


class TestRefs:
    def test_other_branch(self, root: Path, commit: Commit, git: Git) -> None:
        commit({"a.py": b""})
        git(root, "switch", "-q", "-c", "topic")
        brought = commit({"model.bin": LARGE})
        git(root, "switch", "-q", "main")
        blob = by_path(history(root))["model.bin"]
        assert (blob.commit, blob.at_head) == (brought, False)

    @pytest.mark.parametrize("tag", [("tag", "v1"), ("tag", "-a", "-m", "One", "v1")])
    def test_tag_alone(self, root: Path, commit: Commit, git: Git, tag: tuple[str, ...]) -> None:
        start = commit({"a.py": b""})
        brought = commit({"model.bin": LARGE})
        git(root, *tag)
        git(root, "reset", "-q", "--hard", start)
        blob = by_path(history(root))["model.bin"]
        assert (blob.commit, blob.at_head) == (brought, False)

    def test_merge_that_brings_a_content_of_its_own(
        self, root: Path, commit: Commit, git: Git
    ) -> None:
        commit({"a.txt": b"1\n"})
        git(root, "switch", "-q", "-c", "topic")
        commit({"a.txt": b"2\n"})
        git(root, "switch", "-q", "main")
        commit({"b.txt": b"3\n"})
        git(root, "merge", "-q", "--no-ff", "--no-commit", "topic")
        merge = commit({"a.txt": LARGE, "evil.bin": OTHER})
        assert git(root, "rev-list", "--count", "--merges", "HEAD") == "1"
        read = by_path(history(root))
        assert read["evil.bin"].commit == merge
        assert (merge, 3000) in {(blob.commit, blob.size) for blob in history(root).blobs}

    def test_octopus(self, root: Path, commit: Commit, git: Git) -> None:
        start = commit({"a.py": b""})
        for name in "xyz":
            git(root, "switch", "-q", "-c", name, start)
            commit({f"{name}.bin": name.encode() * 100})
        git(root, "switch", "-q", "main")
        git(root, "merge", "-q", "x", "y", "z")
        merge = commit({"late.bin": LARGE})
        read = by_path(history(root))
        assert {"x.bin", "y.bin", "z.bin"} <= set(read)
        assert read["late.bin"].commit == merge

    def test_stash_and_replaced_commits_are_nobody_elses(
        self, root: Path, commit: Commit, git: Git
    ) -> None:
        first = commit({"a.py": b"x = 1\n"})
        second = commit({"b.py": b"y = 2\n"})
        git(root, "replace", second, first)
        (root / "a.py").write_bytes(LARGE)
        git(root, "stash", "-q")
        read = history(root)
        assert sorted(by_path(read)) == ["a.py", "b.py"]
        assert (read.commits, by_path(read)["b.py"].commit) == (2, second)

    def test_grafts_are_not_followed(self, root: Path, commit: Commit) -> None:
        commit({"model.bin": LARGE})
        last = commit({"model.bin": None})
        (root / ".git" / "info").mkdir(exist_ok=True)
        (root / ".git" / "info" / "grafts").write_text(f"{last}\n")
        assert sorted(by_path(history(root))) == ["model.bin"]

    def test_packed_refs_and_no_branch(self, root: Path, commit: Commit, git: Git) -> None:
        commit({"model.bin": LARGE})
        git(root, "tag", "v1")
        git(root, "checkout", "-q", "--detach")
        git(root, "pack-refs", "--all", "--prune")
        git(root, "gc", "-q")
        git(root, "branch", "-q", "-D", "main")
        (blob,) = history(root).blobs
        assert blob.at_head

    def test_commit_that_only_head_has(self, root: Path, commit: Commit, git: Git) -> None:
        commit({"a.py": b""})
        git(root, "checkout", "-q", "--detach")
        commit({"model.bin": LARGE})
        assert by_path(history(root))["model.bin"].at_head

    def test_linked_worktree(self, root: Path, commit: Commit, git: Git, tmp_path: Path) -> None:
        commit({"model.bin": LARGE})
        git(root, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
        commit({"model.bin": None}, at=tmp_path / "linked")
        assert not history(tmp_path / "linked").blobs[0].at_head
        assert history(root).blobs[0].at_head


class TestForms:
    def test_no_commit_yet(self, root: Path) -> None:
        read = history(root)
        assert (read.blobs, read.commits, read.problems) == ((), 0, ())

    def test_sha256(self, tmp_path: Path, git: Git, commit: Commit) -> None:
        folder = tmp_path / "long"
        folder.mkdir()
        git(folder, "init", "-q", "--object-format=sha256")
        first = commit({"model.bin": LARGE}, at=folder)
        (blob,) = history(folder).blobs
        assert (len(blob.oid), blob.commit) == (64, first)

    def test_reftable(self, tmp_path: Path, git: Git, commit: Commit) -> None:
        folder = tmp_path / "tables"
        folder.mkdir()
        try:
            git(folder, "init", "-q", "--ref-format=reftable")
        except AssertionError:
            pytest.skip("this git has no reftable")
        commit({"model.bin": LARGE}, at=folder)
        assert [blob.path for blob in history(folder).blobs] == ["model.bin"]

    def test_plain_folder_has_none(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("")
        assert history_of(open_repo([tmp_path])) is None


class TestMissing:
    def test_shallow_clone(self, root: Path, commit: Commit, git: Git, tmp_path: Path) -> None:
        commit({"model.bin": LARGE})
        commit({"model.bin": None, "a.py": b""})
        git(tmp_path, "clone", "-q", "--depth", "1", root.as_uri(), "shallow")
        read = history(tmp_path / "shallow")
        assert ([blob.path for blob in read.blobs], read.commits) == (["a.py"], 1)
        assert read.problems == ("the history is not known in full: this is a shallow clone",)

    @pytest.fixture
    def partial(self, root: Path, commit: Commit, git: Git, tmp_path: Path) -> Path:
        """A clone without the contents of older commits. Fetching them would work."""
        commit({"model.bin": LARGE, "old.py": b"x"})
        commit({"model.bin": None, "old.py": None, "a.py": b"x = 1\n"})
        git(root, "config", "uploadpack.allowFilter", "true")
        git(root, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(tmp_path, "clone", "-q", "--filter=blob:none", root.as_uri(), "partial")
        return tmp_path / "partial"

    def test_partial_clone(self, partial: Path) -> None:
        before = sorted((partial / ".git").rglob("*"))
        read = history(partial)
        assert ([blob.path for blob in read.blobs], read.missing) == (["a.py"], 2)
        assert read.problems == (
            "the history is not known in full: this clone lacks 2 of its contents",
        )
        assert sorted((partial / ".git").rglob("*")) == before

    def test_contents_of_a_partial_clone(self, partial: Path, root: Path, git: Git) -> None:
        there = git(partial, "rev-parse", "HEAD:a.py")
        missing = git(root, "rev-parse", "HEAD~:model.bin")
        before = sorted((partial / ".git").rglob("*"))
        assert list(contents(found(partial), [missing, there, missing])) == [(there, b"x = 1\n")]
        assert sorted((partial / ".git").rglob("*")) == before

    def test_clone_without_trees(
        self, root: Path, commit: Commit, git: Git, tmp_path: Path
    ) -> None:
        commit({"model.bin": LARGE})
        commit({"model.bin": None})
        commit({"a.py": b""})
        git(root, "config", "uploadpack.allowFilter", "true")
        git(tmp_path, "clone", "-q", "--filter=tree:0", root.as_uri(), "treeless")
        read = history(tmp_path / "treeless")
        assert read.commits < 3
        assert [problem for problem in read.problems if "git gave up" in problem]

    def test_damaged_object(self, root: Path, commit: Commit, git: Git) -> None:
        commit({"model.bin": LARGE})
        commit({"a.py": b"x = 1\n"})
        oid = git(root, "rev-parse", "HEAD~:model.bin")
        loose = root / ".git" / "objects" / oid[:2] / oid[2:]
        loose.chmod(0o644)
        loose.write_bytes(b"no zlib")
        read = history(root)
        assert ([blob.path for blob in read.blobs], read.missing) == (["a.py"], 1)
        fine = git(root, "rev-parse", "HEAD:a.py")
        assert (fine, b"x = 1\n") in list(contents(found(root), [fine, oid, fine]))

    def test_time_is_up(self, root: Path, commit: Commit) -> None:
        commit({"a.py": b""})
        read = read_history(found(root), limit=0)
        assert len(read.problems) <= 1
        assert all("0 seconds" in problem for problem in read.problems)

    def test_git_is_not_installed(
        self, root: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit({"a.py": b""})
        repo = open_repo([root])
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(GitError):
            history(root)
        read = history_of(repo)
        assert read is not None
        assert read.problems == ("git is not installed",)


def test_contents_come_in_the_order_asked_for(root: Path, commit: Commit) -> None:
    commit({"a.bin": LARGE, "b.bin": OTHER, "c.txt": b"", "d.txt": b"x\n" * 100_000})
    read = history(root)
    wanted = {blob.oid: (root / blob.path).read_bytes() for blob in read.blobs}
    assert list(read.contents(wanted)) == list(wanted.items())
    assert list(read.contents([])) == []
    assert next(iter(read.contents(wanted))) == next(iter(wanted.items()))


def test_what_is_excluded_has_no_past(root: Path, commit: Commit) -> None:
    commit({"vendor/a.bin": LARGE, "b.bin": OTHER})
    assert [blob.path for blob in without(history(root), ["vendor/"]).blobs] == ["b.bin"]


def test_progress_is_told(root: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlaudit.repo.history._TELL_EVERY", 0)
    commit({"a.py": b""})
    told: list[str] = []
    read_history(found(root), tell=told.append)
    assert told == ["history: 1 commits, 1 contents"]


def test_as_many_as_git_itself_counts(root: Path, commit: Commit, git: Git) -> None:
    for number in range(12):
        git(root, "switch", "-q", "-c", f"topic-{number}")
        commit({f"{number % 5}/f{number % 3}.txt": os.urandom(20), "same.txt": b"same"})
        if number % 4 == 3:
            git(root, "switch", "-q", f"topic-{number // 2}")
    listed = subprocess.run(
        ["git", "rev-list", "--objects", "--all", "--filter=object:type=blob"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    oids = {line.split(" ")[0] for line in listed.splitlines() if " " in line}
    assert {blob.oid for blob in history(root).blobs} == {
        oid for oid in oids if git(root, "cat-file", "-t", oid) == "blob"
    }
