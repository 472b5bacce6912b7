"""`--fix`, `--unsafe-fixes` and `--diff`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlaudit.cli.app import run

SPLIT = """\
from sklearn.model_selection import train_test_split

train, test = train_test_split([1, 2, 3])  # by half
"""
FIXED = SPLIT.replace("3])", "3], random_state=42)")
SETTINGS = 'select = ["REP001", "OWN"]\nrule-packs = ["pack"]\n'


@pytest.fixture
def project(repository: Path) -> Path:
    """The repository with a split that an unsafe fix mends, and a draw that a safe one does."""
    (repository / "mlaudit.toml").write_text(SETTINGS)
    (repository / "split.py").write_text(SPLIT)
    rule = repository / "pack/home-made-draw.yaml"
    fix = "fix: {safety: safe, set_argument: {size: 3}}\nexamples:"
    text = rule.read_text().replace("examples:", fix)
    rule.write_text(text.replace("  call:\n", "  call:\n    lacks: size\n"))
    return repository


Output = pytest.CaptureFixture[str]


def test_safe_fixes_alone(project: Path, capsys: Output) -> None:
    assert run(["--fix"]) == 1
    out = capsys.readouterr().out
    assert "1 fixed; 1 may be fixed with --fix --unsafe-fixes\n" in out
    assert "train.py" not in out
    assert "split.py:3:" in out
    assert (project / "train.py").read_text().endswith("x = np.random.rand(3, size=3)\n")
    assert (project / "split.py").read_text() == SPLIT


def test_all_fixes(project: Path, capsys: Output) -> None:
    assert run(["--fix", "--unsafe-fixes"]) == 0
    assert "2 fixed\n" in capsys.readouterr().out
    assert (project / "split.py").read_text() == FIXED
    assert run(["--fix", "--unsafe-fixes"]) == 0
    assert "fixed" not in capsys.readouterr().out
    assert (project / "split.py").read_text() == FIXED


def test_without_a_flag_it_says_which_one(project: Path, capsys: Output) -> None:
    assert run([]) == 1
    line = "1 may be fixed with --fix; 1 may be fixed with --fix --unsafe-fixes"
    assert line in capsys.readouterr().out.splitlines()
    assert (project / "split.py").read_text() == SPLIT


def test_machines_are_told_too(project: Path, capsys: Output) -> None:
    run(["--fix", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert report["summary"]["fixes"] == {"fixed": 1, "safe": 0, "unsafe": 1}
    assert [finding["fix"] for finding in report["findings"]] == ["unsafe"]


class TestDiff:
    def test_shows_and_writes_nothing(self, project: Path, capsys: Output) -> None:
        assert run(["--diff", "--unsafe-fixes", "--fix"]) == 1
        out, err = capsys.readouterr()
        assert out == (
            "--- a/split.py\n+++ b/split.py\n@@ -1,3 +1,3 @@\n"
            " from sklearn.model_selection import train_test_split\n \n"
            "-train, test = train_test_split([1, 2, 3])  # by half\n"
            "+train, test = train_test_split([1, 2, 3], random_state=42)  # by half\n"
            "--- a/train.py\n+++ b/train.py\n@@ -1,3 +1,3 @@\n import numpy as np\n \n"
            "-x = np.random.rand(3)\n+x = np.random.rand(3, size=3)\n"
        )
        assert err == "mlaudit: 2 findings would be fixed; nothing was written\n"
        assert (project / "split.py").read_text() == SPLIT

    def test_is_a_patch(self, project: Path, capsys: Output) -> None:
        run(["--diff", "--unsafe-fixes", "-q"])
        patch = capsys.readouterr().out
        subprocess.run(["git", "apply", "-"], input=patch, text=True, check=True)
        assert (project / "split.py").read_text() == FIXED

    def test_only_safe_ones(self, project: Path, capsys: Output) -> None:
        assert run(["--diff", "split.py"]) == 0
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("mlaudit: 0 findings would be fixed; 1 may be with --unsafe-fixes")

    def test_secrets_beside_it_are_masked(self, project: Path, capsys: Output) -> None:
        secret = "hf_" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1b"
        other = "k7Zq2mXw9TbR4vLc8NdP"
        (project / "split.py").write_text(
            SPLIT.replace("\n\n", f'\nimport wandb\nt = "{secret}"\nwandb.login(key="{other}")\n')
        )
        assert run(["--diff", "--unsafe-fixes", "--select", "REP001"]) == 1
        out = capsys.readouterr().out
        assert "+train, test" in out
        assert "wandb.login(" in out
        assert secret not in out
        assert other not in out

    def test_notebook_is_shown_as_code(self, project: Path, capsys: Output) -> None:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cells = [{**cell, "source": SPLIT.splitlines(keepends=True)}]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (project / "nb.ipynb").write_text(json.dumps(notebook))
        assert run(["--diff", "--unsafe-fixes", "nb.ipynb"]) == 1
        out = capsys.readouterr().out
        assert out.startswith("--- a/nb.ipynb:cell 1\n")
        assert "\n+train, test = train_test_split([1, 2, 3], random_state=42)  # by half\n" in out

    def test_what_a_terminal_would_obey(self, project: Path, capsys: Output) -> None:
        (project / "split.py").write_text(SPLIT.replace("half", "\x1b[31m\u202ehalf"))
        run(["--diff", "--unsafe-fixes", "split.py"])
        assert re.search(r"\\x1b\[31m\\u202ehalf", capsys.readouterr().out)
        run(["--diff", "--unsafe-fixes", "--color", "always", "split.py"])
        assert "\x1b[32m+train" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--unsafe-fixes"], "--unsafe-fixes goes with --fix or --diff"),
        (["--diff", "--format", "json"], "--diff shows what would change and no report"),
        (["--diff", "-o", "sarif:x"], "--diff shows what would change and no report"),
    ],
)
@pytest.mark.usefixtures("project")
def test_usage_errors(args: list[str], message: str, capsys: Output) -> None:
    assert run(args) == 2
    assert message in capsys.readouterr().err


def test_file_that_cannot_be_written(
    project: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert run(["--fix"]) == 2
    out, err = capsys.readouterr()
    assert "train.py:3:" in out
    assert "fixed;" not in out
    assert "mlaudit: train.py: not fixed: No space left on device" in err


def test_what_was_written_counts(
    project: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda file, mode: Path(file).name != "train.py")
    assert run(["--fix", "--unsafe-fixes"]) == 2
    out, err = capsys.readouterr()
    assert "1 fixed\n" in out
    assert "train.py: not fixed: read-only" in err
    assert (project / "split.py").read_text() == FIXED


def test_suppressed_and_unselected_findings_are_left(project: Path) -> None:
    kept = SPLIT.replace("# by half", "# mlaudit: ignore[unseeded-split] on purpose")
    (project / "split.py").write_text(kept)
    assert run(["--fix", "--unsafe-fixes", "--ignore", "OWN"]) == 0
    assert (project / "split.py").read_text() == kept
    assert "size" not in (project / "train.py").read_text()


def test_libcst_is_loaded_for_a_fix_only(project: Path) -> None:
    code = (
        "import sys; from mlaudit.cli.app import run; run(sys.argv[1:]);"
        "print('libcst' in sys.modules)"
    )

    def loaded(*args: str) -> bool:
        command = [sys.executable, "-c", code, "-q", *args]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.endswith("True\n")

    assert not loaded("split.py")
    assert not loaded("--fix", "split.py")
    assert loaded("--fix", "--unsafe-fixes", "split.py")
