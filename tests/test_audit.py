"""The whole way from files to reports, over input that is broken, hostile or odd."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlaudit.audit import audit
from mlaudit.cli.app import run
from mlaudit.config import Settings
from mlaudit.facts.reading import read_facts
from mlaudit.repo.gitfolder import GitFolder
from mlaudit.repo.listing import Listing, list_files
from mlaudit.repo.model import Skipped
from mlaudit.repo.opening import open_repo
from mlaudit.repo.walking import walk
from mlaudit.reports import FORMATS, report
from mlaudit.reports.model import Audit, exit_status
from mlaudit.rules.matchers.call import CallMatcher
from mlaudit.rules.model import Match, Persona

TODAY = date(2026, 1, 1)
TRAIN = """\
import pandas as pd
from sklearn.model_selection import train_test_split

frame = pd.read_csv("data.csv")
train, test = train_test_split(frame)
"""
FOUND = ("REP001", "train.py", 5)
"""What is right must be found whatever is wrong beside it."""

Git = Callable[..., str]


@pytest.fixture
def git() -> Git:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    names = ("-c", "user.name=T", "-c", "user.email=t@example.org")

    def call(folder: Path, *arguments: str) -> str:
        command = ["git", *names, "-c", "protocol.file.allow=always", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=True
        ).stdout

    return call


@pytest.fixture
def root(tmp_path: Path, git: Git) -> Path:
    """A committed repository with one finding."""
    root = tmp_path / "churn"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "train.py").write_text(TRAIN)
    (root / "README.md").write_text("# Churn\n")
    (root / "requirements.txt").write_text("pandas==2.2.3\nscikit-learn==1.5.2\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "First")
    return root


def audited(root: Path) -> Audit:
    """The audit, after a look that it stands as it must whatever the input."""
    result = audit([root], Settings(), TODAY)
    assert result.crashes == ()
    for name in FORMATS:
        report(name)(result)
    return result


def found(result: Audit) -> set[tuple[str, str, int]]:
    places = ((finding.rule.id, finding.place) for finding in result.funnel.shown)
    return {(rule, place.path, place.line) for rule, place in places}


def reasons(result: Audit) -> dict[str, str]:
    return {
        unread.path: f"{unread.line}: {unread.reason}" if unread.line else unread.reason
        for unread in result.unread
    }


def put(root: Path, path: str, content: str | bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content.encode() if isinstance(content, str) else content)


BROKEN: dict[str, tuple[str, str | bytes, str]] = {
    "not UTF-8": ("latin.py", b"x = 1\nname = '\xe9t\xe9'\n", "not UTF-8: byte 0xe9 in line 2"),
    "UTF-16": ("wide.py", "x = 1\n".encode("utf-16"), "not UTF-8: byte 0xff in line 1"),
    "NUL": (
        "nul.py",
        b"x = 1\n\0\n",
        "2: does not parse: source code string cannot contain null bytes",
    ),
    "syntax error": ("half.py", "x = 1\ndef f(:\n", "2: "),
    "Python 2": ("old.py", "import os\nprint 'hello'\n", "2: "),
    "deep nesting": ("deep.py", "x = " + "(" * 5000 + ")" * 5000, ""),
    "empty notebook": ("empty.ipynb", "", ""),
    "broken notebook": ("broken.ipynb", '{"cells": [{"cell_type": "code",\n', "2: "),
    "notebook that is a list": ("list.ipynb", "[1, 2]", ""),
    "notebook with a broken cell": (
        "cell.ipynb",
        '{"cells": [{"cell_type": "code",\n"source": ["x = 1\\n",\n"def f(:"]}], "nbformat": 4}',
        "3: cell 1: does not parse",
    ),
    "YAML": ("conf/bad.yaml", "a: 1\nb: [1, 2\nc: 3\n", "3: not valid YAML"),
    "TOML": ("conf/bad.toml", "a = 1\nb = = 2\n", "2: not valid TOML"),
    "JSON": ("conf/bad.json", '{"a": 1,\n "b": }', "2: not valid JSON"),
    "pyproject": ("pyproject.toml", "[project\nname = 1\n", "1: not valid TOML"),
    "conda": ("environment.yml", "dependencies: [python\n", "not valid YAML"),
    "lock": ("uv.lock", "version = \n", "1: not valid TOML"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_file_is_named_with_its_reason(case: str, root: Path) -> None:
    path, content, reason = BROKEN[case]
    put(root, path, content)
    result = audited(root)
    assert FOUND in found(result)
    assert exit_status(result) == 1
    assert reason in reasons(result)[path]
    assert f"{path}" in report("text")(result)
    assert set(reasons(result)) == {path}


def test_broken_requirement_costs_no_other(root: Path) -> None:
    put(root, "requirements.txt", "pandas==2.2.3\nscikit-learn===>1\nnumpy\n")
    result = audited(root)
    assert ("ENV004", "requirements.txt", 3) in found(result)


def test_no_commits(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q")
    assert audited(tmp_path).funnel.shown == ()
    put(tmp_path, "train.py", TRAIN)
    result = audited(tmp_path)
    assert FOUND in found(result)
    assert (result.unread, result.git.head if result.git else None) == ((), "")


def test_empty_folder(tmp_path: Path) -> None:
    result = audited(tmp_path)
    assert (result.funnel.shown, exit_status(result)) == ((), 0)


def test_path_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(tmp_path / "nowhere")]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"mlaudit: {tmp_path}/nowhere does not exist\n")


def test_unknown_key_of_the_settings(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(root, "pyproject.toml", '[project]\nname = "churn"\n\n[tool.mlaudit]\nfail_on = "error"\n')
    assert run([str(root)]) == 2
    out, err = capsys.readouterr()
    message = "pyproject.toml:5: fail_on: unknown key; did you mean 'fail-on'?"
    assert (out, err) == ("", f"mlaudit: {message}\n")


class TestGit:
    def test_not_installed(
        self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
        result = audited(root)
        assert FOUND in found(result)
        assert reasons(result) == {
            ".git": "git is not installed; the files were listed without git"
        }

    def test_partial_clone(self, root: Path, tmp_path: Path, git: Git) -> None:
        put(root, "data/large.csv", "1,2\n" * 50_000)
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", "Data")
        git(root, "config", "uploadpack.allowFilter", "true")
        options = ("-q", "--no-checkout", "--filter=blob:none")
        git(tmp_path, "clone", *options, root.as_uri(), "partial")
        clone = tmp_path / "partial"
        git(clone, "checkout", "main", "--", "train.py")
        git(clone, "reset", "-q")
        objects = git(clone, "rev-list", "--objects", "--all", "--missing=print").count("\n?")
        result = audited(clone)
        assert FOUND in found(result)
        assert reasons(result)["data/large.csv"] == "in the git index, but not on disk"
        after = git(clone, "rev-list", "--objects", "--all", "--missing=print").count("\n?")
        assert objects == after > 0  # nothing was fetched

    def test_missing_objects(self, root: Path) -> None:
        for file in (root / ".git/objects").glob("??/*"):
            file.chmod(0o600)
            file.unlink()
        assert FOUND in found(audited(root))

    @pytest.mark.parametrize("name", ["index", "HEAD", "config", "packed-refs"])
    def test_damaged(self, name: str, root: Path) -> None:
        (root / ".git" / name).write_bytes(b"\0\xff damaged")
        assert FOUND in found(audited(root))


class TestOddFiles:
    def test_fifo(self, root: Path, git: Git) -> None:
        put(root, "load.py", "x = 1\n")
        git(root, "add", ".")
        (root / "load.py").unlink()
        for path in ("load.py", "pipe.py", "mlaudit.toml", ".gitattributes"):
            os.mkfifo(root / path)
        result = audited(root)
        assert FOUND in found(result)
        assert reasons(result)["load.py"] == "a named pipe"

    def test_fifos_without_git(self, tmp_path: Path) -> None:
        put(tmp_path, "train.py", TRAIN)
        for path in (".gitignore", "pipe.py"):
            os.mkfifo(tmp_path / path)
        result = audited(tmp_path)
        assert FOUND in found(result)
        assert reasons(result)["pipe.py"] == "a named pipe"

    @pytest.mark.parametrize("committed", [True, False])
    def test_loops_of_links(self, root: Path, git: Git, committed: bool) -> None:
        (root / "a.py").symlink_to("b.py")
        (root / "b.py").symlink_to("a.py")
        (root / "folder").mkdir()
        (root / "folder/again").symlink_to("..")
        (root / "gone.py").symlink_to("nowhere.py")
        (root / "out.py").symlink_to("/etc/passwd")
        if committed:
            git(root, "add", ".")
        result = audited(root)
        assert FOUND in found(result)
        assert reasons(result) == {
            "a.py": "a symbolic link in a loop",
            "b.py": "a symbolic link in a loop",
            "gone.py": "a symbolic link to nothing",
            "out.py": "a symbolic link out of the repository",
        }

    @pytest.mark.parametrize("inside_git", [True, False])
    def test_folders_with_names_of_files(self, tmp_path: Path, git: Git, inside_git: bool) -> None:
        root = tmp_path / "odd"
        names = ("pyproject.toml", "mlaudit.toml", "setup.py", "uv.lock", "Dockerfile", "a.ipynb",
                 "README.md", ".gitignore", ".gitattributes", "requirements.txt")  # fmt: skip
        for name in names:
            put(root, f"{name}/train.py", TRAIN)
        if inside_git:
            git(root, "init", "-q")
        result = audited(root)
        places = {place for rule, place, _ in found(result) if rule == "REP001"}
        assert places == {f"{name}/train.py" for name in names}
        assert run([str(root), "-q"]) == 1

    def test_all_files_empty(self, root: Path, git: Git) -> None:
        names = """a.py a.ipynb setup.py setup.cfg pyproject.toml requirements.txt Pipfile pixi.toml
            environment.yml uv.lock poetry.lock pdm.lock Pipfile.lock pixi.lock conda-lock.yml
            Dockerfile Makefile a.yaml a.toml a.json .env a.sh .gitignore .gitattributes README.md
            model.pt data.csv data.csv.dvc kaggle.json .netrc mlruns/0/meta.yaml mlaudit.toml"""
        for name in names.split():
            put(root, name, "")
        git(root, "add", "-f", ".")
        result = audited(root)
        assert FOUND in found(result)
        # An empty Python, YAML or TOML file is what it should be; the others are not.
        allowed = {"a.ipynb", "a.json", "Pipfile.lock", "kaggle.json", "pixi.lock",
                   "conda-lock.yml", "environment.yml"}  # fmt: skip
        assert set(reasons(result)) <= allowed

    def test_huge_line(self, root: Path) -> None:
        put(root, "huge.json", '{"data": [' + "1234567890, " * 400_000 + "1]}")
        put(root, "huge.py", "x = [" + "12345, " * 200_000 + "]\n")
        put(root, "huge.txt", "word " * 500_000)
        result = audited(root)
        assert FOUND in found(result)
        assert max(map(len, report("text")(result).splitlines())) < 200

    def test_unreadable_file(self, root: Path) -> None:
        put(root, "locked.py", "x = 1\n")
        (root / "locked.py").chmod(0)
        result = audited(root)
        assert FOUND in found(result)
        if not os.access(root / "locked.py", os.R_OK):  # who runs as root may read it
            assert reasons(result) == {"locked.py": "Permission denied"}

    def test_names_that_terminals_obey(self, root: Path) -> None:
        put(root, "\x1b[31m\nerror: all is well\r.py", TRAIN)
        put(root, os.fsdecode(b"\xff.py"), TRAIN)
        result = audited(root)
        assert len([finding for finding in found(result) if finding[0] == "REP001"]) == 3
        for name in FORMATS:
            text = report(name)(result)
            assert "\x1b" not in text
            assert "\nerror: all is well" not in text
            text.encode("utf-8")


def state(root: Path) -> dict[str, tuple[int, int, str]]:
    """Mode, time of change and content of everything, `.git` included."""
    seen = {}
    for path in sorted([root, *root.rglob("*")]):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        seen[str(path)] = (status.st_mode, status.st_mtime_ns, hashlib.sha256(content).hexdigest())
    return seen


@pytest.mark.parametrize("read_only", [False, True])
def test_nothing_is_written(root: Path, tmp_path: Path, read_only: bool) -> None:
    put(root, "untracked.py", TRAIN)
    (root / "README.md").touch()  # git would like to refresh its index now
    if read_only:
        for path in (root, *root.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
    before = state(root)
    command = [sys.executable, "-m", "mlaudit", str(root), "-o", f"sarif:{tmp_path / 'a.sarif'}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "train.py:5:" in done.stdout
    assert state(root) == before
    for path in (root, *root.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)


def test_same_output_every_time(root: Path, tmp_path: Path) -> None:
    for number in range(8):
        put(root, f"models/m{number}.pkl", b"\x80\x05\x95\x10" + b"\0" * 200_000)
        put(root, f"work/w{number}.py", TRAIN)
    outputs = []
    for seed in ("1", "2"):
        target = tmp_path / seed
        targets = [part for name in FORMATS for part in ("-o", f"{name}:{target}.{name}")]
        subprocess.run(
            [sys.executable, "-m", "mlaudit", "-q", "--fail-on", "never", str(root), *targets],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        )
        outputs.append([Path(f"{target}.{name}").read_bytes() for name in FORMATS])
    assert outputs[0] == outputs[1]
    assert all(outputs[0])


@pytest.mark.parametrize("inside_git", [True, False])
def test_order_of_listing_does_not_matter(
    tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch, inside_git: bool
) -> None:
    root = tmp_path / "shuffled"
    for number in range(8):
        put(root, f"models/m{number}.pkl", b"\x80\x05\x95\x10" + b"\0" * 200_000)
        put(root, f"work{number}/train.py", TRAIN)
        put(root, f"work{number}/requirements.txt", "pandas\nscikit-learn\n")
        (root / f"l{number}").symlink_to("nowhere")
    if inside_git:
        git(root, "init", "-q")
        git(root, "add", ".")
    usual = report("json")(audited(root))
    draw = random.Random(7)

    def shuffled_walk(folder: str) -> tuple[list[str], list[Skipped]]:
        paths, skipped = walk(folder)
        return draw.sample(paths, len(paths)), skipped

    def shuffled_listing(folder: GitFolder) -> Listing:
        listing = list_files(folder)
        files = draw.sample(listing.files, len(listing.files))
        return listing._replace(files=type(listing.files)(files))

    monkeypatch.setattr("mlaudit.repo.opening.walk", shuffled_walk)
    monkeypatch.setattr("mlaudit.repo.opening.list_files", shuffled_listing)
    assert report("json")(audited(root)) == usual


# Put together here, lest scanners of this repository find them.
SECRETS = (
    "hf_" + "QzXwYvUtSrPoNmLkJiHgFeDcBaZyXwVuTs",
    "glpat-" + "q8Zr2LxW7mKd4TnV9bYc",
    "AKIA" + "Q7ZT3MPX5LRB2VNW",
    "sk-ant-api03-" + "kT7vQ2mZ9xL4wR8nB3yH6jF1cP5dS0gUaEiOtWzXqVrNlK" * 2 + "hAA",
    "Wm7-kubrow" + "-21-Xq9",
    "9b3fc81d" + "4e70a625b1c8d9e2f6073a54",
)


def test_no_secret_leaves_whole(root: Path, git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    plain, gitlab, aws, anthropic, password, kaggle = SECRETS
    url = f"postgresql://mira:{password}@db.flats-lab.net/flats"
    cell = {"cell_type": "code", "source": [f"login('{plain}')\n", f"key = '{gitlab}'"]}
    output = {"output_type": "stream", "name": "stdout", "text": [f"token {gitlab}\n"]}
    notebook = {"cells": [{**cell, "outputs": [output]}], "nbformat": 4, "nbformat_minor": 5}
    put(root, "login.py", f"from huggingface_hub import login\nlogin(token='{plain}')\n")
    put(root, "paths.py", f"path = '/home/mira/{anthropic}/x.csv'\nopen(path)\nurl = '{url}'\n")
    put(
        root,
        "track.py",
        f"import mlflow\nmlflow.set_tracking_uri('https://m:{password}@track.flats-lab.net/c')\n",
    )
    put(root, "lab.ipynb", json.dumps(notebook))
    put(root, ".env", f"AWS_ACCESS_KEY_ID={aws}\nDATABASE_URL={url}\nDB_PASSWORD={password}\n")
    put(root, "kaggle.json", json.dumps({"username": "mira", "key": kaggle}))
    put(root, "conf.yaml", f"api: {{anthropic: {anthropic}}}\nurl: {url}\nbroken: [\n")
    put(root, "broken.py", f"token = '{plain}'\ndef f(:\n")
    put(
        root, "requirements.txt", f"--index-url https://u:{password}@pypi.flats-lab.net/s\npandas\n"
    )
    put(root, "Dockerfile", f"FROM python\nENV HF_TOKEN={plain} URL={url}\n")
    git(root, "add", "-f", ".")
    git(root, "remote", "add", "origin", f"https://mira:{gitlab}@github.com/mira/churn.git")
    settings = Settings(persona=Persona.AUDITOR)
    result = audit([root], settings, TODAY)
    families = {finding.rule.id for finding in result.funnel.shown}
    assert {"SEC001", "SEC003", "SEC005", "TRK010", "REP010"} <= families

    written = {name: report(name)(result) for name in FORMATS}
    assert run([str(root), "--color", "always"]) == 1
    written["terminal"] = "".join(capsys.readouterr())
    repo = open_repo([root])
    encoded = msgspec.msgpack.encode(read_facts(repo, repo.files).facts)
    written["facts"] = encoded.decode("utf-8", "replace")
    written["audit"] = msgspec.msgpack.encode(result).decode("utf-8", "replace")
    for name, text in written.items():
        whole = [secret for secret in SECRETS if secret in text]
        assert whole == [], name


class TestCrashes:
    """A fault of our own is said, costs nothing else, and is no clean repository."""

    def test_rule_that_looks_at_calls(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        match = CallMatcher.match

        def crash(self: CallMatcher, *given: Any) -> Match | None:
            if self.rule.id == "REP002":
                raise ZeroDivisionError("planned \x1b[31m")
            return match(self, *given)

        put(root, "lab.py", "from sklearn.svm import SVC\nmodel = SVC(probability=True)\n")
        monkeypatch.setattr(CallMatcher, "match", crash)
        assert run([str(root), "--fail-on", "never"]) == 2
        out = capsys.readouterr().out
        assert "rule REP002: ZeroDivisionError: planned" in out
        assert "\x1b" not in out
        assert "train.py:5:" in out
        assert "Model development" in out

    def test_rule_that_looks_at_the_project(
        self,
        root: Path,
        git: Git,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def crash(*_: object) -> None:
            raise RecursionError("planned")

        monkeypatch.setattr("mlaudit.rules.matchers.file.place_of_absence", crash)
        git(root, "rm", "-q", "README.md")
        assert run([str(root), "--format", "json"]) == 2
        document = json.loads(capsys.readouterr().out)
        assert {"where": "rule DOC001", "error": "RecursionError: planned"} in document[
            "internal_errors"
        ]
        assert "REP001" in {finding["rule"] for finding in document["findings"]}

    def test_maturity(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def crash(*_: object) -> None:
            raise IndexError("planned")

        monkeypatch.setattr("mlaudit.audit.assess", crash)
        assert run([str(root)]) == 2
        out = capsys.readouterr().out
        assert "maturity: IndexError: planned" in out
        assert "train.py:5:" in out

    def test_reader(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def crash(*_: object) -> None:
            raise KeyError("planned")

        monkeypatch.setattr("mlaudit.facts.requirements.read_requirements", crash)
        assert run([str(root)]) == 2
        out = capsys.readouterr().out
        assert "reader of requirements.txt: KeyError('planned')" in out
        assert "train.py:5:" in out
