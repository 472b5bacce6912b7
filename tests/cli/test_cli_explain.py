from __future__ import annotations

import pytest

from mlaudit.cli.app import run

pytestmark = pytest.mark.usefixtures("repository")


@pytest.mark.parametrize("word", ["OWN001", "own001", "home-made-draw", "Home-Made-Draw"])
def test_by_id_or_name(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", word]) == 0
    out = capsys.readouterr().out
    for part in (
        "OWN001 home-made-draw\n",
        "warning, high confidence",
        "Any other code may move the global generator",
        "Pass a generator along.",
        "np.random.rand(3)",
        "# mlaudit: ignore[home-made-draw]",
    ):
        assert part in out


def test_marks_of_the_tests_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run(["explain", "OWN001"])
    assert "#!" not in capsys.readouterr().out


def test_nearest_rule_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "home-made-drawing"]) == 2
    message = "there is no rule 'home-made-drawing'; did you mean 'home-made-draw'?"
    assert message in capsys.readouterr().err


def test_nothing_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "zzzzzzz"]) == 2
    assert "`mlaudit rules` lists them" in capsys.readouterr().err
