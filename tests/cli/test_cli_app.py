from __future__ import annotations

import subprocess
import sys

import pytest

from mlaudit import __version__
from mlaudit.cli.app import COMMANDS, run


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "mlaudit", "--version"], capture_output=True)
    assert done.stdout.decode() == f"mlaudit {__version__}\n"
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"mlaudit {__version__}\n"


@pytest.mark.parametrize("args", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_fits_on_a_screen(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(args) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in COMMANDS)


def test_help_of_check_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    from mlaudit.cli.check import SECTIONS, command

    named = {option.name for option in command.params if option.param_type_name == "option"}
    assert {name for names in SECTIONS.values() for name in names} == named
