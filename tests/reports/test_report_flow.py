"""The way of a program to a place, in each format that shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlaudit.audit import audit
from mlaudit.config import Settings
from mlaudit.reports import report
from mlaudit.reports.model import Audit

TRAIN = "from network import train\n\nif __name__ == '__main__':\n    train()\n"
NETWORK = """
import torch

def train():
    net = torch.nn.Linear(2, 1)
    net(torch.ones(1, 2)).sum().backward()
    torch.optim.SGD(net.parameters(), lr=0.1).step()
"""


@pytest.fixture
def audited(tmp_path: Path) -> Audit:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "network.py").write_text(NETWORK)
    return audit([tmp_path], Settings(select=("REP003",)))


def test_sarif_has_a_code_flow(audited: Audit) -> None:
    (result,) = json.loads(report("sarif")(audited))["runs"][0]["results"]
    (flow,) = result["codeFlows"]
    steps = [one["location"] for one in flow["threadFlows"][0]["locations"]]
    assert [
        (
            step["physicalLocation"]["artifactLocation"]["uri"],
            step["physicalLocation"]["region"]["startLine"],
            step["message"]["text"],
        )
        for step in steps
    ] == [
        ("train.py", 4, "runs 'train'."),
        ("network.py", 5, "'torch.nn.Linear' is called."),
    ]


def test_json_has_the_steps(audited: Audit) -> None:
    (finding,) = json.loads(report("json")(audited))["findings"]
    assert [(step["place"]["path"], step["message"]) for step in finding["flow"]] == [
        ("train.py", "runs 'train'"),
        ("network.py", "'torch.nn.Linear' is called"),
    ]


def test_text_names_each_step(audited: Audit) -> None:
    text = report("text")(audited)
    assert "via train.py:4:5  runs 'train'" in text
    assert "via network.py:5:11  'torch.nn.Linear' is called" in text
