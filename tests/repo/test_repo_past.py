"""A repository as it was at a commit: what git holds, whatever lies on disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.stored import Stored
from mlaudit.repo import objects
from mlaudit.repo.git import GitError
from mlaudit.repo.gitfolder import GitFolder, find_git_folder
from mlaudit.repo.links import end_of
from mlaudit.repo.model import Context, Kind, Repo
from mlaudit.repo.objects import Blobs
from mlaudit.repo.opening import open_repo
from mlaudit.repo.past import open_commit

Git = Callable[..., str]
Open = Callable[..., Repo]

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs links and named pipes")


def folder_of(root: Path) -> GitFolder:
    found = find_git_folder(root)
    assert found is not None
    return found


@pytest.fixture
def at(checkout: Path, git: Git) -> Iterator[Open]:
    """Opens a commit of the checkout, or of another repository."""
    with ExitStack() as stack:

        def opened(revision: str = "HEAD", root: Path = checkout) -> Repo:
            folder = folder_of(root)
            blobs = stack.enter_context(Blobs(folder))
            commit = git(root, "rev-parse", revision)
            return stack.enter_context(open_commit(folder, blobs, commit))

        yield opened


def commit(root: Path, git: Git, *, message: str = "more") -> None:
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


def loose(root: Path, git: Git, what: str) -> Path:
    oid = git(root, "rev-parse", what)
    return root / ".git" / "objects" / oid[:2] / oid[2:]


@posix
def test_the_last_commit_is_what_a_clean_checkout_has(checkout: Path, git: Git, at: Open) -> None:
    (checkout / ".gitattributes").write_text("src/** linguist-generated\n")
    (checkout / "run").write_text("#!/usr/bin/env python\n")
    (checkout / "run").chmod(0o755)
    (checkout / "data.csv").write_bytes(b"a,b\n" * 2000)
    (checkout / "notes").write_text("#!/usr/bin/env python\n")
    for name, target in (("README", "train.py"), ("lib", "src"), ("up", "src/../.")):
        (checkout / name).symlink_to(target)
    for name, target in (("lost", "nothing"), ("out", "/etc/passwd"), ("climbs", "../../x")):
        (checkout / name).symlink_to(target)
    commit(checkout, git)

    now, past = open_repo([checkout]), at()
    assert past.files == now.files
    assert past.links == now.links
    assert [one.path for one in past.skipped] == [one.path for one in now.skipped]
    assert past.git is not None
    assert past.git.head == git(checkout, "rev-parse", "HEAD")
    assert {f.path: (f.kind, f.context) for f in past.files}["run"] == (Kind.PYTHON, Context.SRC)
    assert past.read("data.csv") == now.read("data.csv")
    assert past.read_head("data.csv", 3) == b"a,b"
    assert read_facts(past, past.files) == read_facts(now, now.files)


def test_an_earlier_commit_has_its_own_files(checkout: Path, git: Git, at: Open) -> None:
    (checkout / "train.py").rename(checkout / "fit.py")
    (checkout / "src" / "model.py").write_text("x = 2\n")
    commit(checkout, git)
    before, after = at("HEAD~1"), at("HEAD")
    assert [f.path for f in before.files] == ["src/model.py", "train.py"]
    assert [f.path for f in after.files] == ["fit.py", "src/model.py"]
    assert (before.read("src/model.py"), after.read("src/model.py")) == (b"x = 1\n", b"x = 2\n")


def test_nothing_on_disk_matters(checkout: Path, git: Git, at: Open) -> None:
    before = [(f.path, f.size, at().read(f.path)) for f in at().files]
    (checkout / "train.py").write_text("import os\n")
    (checkout / "src" / "model.py").unlink()
    (checkout / "more.py").write_text("")
    (checkout / ".gitattributes").write_text("* linguist-vendored\n")
    past = at()
    assert [(f.path, f.size, past.read(f.path)) for f in past.files] == before
    assert past.files[0].context is Context.SRC
    assert not past.tree.exists("more.py")
    with pytest.raises(OSError, match="no file"):
        past.read("more.py")


@pytest.mark.parametrize("source", ["vendored/** linguist-vendored=false\n", ""])
def test_attributes_are_those_of_the_commit(
    source: str, checkout: Path, git: Git, at: Open
) -> None:
    (checkout / "vendored").mkdir()
    (checkout / "vendored" / "own.py").write_text("")
    (checkout / ".gitattributes").write_text(source)
    commit(checkout, git)
    (checkout / ".gitattributes").write_text("")
    commit(checkout, git)
    contexts = {f.path: f.context for f in at("HEAD~1").files}
    assert contexts["vendored/own.py"] is (Context.SRC if source else Context.VENDORED)


def test_git_lfs_is_told_by_the_attributes_of_the_commit(
    checkout: Path, git: Git, at: Open
) -> None:
    (checkout / ".gitattributes").write_text("*.bin filter=lfs\n")
    (checkout / "model.bin").write_bytes(b"\0" * 2000)
    commit(checkout, git)
    (checkout / ".gitattributes").write_text("")
    commit(checkout, git)
    stored = {}
    for revision in ("HEAD~1", "HEAD"):
        past = at(revision)
        stored[revision] = Stored(past, read_facts(past, past.files).facts, None)
    assert stored["HEAD~1"].in_lfs == {"model.bin"}
    assert stored["HEAD"].in_lfs == frozenset()
    file = next(f for f in at().files if f.path == "model.bin")
    assert stored["HEAD~1"].is_raw(file)


@posix
def test_folders_are_those_of_the_commit(checkout: Path, git: Git, at: Open) -> None:
    (checkout / "src" / "deep").mkdir()
    (checkout / "src" / "deep" / "a.py").write_text("")
    (checkout / "src" / "link").symlink_to("deep")
    commit(checkout, git)
    now, past = open_repo([checkout]).tree, at().tree
    for folder in ("", "src", "src/deep"):
        expected = sorted(entry for entry in now.entries(folder) if entry.name != ".git")
        assert sorted(past.entries(folder)) == expected
        assert past.is_folder(folder)
    for path in ("src", "src/deep/a.py", "src/link", "nothing", "train.py/x"):
        assert past.exists(path) == now.exists(path)
    for path in ("src/link", "nothing"):
        with pytest.raises(OSError, match=path):
            past.is_folder(path)
    assert not past.is_folder("train.py")
    with pytest.raises(OSError, match="no folder"):
        past.entries("train.py")


def test_a_submodule_is_named_and_empty(checkout: Path, tmp_path: Path, git: Git, at: Open) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "main")
    git(other, "commit", "-q", "--allow-empty", "-m", "one")
    git(checkout, "submodule", "--quiet", "add", str(other), "lib/other")
    commit(checkout, git)
    past = at()
    assert past.git is not None
    assert past.git.submodules == ("lib/other",)
    assert past.tree.entries("lib/other") == []
    assert "lib/other" not in [f.path for f in past.files]


def test_an_empty_commit_has_no_files(tmp_path: Path, git: Git, at: Open) -> None:
    root = tmp_path / "empty"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "one")
    assert at(root=root).files == ()


class TestLacking:
    def test_a_content_that_is_not_there(self, checkout: Path, git: Git, at: Open) -> None:
        loose(checkout, git, "HEAD:train.py").unlink()
        past = at()
        assert [(f.path, f.missing, f.size) for f in past.files] == [
            ("src/model.py", False, 6),
            ("train.py", True, 0),
        ]
        with pytest.raises(OSError, match="this clone lacks it"):
            past.read("train.py")
        assert past.read("src/model.py") == b"x = 1\n"

    def test_a_broken_content_costs_no_other(self, checkout: Path, git: Git, at: Open) -> None:
        past = at()
        broken = loose(checkout, git, "HEAD:train.py")
        broken.chmod(0o644)
        broken.write_bytes(b"\x78\x9c nothing of git's")
        with pytest.raises(OSError, match=r"lacks|cannot read"):
            past.read("train.py")
        assert past.read("src/model.py") == b"x = 1\n"

    @posix
    def test_a_content_that_nobody_writes_is_given_up(
        self, checkout: Path, git: Git, at: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(objects, "_LONGEST_WAIT", 0.2)
        past = at()
        waits = loose(checkout, git, "HEAD:train.py")
        waits.unlink()
        os.mkfifo(waits)
        with pytest.raises(OSError, match="cannot read"):
            past.read("train.py")
        assert past.read("src/model.py") == b"x = 1\n"

    def test_a_commit_that_is_not_there(self, checkout: Path, git: Git) -> None:
        folder = folder_of(checkout)
        with (
            Blobs(folder) as blobs,
            pytest.raises(GitError),
            open_commit(folder, blobs, "1" * 40),
        ):
            pass

    def test_a_large_content_is_read_to_where_it_is_asked(
        self, checkout: Path, git: Git, at: Open
    ) -> None:
        (checkout / "large.bin").write_bytes(b"abc" * 700_000)
        commit(checkout, git)
        past = at()
        assert past.read_head("large.bin", 4) == b"abca"
        assert len(past.read_head("large.bin", 10**8)) == 2_100_000
        assert [len(chunk) for chunk in past.tree.chunks("large.bin")] == [2**20, 2**20, 2848]


class TestHostile:
    def test_paths_that_lead_out_are_left_out(self, checkout: Path, git: Git, at: Open) -> None:
        oid = git(checkout, "rev-parse", "HEAD:train.py")
        listing = b"".join(
            b"100644 %s\0%s" % (name, bytes.fromhex(oid)) for name in (b"..", b".git", b"ok.py")
        )
        source = checkout.parent / "tree"
        source.write_bytes(listing)
        tree = git(checkout, "hash-object", "-t", "tree", "-w", "--literally", str(source))
        made = git(checkout, "commit-tree", tree, "-m", "trap")
        past = at(made)
        assert [f.path for f in past.files] == ["ok.py"]
        assert [one.path for one in past.skipped] == ["..", ".git"]

    def test_names_of_any_bytes(self, checkout: Path, git: Git, at: Open) -> None:
        if sys.platform != "linux":
            pytest.skip("names of any bytes are Linux's")
        for name in (b"a\nb.py", b"tab\there.py", b"\xff\xfe.py", b"-x.py", b' "q".py'):
            Path(os.fsdecode(bytes(checkout) + b"/" + name)).write_text("x = 1\n")
        commit(checkout, git)
        now, past = open_repo([checkout]), at()
        assert past.files == now.files
        assert all(past.read(f.path) == now.read(f.path) for f in past.files)

    def test_an_object_that_is_no_commit(self, checkout: Path, git: Git) -> None:
        folder = folder_of(checkout)
        blob = git(checkout, "rev-parse", "HEAD:train.py")
        with Blobs(folder) as blobs, pytest.raises(GitError), open_commit(folder, blobs, blob):
            pass


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("plain", "a/b"), ("chain", "a/b"), ("folder/up", "a/b"), ("root", ""), ("root/x", "x"),
        ("out", None), ("far", None), ("through/c", "a/c"), ("dots", "a/b"),
    ],
)  # fmt: skip
def test_where_links_lead(path: str, end: str | None) -> None:
    targets = {
        "plain": "a/b", "chain": "plain", "folder/up": "../a/b", "root": ".", "out": "/etc/passwd",
        "far": "a/../../b", "through": "a", "dots": "./x/..//a/./b",
    }  # fmt: skip
    assert end_of(path, targets) == end


@pytest.mark.parametrize("targets", [{"a": "b", "b": "a"}, {"a": "a"}, {"a": "a/b"}, {"a": ""}])
def test_a_loop_of_links_ends_at_a_link(targets: dict[str, str]) -> None:
    assert (end_of("a", targets) or "").split("/")[0] in targets
