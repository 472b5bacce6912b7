"""What was committed once and taken out again is found with `--history`, and only then."""

from __future__ import annotations

import json
import random
import string
import subprocess
from pathlib import Path

import pytest

from mlaudit.cli.app import run

RNG = random.Random(11)
HF = "hf_" + "".join(RNG.choice(string.ascii_letters) for _ in range(34))
PLAIN = "".join(RNG.choice(string.ascii_letters + string.digits) for _ in range(18)) + "q7"
Output = pytest.CaptureFixture[str]

BEFORE = {
    "push.py": f'token = "{HF}"\nagain = "{HF}"\n',
    "train.py": f'import wandb\n\nwandb.login(key="{PLAIN}a")\n',
    "store.yaml": f"url: postgresql://me:{PLAIN}b@db.acme.io/x\n",
    ".env": f"DB_PASSWORD={PLAIN}c\n",
    ".env.example": f"DB_PASSWORD={PLAIN}d\n",
}
AFTER = {"push.py": "token = read()\n", "train.py": "import wandb\n", "store.yaml": "url: x\n"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("past")
    git = ("git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@x.io")

    def commit(files: dict[str, str], message: str) -> None:
        for path, text in files.items():
            (root / path).write_text(text)
        subprocess.run([*git, "add", "-A", "-f", "."], check=True)
        subprocess.run([*git, "commit", "-q", "-m", message], check=True)

    subprocess.run([*git, "init", "-q"], check=True)
    commit(BEFORE, "all in")
    commit({"push.py": BEFORE["push.py"] + "# once more\n"}, "touch")
    (root / ".env").unlink()
    commit(AFTER, "clean up")
    return root


def findings(root: Path, capsys: Output, *more: str) -> list[dict[str, object]]:
    run(["check", str(root), "--select", "SEC", "--format", "json", "--persona", "auditor", *more])
    printed = capsys.readouterr().out
    assert HF not in printed
    assert PLAIN[:12] not in printed
    found: list[dict[str, object]] = json.loads(printed)["findings"]
    return found


def test_each_secret_of_the_past_is_told_once_with_its_commit(
    repository: Path, capsys: Output
) -> None:
    log = subprocess.run(
        ["git", "-C", str(repository), "log", "--format=%H", "--reverse"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    first = log.stdout.split()[0]
    told = [
        (finding["rule"], finding["place"]["path"], finding["place"]["line"])  # type: ignore[index]
        for finding in findings(repository, capsys, "--history")
    ]
    assert sorted(told) == [
        ("SEC001", "push.py", 1),
        ("SEC003", "store.yaml", 1),
        ("SEC004", "train.py", 3),
        ("SEC005", ".env", 1),
    ]
    commits = {f["place"]["commit"] for f in findings(repository, capsys, "--history")}  # type: ignore[index]
    assert commits == {first}


def test_without_being_asked_for_the_past_is_left_alone(repository: Path, capsys: Output) -> None:
    assert findings(repository, capsys) == []


def test_what_still_stands_in_a_file_is_told_there(repository: Path, capsys: Output) -> None:
    (repository / "again.py").write_text(f'token = "{HF}"\n')
    try:
        told = [
            (f["rule"], f["place"]["path"], f["place"]["commit"])  # type: ignore[index]
            for f in findings(repository, capsys, "--history")
            if f["rule"] == "SEC001"
        ]
    finally:
        (repository / "again.py").unlink()
    assert told == [("SEC001", "again.py", None)]
