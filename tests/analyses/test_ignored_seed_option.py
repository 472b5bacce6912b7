"""Objects that hold a seed are followed to whoever may read it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mlaudit.rules.examples import run_example
from mlaudit.rules.loading import load_rules
from mlaudit.rules.model import Example

KNOWLEDGE = load_rules()
RULE = KNOWLEDGE.by_word["REP004"]
HEAD = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr")
parser.add_argument("--seed", type=int)
"""


def found(text: str, **files: str) -> bool:
    """Whether the option is reported: the example without a mark fails then."""
    others = {f"{name}.py": body for name, body in files.items()}
    rule = replace(RULE, examples=(Example(good=HEAD + text, files=others),))
    failure = run_example(rule, 1, KNOWLEDGE.apis)
    assert failure is None or not failure.crash, failure.crash
    return failure is not None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("args = parser.parse_args()\nprint(args.lr)", id="another field"),
        pytest.param("args = parser.parse_args()\nprint(args)\nprint(f'{args}')", id="printed"),
        pytest.param("args = parser.parse_args()\nlogger.info('%s', args)", id="logged"),
        pytest.param("args = parser.parse_args()\nargs.seed = 3", id="set"),
        pytest.param("args = parser.parse_args()\nother = args\nprint(other.lr)", id="renamed"),
        pytest.param("args, rest = parser.parse_known_args()\nprint(args.lr)", id="known ones"),
        pytest.param("args = parser.parse_args()\nprint(getattr(args, 'lr'))", id="by its name"),
        pytest.param("def f(a):\n    print(a.lr)\nf(parser.parse_args())", id="handed on"),
        pytest.param(
            "class A:\n    def __init__(self, a):\n        print(a.lr)\nA(parser.parse_args())",
            id="handed to a class",
        ),
        pytest.param(
            "def make():\n    return parser.parse_args()\nargs = make()\nprint(args.lr)",
            id="returned",
        ),
        pytest.param(
            "args = parser.parse_args()\ndef f(args):\n    return args.seed\nprint(args.lr)",
            id="another object of the same name",
        ),
    ],
)
def test_unread(text):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("args = parser.parse_args()\nif args.seed:\n    pass", id="tested"),
        pytest.param("args = parser.parse_args()\ndef f(x=args.seed):\n    pass", id="default"),
        pytest.param("args = parser.parse_args()\nprint(getattr(args, name))", id="any name"),
        pytest.param("args = parser.parse_args()\nprint(vars(args))", id="all of them"),
        pytest.param("args = parser.parse_args()\nprint(args.__dict__)", id="its dictionary"),
        pytest.param("args = parser.parse_args()\nboth = [args]", id="in a list"),
        pytest.param("args = parser.parse_args()\nargs = args or None", id="in an expression"),
        pytest.param("args = parser.parse_args()\nunknown(args)", id="out of sight"),
        pytest.param("def f():\n    global args\n    args = parser.parse_args()", id="global"),
        pytest.param("def make():\n    return parser.parse_args()", id="returned to nobody"),
        pytest.param("def f(*a):\n    pass\nf(parser.parse_args())", id="any arguments"),
        pytest.param("args = parser.parse_args(namespace=settings)", id="another namespace"),
        pytest.param("f(parser)", id="parsed by somebody else"),
        pytest.param(
            "args = parser.parse_args()\ndef f():\n    return args.seed", id="read in a function"
        ),
        pytest.param(
            "def f(a):\n    g(a)\ndef g(a):\n    f(a)\n    print(a.seed)\nf(parser.parse_args())",
            id="read far away",
        ),
    ],
)
def test_perhaps_read(text):
    assert not found(text)


def test_names_that_other_files_import_are_theirs_too():
    text = "args = parser.parse_args()\nprint(args.lr)\n"
    assert found(text, other="import sys")
    assert not found(text, other="from train import args\nprint(args.seed)")
    assert not found(text, other="import train\nprint(train.args.seed)")
    assert not found(text, other="from train import *\nprint(args.seed)")


def test_functions_of_other_files_are_followed():
    text = "from other import run\nrun(parser.parse_args())\n"
    assert found(text, other="def run(a):\n    print(a.lr)")
    assert not found(text, other="def run(a):\n    print(a.seed)")
