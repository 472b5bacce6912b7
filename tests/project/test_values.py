"""What a value is on the way by which a program comes to it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mlaudit.facts.syntax import Const
from mlaudit.project.glance import Glance
from mlaudit.project.linking.frames import Frame, frame_of
from mlaudit.project.linking.program import Program
from mlaudit.project.linking.starting import find_entry
from mlaudit.project.linking.steps import Site
from mlaudit.repo.opening import open_repo

UNKNOWN = "unknown"


def probed(root: Path, main: str, others: dict[str, str]) -> tuple[Program, Frame, Site]:
    """The way to the call of `lib.probe` in a program."""
    (root / "main.py").write_text(dedent(main))
    for name, text in others.items():
        (root / name).write_text(dedent(text))
    project = Glance(open_repo([root]))
    entry = find_entry(project, "main.py", "")
    for step, trace in project.program.graph.walk(entry):
        if isinstance(step, Site) and step.name == "lib.probe":
            return project.program, frame_of(entry, trace), step
    raise AssertionError("nobody calls lib.probe")


def value(root: Path, main: str, **others: str) -> object:
    """What the call is given, with the option that it hangs on."""
    files = {f"{name}.py": text for name, text in others.items()}
    program, frame, site = probed(root, "import lib\n" + dedent(main), files)
    facts = program.resolver.index(site.path).facts
    known = program.values.given(frame, site.number, facts.calls[site.number].args[0])
    if known is None or not isinstance(known.value, Const):
        return UNKNOWN
    return (known.value.value, known.option) if known.option else known.value.value


KNOWN = {
    "default": ("def f(x=None):\n    lib.probe(x)\nf()", None),
    "by position": ("def f(a, x=None):\n    lib.probe(x)\nf(1, 2)", 2),
    "by keyword": ("def f(*, x=None):\n    lib.probe(x)\nf(x=3)", 3),
    "through two": (
        "def g(x):\n    lib.probe(x)\ndef f(x=None, y=4):\n    g(y)\nf()",
        4,
    ),
    "falls back": ("def f(x=None):\n    x = x or 5\n    lib.probe(x)\nf()", 5),
    "falls back in a branch": (
        "def f(x=None):\n    if x is None:\n        x = 6\n    lib.probe(x)\nf()",
        6,
    ),
    "keeps what is given": (
        "def f(x=None):\n    if x is None:\n        x = 6\n    lib.probe(x)\nf(7)",
        7,
    ),
    "conditional": ("X = None\nlib.probe(8 if X is None else X)", 8),
    "global": ("X = 9\ndef f():\n    lib.probe(X)\nf()", 9),
    "dict": ("C = {'x': 10}\nlib.probe(C['x'])", 10),
    "dict without": ("C = {'y': 10}\nlib.probe(C.get('x'))", None),
    "dict with another": ("C = {'y': 10}\nlib.probe(C.get('x', 11))", 11),
    "nested": ("C = {'a': {'x': 12}}\ndef f(c):\n    lib.probe(c['a']['x'])\nf(C)", 12),
    "field": (
        (
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = None\n"
            "def f(c):\n    lib.probe(c.x)\nf(C())"
        ),
        None,
    ),
    "field that is given": (
        (
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = None\n"
            "def f(c):\n    lib.probe(c.x)\nf(C(x=13))"
        ),
        13,
    ),
    "attribute": (
        (
            "class C:\n    def __init__(self, x=None):\n        self.x = x\n"
            "    def run(self):\n        lib.probe(self.x)\nC(14).run()"
        ),
        14,
    ),
    "attribute of a base": (
        (
            "class B:\n    def __init__(self, x=None):\n        self.x = x\n"
            "class C(B):\n    def __init__(self):\n        super().__init__(x=15)\n"
            "    def run(self):\n        lib.probe(self.x)\nc = C()\nc.run()"
        ),
        15,
    ),
    "class": ("class C:\n    x = 16\nlib.probe(C.x)", 16),
    "returned": ("def g():\n    return 17\nlib.probe(g())", 17),
    "option": (
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--x')\n"
            "a = p.parse_args()\nlib.probe(a.x)"
        ),
        (None, "--x"),
    ),
    "flag": (
        (
            "import argparse\np = argparse.ArgumentParser()\n"
            "p.add_argument('--x', action='store_true')\na = p.parse_args()\nlib.probe(a.x)"
        ),
        (False, "--x"),
    ),
    "click": (
        (
            "import click\n@click.command()\n@click.option('--x', default=18)\n"
            "def f(x):\n    lib.probe(x)\nf()"
        ),
        (18, "--x"),
    ),
    "fire": ("import fire\ndef f(x=19):\n    lib.probe(x)\nfire.Fire(f)", (19, "--x")),
    "namespace": ("import argparse\nn = argparse.Namespace(x=20)\nlib.probe(n.x)", 20),
    "getattr": ("class C:\n    x = 21\nlib.probe(getattr(C, 'x'))", 21),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known(name: str, tmp_path: Path) -> None:
    main, expected = KNOWN[name]
    assert value(tmp_path, main) == expected


NOT_KNOWN = {
    "nobody calls": "import lib2\ndef f(x=None):\n    lib.probe(x)\nlib2.run(f)",
    "partial": (
        "from functools import partial\ndef f(x=None):\n    lib.probe(x)\ng = partial(f, x=1)\ng()"
    ),
    "decorated": (
        "def d(f):\n    def w(*a):\n        return f(*a, x=1)\n    return w\n"
        "@d\ndef f(x=None):\n    lib.probe(x)\nf()"
    ),
    "unpacked": "import lib2\ndef f(x=None):\n    lib.probe(x)\nf(**lib2.options())",
    "set from outside": (
        "class C:\n    x = None\ndef g(d):\n    d.x = 3\nc = C()\ng(c)\nlib.probe(c.x)"
    ),
    "item set": "C = {'x': None}\nC['x'] = 3\nlib.probe(C['x'])",
    "updated": "import lib2\nC = {'x': None}\nC.update(lib2.read())\nlib.probe(C['x'])",
    "global in a function": (
        "X = None\ndef f():\n    global X\n    X = 3\ndef g():\n    lib.probe(X)\nf()\ng()"
    ),
    "bound in a loop": ("x = None\nfor i in range(3):\n    lib.probe(x)\n    x = i\n"),
    "either way": "import lib2\nx = None\nif lib2.asks():\n    x = 3\nlib.probe(x)",
    "two returns": (
        "import lib2\ndef g():\n    if lib2.asks():\n        return 1\n    return None\n"
        "lib.probe(g())"
    ),
    "required": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--x', required=True)\n"
        "a = p.parse_args()\nlib.probe(a.x)"
    ),
    "chosen by a word": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--x', default='word')\n"
        "a = p.parse_args()\nlib.probe(a.x)"
    ),
    "itself": "def f(x=None):\n    x = x\n    f(x)\n    lib.probe(x)\nf(f)",
}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_not_known(name: str, tmp_path: Path) -> None:
    assert value(tmp_path, NOT_KNOWN[name]) == UNKNOWN


def test_name_that_another_module_sets_is_not_known(tmp_path: Path) -> None:
    main = "import settings, work\nsettings.X = 3\nwork.run()"
    work = "import lib, settings\ndef run():\n    lib.probe(settings.X)\n"
    assert value(tmp_path, main, settings="X = None\n", work=work) == UNKNOWN
    assert value(tmp_path, "import work\nwork.run()", settings="X = 4\n", work=work) == 4


@pytest.mark.parametrize(
    "load",
    [
        "import yaml\nc = yaml.safe_load(open('c.yaml'))",
        "import yaml\nwith open('c.yaml') as file:\n    c = yaml.safe_load(file)",
        (
            "import yaml\nfrom pathlib import Path\n"
            "c = yaml.safe_load((Path(__file__).parent / 'c.yaml').read_text())"
        ),
        "from omegaconf import OmegaConf\nc = OmegaConf.load('c.yaml')",
    ],
)
def test_document_that_is_loaded(load: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("x: null\ntrain:\n  x: 3\nlist: [1, 5]\n")
    assert value(tmp_path, f"{load}\nlib.probe(c['x'])") is None
    assert value(tmp_path, f"{load}\nlib.probe(c['train']['x'])") == 3
    assert value(tmp_path, f"{load}\nlib.probe(c['list'][1])") == 5
    assert value(tmp_path, f"{load}\nlib.probe(c['other'])") == UNKNOWN


def test_configuration_of_hydra(tmp_path: Path) -> None:
    main = (
        "import hydra\n@hydra.main(config_path='conf', config_name='config')\n"
        "def f(cfg):\n    lib.probe(cfg.{})\nf()"
    )
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "config.yaml").write_text("x: null\n")
    assert value(tmp_path, main.format("x")) is None
    (conf / "config.yaml").write_text("defaults: [db]\ny: 1\n")
    assert value(tmp_path, main.format("x")) == UNKNOWN
    assert value(tmp_path, main.format("y")) == 1


RUNS = {
    "plain": ("lib.probe(0)", (True, "")),
    "never": ("DEBUG = False\nif DEBUG:\n    lib.probe(0)", (False, "")),
    "else": ("DEBUG = True\nif DEBUG:\n    pass\nelse:\n    lib.probe(0)", (False, "")),
    "who knows": ("import lib2\nif lib2.asks():\n    lib.probe(0)", (True, "")),
    "asked for": (
        (
            "import argparse\np = argparse.ArgumentParser()\n"
            "p.add_argument('--x', action='store_true')\na = p.parse_args()\n"
            "if a.x:\n    lib.probe(0)"
        ),
        (False, "--x"),
    ),
    "left before": (
        "def f(x=None):\n    if x is None:\n        return\n    lib.probe(0)\nf()",
        (False, ""),
    ),
    "not left": (
        "def f(x=None):\n    if x is None:\n        return\n    lib.probe(0)\nf(1)",
        (True, ""),
    ),
    "zero is nothing": ("def f(x):\n    if x:\n        lib.probe(0)\nf(0)", (False, "")),
    "negated": ("def f(x):\n    if not x:\n        lib.probe(0)\nf(0)", (True, "")),
    "both": (
        "def f(x=None, y=1):\n    if y and x is not None:\n        lib.probe(0)\nf()",
        (False, ""),
    ),
    "key": ("C = {'a': 1}\nif 'x' in C:\n    lib.probe(0)", (False, "")),
    "caller": (
        "def g():\n    lib.probe(0)\ndef f(x=None):\n    if x is not None:\n        g()\nf()",
        (False, ""),
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_runs(name: str, tmp_path: Path) -> None:
    main, expected = RUNS[name]
    program, frame, site = probed(tmp_path, "import lib\n" + main, {})
    assert program.branches.runs(frame, site.number) == expected
