from __future__ import annotations

from pathlib import Path

import pytest

from mlaudit.cli.app import run

TRAIN = """
import pandas as pd
import torch
from sklearn.model_selection import train_test_split

from helpers import Net, seed_all


def main():
    seed_all()
    rows, held_out = train_test_split(pd.read_csv("rows.csv"), random_state=0)
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net(rows).sum().backward()
    optimizer.step()
    torch.save(net, "net.pt")


def unrelated():
    print("nothing")


if __name__ == "__main__":
    main()
"""
HELPERS = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 1)


def seed_all():
    torch.manual_seed(0)
"""
TREE = """\
train.py
`-- main  train.py:24
    |-- seed_all  train.py:10
    |   `-- seeds (torch) torch.manual_seed  helpers.py:14
    |-- loads pandas.read_csv  train.py:11
    |-- splits sklearn.model_selection.train_test_split  train.py:11
    |-- Net.__init__  train.py:12
    |   `-- draws (torch) torch.nn.Linear  helpers.py:9  x2
    |-- fits backward  train.py:14
    `-- saves torch.save  train.py:16

torch: seeded before training draws from it
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "helpers.py").write_text(HELPERS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("program")
def test_tree(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "train.py"]) == 0
    out = capsys.readouterr().out
    assert out == TREE


@pytest.mark.usefixtures("program")
def test_from_a_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "helpers.py:seed_all"]) == 0
    assert capsys.readouterr().out == (
        "helpers.py:seed_all\n`-- seeds (torch) torch.manual_seed  helpers.py:14\n"
    )


@pytest.mark.usefixtures("program")
def test_nothing_of_interest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trace", "train.py:unrelated"]) == 0
    assert "reaches no seed" in capsys.readouterr().out


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("target", "message"),
    [
        (".", "name a program in it: train.py"),
        ("helpers.py", "only defines; name a function of it: helpers.py:Net.__init__"),
        ("train.py:missing", "has no function 'missing'; there are main, unrelated"),
        ("nowhere.py", "does not exist"),
    ],
)
def test_where_nothing_starts(
    target: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["trace", target]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_colour_and_hostile_names(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = program / "a\x1b[31mb.py"
    file.write_text(TRAIN)
    assert run(["trace", "--color", "always", file.name]) == 0
    out = capsys.readouterr().out
    assert "\x1b[31mb" not in out
    assert run(["trace", file.name]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_unseeded_draw_is_named(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (program / "train.py").write_text(TRAIN.replace("    seed_all()\n", ""))
    assert run(["trace", "train.py"]) == 0
    assert "torch: not seeded before 'torch.nn.Linear' at helpers.py:9" in capsys.readouterr().out


def test_only_what_is_imported_is_read(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (program / "broken.py").write_bytes(b"\xff\xfe\x00def")
    (program / "helpers.py").write_text("def (:")
    assert run(["trace", "train.py"]) == 0
    assert "splits" in capsys.readouterr().out
