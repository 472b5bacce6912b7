from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlaudit.cli.app import run

pytestmark = pytest.mark.usefixtures("repository")


def mlaudit(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlaudit", *args]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def results(file: str) -> list[str]:
    (sarif,) = json.loads(Path(file).read_text("utf-8"))["runs"]
    return [result["ruleId"] for result in sarif["results"]]


class TestStreams:
    def test_report_on_stdout_all_else_on_stderr(self) -> None:
        done = mlaudit()
        assert done.returncode == 1
        assert "'numpy.random.rand' draws from the global generator" in done.stdout
        assert "train.py:3:" in done.stdout
        assert "\x1b" not in done.stdout
        (line,) = done.stderr.splitlines()
        assert "settings: mlaudit.toml" in line

    def test_quiet(self) -> None:
        assert mlaudit("--quiet").stderr == ""

    def test_color(self) -> None:
        assert "\x1b[" in mlaudit("--color", "always").stdout
        assert "\x1b[" not in mlaudit("--color", "never").stdout

    def test_same_input_same_output(self) -> None:
        assert mlaudit().stdout == mlaudit().stdout

    def test_reader_that_leaves_early_is_no_error(self) -> None:
        read, write = os.pipe()
        os.close(read)
        command = [sys.executable, "-m", "mlaudit", "--quiet", "-o", "json:report.json"]
        with os.fdopen(write, "w") as stdout:
            done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True)
        assert (done.returncode, done.stderr) == (1, "")
        assert Path("report.json").exists()

    def test_terminal_that_knows_only_ascii(self) -> None:
        Path("trän.py").write_text(Path("train.py").read_text())
        command = [sys.executable, "-X", "utf8=0", "-m", "mlaudit", "trän.py"]
        environment = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
        done = subprocess.run(command, capture_output=True, env=environment)
        assert done.returncode == 1, done.stderr
        assert done.stdout.isascii()
        assert b".py:3:" in done.stdout


class TestOutputs:
    def test_files_beside_the_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["-o", "sarif:out.sarif", "-o", "json:out.json"]) == 1
        assert results("out.sarif") == ["OWN001"]
        assert json.loads(Path("out.json").read_text("utf-8"))
        assert "train.py:3:" in capsys.readouterr().out

    @pytest.mark.parametrize("args", [["-o", "sarif:-"], ["--format", "sarif"]])
    def test_another_format_instead_of_the_text(
        self, args: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(args) == 1
        assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"

    @pytest.mark.parametrize("name", ["text", "json", "sarif", "github", "markdown"])
    def test_no_format_changes_the_status(self, name: str) -> None:
        assert run(["--format", name]) == 1
        assert run(["--format", name, "--fail-on", "error"]) == 0

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["-o", "pdf:x"], "'pdf' is no format; there are text"),
            (["-o", "sarif"], "say where it goes: sarif:FILE"),
            (["--format", "json", "-o", "sarif:-"], "only one report can go to standard output"),
            (["--fail-on", "sometimes"], "'sometimes' is not one of"),
            (["--frobnicate"], "--frobnicate"),
        ],
    )
    def test_usage_errors(
        self, args: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(args) == 2
        out, err = capsys.readouterr()
        assert (out, message in err) == ("", True)

    def test_file_that_cannot_be_written(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["-o", "sarif:none/out.sarif"]) == 2
        out, err = capsys.readouterr()
        assert "train.py:3:" in out
        assert err.splitlines()[-1] == "mlaudit: none/out.sarif: No such file or directory"


class TestSettings:
    def test_options_go_before_the_file(self, repository: Path) -> None:
        (repository / "mlaudit.toml").write_text(
            'rule-packs = ["pack"]\nselect = ["OWN"]\nfail-on = "never"'
        )
        assert run([]) == 0
        assert run(["--fail-on", "warning"]) == 1

    @pytest.mark.parametrize(
        "args",
        [["--ignore", "OWN001"], ["--min-severity", "error"], ["--fail-on", "never"],
         ["--select", "home-made-draw", "--ignore", "home-made-draw"]],
    )  # fmt: skip
    def test_what_makes_it_pass(self, args: list[str]) -> None:
        assert run(args) == 0

    def test_lists_of_rules(self) -> None:
        assert run(["--select", "OWN001,ENV", "--select", "REP"]) == 1

    def test_no_settings_at_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        run(["--config", "none", "--select", "ENV"])
        assert "settings: none" in capsys.readouterr().err

    def test_settings_from_elsewhere(self, tmp_path: Path, repository: Path) -> None:
        (repository / "mlaudit.toml").rename(repository / "other.toml")
        assert run(["--config", "other.toml"]) == 1

    def test_faulty_settings(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repository / "mlaudit.toml").write_text('person = 1\nfail-on = 2\n"\\u001B[31m" = 1\n')
        assert run([]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        first, second, third = err.splitlines()
        assert first == "mlaudit: mlaudit.toml:1: person: unknown key; did you mean 'persona'?"
        assert second.startswith("  mlaudit.toml:2: fail-on: must be one of")
        assert "\\x1b[31m: unknown key" in third

    def test_mistyped_rule_is_no_clean_repository(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["--select", "home-made-drow"]) == 2
        message = "there is no rule 'home-made-drow'; did you mean 'home-made-draw'?"
        assert message in capsys.readouterr().err


class TestPaths:
    def test_only_what_is_named(self, repository: Path) -> None:
        (repository / "clean.py").write_text("")
        assert run(["clean.py"]) == 0
        assert run(["check", "clean.py", "train.py"]) == 1

    def test_path_that_does_not_exist(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["nowhere"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line == "mlaudit: nowhere does not exist"

    def test_path_that_looks_like_an_option(self, repository: Path) -> None:
        (repository / "train.py").rename(repository / "-x.py")
        assert run(["--", "-x.py"]) == 1

    def test_folder_with_the_name_of_a_command(self, repository: Path) -> None:
        (repository / "rules").mkdir()
        (repository / "train.py").rename(repository / "rules/train.py")
        assert run(["./rules"]) == 1
        assert run(["check", "rules"]) == 1


def test_nothing_is_imported_from_the_audited_folder(repository: Path) -> None:
    for name in ("click", "msgspec", "json", "mlaudit"):
        (repository / f"{name}.py").write_text("raise SystemExit('imported')")
    (repository / "mlaudit.py").unlink()
    done = mlaudit()
    assert (done.returncode, "imported" in done.stderr) == (1, False)


def test_fault_of_our_own_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise ZeroDivisionError("\x1b[31m")

    monkeypatch.setattr("mlaudit.audit.audit", broken)
    assert run([]) == 2
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err
    assert "\x1b" not in err


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("mlaudit.audit.audit", interrupted)
    assert run([]) == 130
