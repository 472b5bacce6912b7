"""The order of a listing is followed to where it counts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mlaudit.rules.examples import run_example
from mlaudit.rules.loading import load_rules
from mlaudit.rules.model import Example

KNOWLEDGE = load_rules()
RULE = KNOWLEDGE.by_word["REP008"]
HEAD = "import os, random, glob, pathlib\nimport numpy as np\nrandom.seed(0)\n"


def found(text: str) -> bool:
    rule = replace(RULE, examples=(Example(good=HEAD + text),))
    failure = run_example(rule, 1, KNOWLEDGE.apis)
    assert failure is None or not failure.crash, failure.crash
    return failure is not None


@pytest.mark.parametrize(
    "text",
    [
        "x = list(reversed(os.listdir('a')))\ny = x[:3]",
        "x = [*os.listdir('a'), 'b']\ny = x[2:]",
        "x = os.listdir('a') + os.listdir('b')\ny = x[:3]",
        "x = os.listdir('a') if c else []\ny = x[:3]",
        "x = np.array(glob.glob('*'))\ny = x[:3]",
        "x = []\nx += os.listdir('a')\ny = x[:3]",
        "x = []\nx.extend(os.listdir('a'))\ny = x[:3]",
        "x = []\nfor f in os.listdir('a'):\n    x.append(f)\ny = x[:3]",
        "def f(p: pathlib.Path):\n    x = list(p.rglob('*'))\n    return x[:3]",
        "def f(p):\n    p = pathlib.Path(p).parent / 'b'\n    return list(p.iterdir())[:3]",
        "with os.scandir('a') as x:\n    y = list(x)[:3]",
        "x = os.listdir('a')\nif c:\n    x = sorted(x)\ny = x[:3]",
        "for i, c in enumerate(os.listdir('a')):\n    number[c] = i",
        "if hash('a' + b) % 10 < 3:\n    pass",
        "x = set('abc'.split())\ny = list(x)[:2]",
    ],
)
def test_order_counts(text):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = sorted(os.listdir('a'))\ny = x[:3]",
        "x = [f for f in sorted(os.listdir('a'))]\ny = x[:3]",
        "x = os.listdir('a')\nx = sorted(x)\ny = x[:3]",
        "x = os.listdir('a')\ny = x[:]",
        "x = os.listdir('a')\ny = x[0]",
        "for f in os.listdir('a'):\n    print(f[:3])",
        "x = {f: 1 for f in os.listdir('a')}\ny = x['b']",
        "x = len(os.listdir('a'))\ny = z[:x]",
        "for i, c in enumerate(os.listdir('a')):\n    number[i] = c",
        "for i, c in enumerate(os.listdir('a')):\n    print(i)",
        "x = unknown(os.listdir('a'))\ny = x[:3]",
        "def f(p):\n    return list(p.iterdir())[:3]",
        "x = set(numbers)\ny = list(x)[:2]",
        "x = hash(number) % 10\nif x < 3:\n    pass",
    ],
)
def test_order_does_not_count(text):
    assert not found(text)
