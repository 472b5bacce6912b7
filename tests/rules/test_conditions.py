"""Conditions answer True, False, or None where the facts do not settle it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from mlaudit.facts.python import read_python
from mlaudit.facts.requirements import read_requirements
from mlaudit.facts.source import Source
from mlaudit.project.project import Project
from mlaudit.repo.model import Context, File, Kind, Repo
from mlaudit.rules.apis import Api, ApiFile, Apis
from mlaudit.rules.conditions import compile_condition, compile_guard
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.sites import CallSite, StringSite, TextSite

APIS = Apis(
    ApiFile(
        tables={"t.openers": {"t.open": Api({"path": 0})}, "t.fetches": {"t.fetch": Api()}},
        aliases={"t.inner.Thing": "t.Thing"},
        returns={"t.read": "t.Frame", "t.Frame.clean": "t.Frame"},
    )
)


def project(source, requirements=""):
    python = File("a.py", Kind.PYTHON, Context.SRC)
    pins = File("requirements.txt", Kind.REQUIREMENTS, Context.CONFIG)
    facts = {
        "a.py": read_python(Source(python, textwrap.dedent(source).encode())),
        "requirements.txt": read_requirements(Source(pins, requirements.encode())),
    }
    return Project(Repo(Path("nowhere"), (python, pins)), facts)


def site(source, requirements="", callee="t.f", **positions):
    """The first call of `callee` in the source."""
    whole = project(f"import t\n{textwrap.dedent(source)}", requirements)
    facts = whole.facts["a.py"]
    for index, call in enumerate(facts.python.calls):
        if APIS.canonical(call.callee) == callee:
            found = CallSite(whole, facts, APIS, call, index, callee)
            found.arguments = positions
            return found
    raise AssertionError("no such call")


def ask(condition, source, requirements="", **positions):
    return compile_condition(condition, CallSite)(site(source, requirements, **positions))


@pytest.mark.parametrize(
    ("source", "expected", "answer"),
    [
        ("t.f(a=False)", False, True),
        ("t.f(a=0)", False, False),
        ("t.f(a=True)", False, False),
        ("t.f(a=x)", False, None),
        ("t.f()", False, False),
        ("t.f(**o)", False, None),
        ("t.f(*o)", False, None),
        ("FLAG = False\nt.f(a=FLAG)", False, True),
        ("def g(flag):\n  flag = False\n  t.f(a=flag)", False, None),
        ("t.f(a='x')", ["w", "x"], True),
        ("t.f(a='y')", ["w", "x"], False),
        ("t.f()", "absent", True),
        ("t.f(a=None)", "absent", False),
        ("t.f(**o)", "absent", None),
        ("t.f(a=x)", "present", True),
        ("t.f(a=x, **o)", "present", True),
        ("t.f(**o)", "present", None),
        ("t.f(a=None)", {"equals": None}, True),
        ("t.f(a='present')", {"equals": "present"}, True),
        ("t.f(a=1)", "literal", True),
        ("t.f(a=x)", "literal", False),
        ("t.f(a=x)", "variable", True),
        ("t.f(a='http://x')", {"matches": "^http"}, True),
        ("t.f(a=3)", {"matches": "^http"}, False),
        ("t.f(a=f'http://{x}')", {"matches": "^http"}, None),
        ("t.f(a=t.Thing)", {"name": "t.Thing"}, True),
        ("t.f(a=t.inner.Thing)", {"name": "t.*"}, True),
        ("t.f(a=t.Other)", {"name": "t.Thing"}, False),
        ("class Mine(t.Thing): pass\nt.f(a=Mine)", {"name": "t.Thing"}, None),
        ("t.f(a='k7Zq2mXw9TbR4vLc')", "secret", True),
        ("t.f(a='postgres')", "secret", False),
        ("t.f(a='your-key-goes-here')", "secret", False),
        ("t.f(a='two words of Prose 7')", "secret", False),
        ("t.f(a=x)", "secret", False),
        ("t.f(a='HF_TOKEN')", "secret-name", True),
        ("t.f(a='HOME')", "secret-name", False),
    ],
)
def test_argument(source, expected, answer):
    assert ask({"argument": {"a": expected}}, source) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("t.f(1, 2)", True),
        ("t.f(1)", False),
        ("t.f(*o, 2)", None),
        ("t.f(1, *o)", None),
        ("t.f(1, 3)", False),
        ("t.f(1, b=2)", True),
    ],
)
def test_argument_by_position(source, answer):
    assert ask({"argument": {"b": 2}}, source, b=1) is answer


def test_argument_of_the_api_table_is_any_of_them():
    condition = {"argument": {"$argument": {"matches": "^x"}}}
    assert ask(condition, "t.f(1, b='x')", a=0, b=1) is True
    assert ask(condition, "t.f(1, b='y')", a=0, b=1) is False
    assert ask(condition, "t.f(y, b='y')", a=0, b=1) is None


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("y = x or t.f()", True),
        ("y = t.f() if x is None else x", True),
        ("if x is None:\n  x = t.f()", True),
        ("if not x:\n  x = t.f()", True),
        ("g = t.f()\ndef h(x=None):\n  if x is None:\n    x = g", True),
        ("g = t.f()\ny = x or g", True),
        ("y = t.f()", False),
        ("def g(x=None):\n  if x is None:\n    return t.f()\n  return x", True),
        ("if other:\n  y = t.f()", False),
    ],
)
def test_fallback(source, answer):
    assert ask({"fallback": True}, source) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("y = t.f()\ny.go()", True),
        ("t.f().go()", True),
        ("class A:\n  def b(self):\n    self.y = t.f()\n  def c(self):\n    self.y.go()", True),
        ("y = t.f()\nz.go()", False),
        ("y = t.f()\ny.stop()", False),
    ],
)
def test_result_has(source, answer):
    assert ask({"result-has": ["go"]}, source) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("y = t.f()\nt.g(y)", False),
        ("y = t.f()\nunknown.g(y)", True),
        ("def g():\n  y = t.f()\n  return y", True),
        ("def g():\n  return t.f()", True),
        ("y = t.f()\nz = [y]", True),
        ("t.g(t.f())", False),
    ],
)
def test_result_leaves(source, answer):
    assert ask({"result-leaves": True}, source) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("y = t.f()\ny.sampler = 1", True),
        ("y = t.f()\nz.sampler = 1", False),
        ("y = t.f()\ny.other = 1", False),
    ],
)
def test_result_set(source, answer):
    assert ask({"result-set": ["sampler"]}, source) is answer


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("a = t.f(seed); b = t.f()", True),
        ("a = t.f(1); b = t.f()", False),
        ("a = t.g(seed); b = t.f()", False),
        ("a = t.f(seed); b = t.f(); b = 1", False),
        ("a = t.f(seed); return t.f()", False),
        ("b = t.f()", False),
    ],
)
def test_seeded_beside(body, answer):
    found = site(f"def g(seed):\n  {body}")
    last = [n for n, call in enumerate(found.python.calls) if call.callee == "t.f"][-1]
    made = CallSite(
        found.project, found.facts, found.apis, found.python.calls[last], last, found.name
    )
    assert compile_condition({"seeded-beside": True}, CallSite)(made) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("y = t.f()\ny.set_params(a__random_state=1)", True),
        ("make(t.f()).set_params(random_state=1)", True),
        ("y = t.f()\ny.set_params(**more)", True),
        ("y = t.f()\ny.set_params(depth=1)", False),
        ("y = t.f(random_state=1)", False),
    ],
)
def test_seeded_by_params(source, answer):
    assert ask({"seeded-by-params": True}, source) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("a = df.f()\nb = df.drop(a.index)", True),
        ("a = df.f()\nb = df[~df.index.isin(a.index)]", True),
        ("a = df.f()\nb = df.drop('column')", False),
        ("b = df.drop(a.index)\ndf.f()", False),
    ],
)
def test_complemented(source, answer):
    frame = f"df = t.read('x').clean()\n{source}"
    found = site(frame, callee="t.Frame.f")
    assert compile_condition({"complemented": True}, CallSite)(found) is answer


@pytest.mark.parametrize(
    ("requirements", "below", "unknown"),
    [
        ("torch==2.5.1", True, False),
        ("torch<2.6", True, False),
        ("torch==2.6.0", False, False),
        ("torch>=2.7", False, False),
        ("torch>=1.9", None, True),
        ("torch", None, True),
        ("", None, True),
    ],
)
def test_version(requirements, below, unknown):
    version = {"version": {"torch": "<2.6"}}
    turned = {"version": {"torch": ">=2.6"}}
    assert ask(version, "t.f()", requirements) is below
    assert ask(turned, "t.f()", requirements) is (None if below is None else not below)
    assert ask({"unknown": version}, "t.f()", requirements) is unknown


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("t.save(m, 'out/last.pt')\nt.f('in/last.pt')", True),
        ("import os\nt.save(m, os.path.join(d, 'last.pt'))\nt.f(d + '/last.pt')", True),
        ("t.save(m, path)\nt.f(path)", True),
        ("t.save(m, 'out/best.pt')\nt.f('out/last.pt')", False),
        ("t.save(m, d)\nt.f(e)", False),
    ],
)
def test_saved_by(source, answer):
    condition = {"saved-by": {"argument": "a", "calls": {"t.save": 1}}}
    assert ask(condition, source, a=0) is answer


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({"imports": ["t", "other"]}, True),
        ({"imports": "numpy"}, False),
        ({"in-function": "make"}, True),
        ({"in-function": "take"}, False),
        ({"parameter": "^seed$"}, True),
        ({"parameter": "^see$"}, False),
        ({"inside": "loop"}, True),
        ({"inside": ["with", "try"]}, False),
        ({"path": r"^a\."}, True),
        ({"bound-to": "^y$"}, True),
        ({"not": {"path": r"^a\."}}, False),
        ({"all": [{"path": "a"}, {"path": "b"}]}, False),
        ({"any": [{"path": "a"}, {"path": "z"}]}, True),
    ],
)
def test_place(condition, answer):
    source = "def make(seed):\n  for _ in 'ab':\n    y = t.f()"
    assert ask(condition, source) is answer


def test_unknown_keeps_a_rule_silent_on_both_sides():
    asked = site("t.f(a=x)")
    condition = {"argument": {"a": 1}}
    assert compile_guard({"where": [condition]}, CallSite)(asked) is None
    assert compile_guard({"unless": [condition]}, CallSite)(asked) is None
    assert compile_guard({}, CallSite)(asked) is True


def texts(source):
    whole = project(f"import t\n{source}")
    facts = whole.facts["a.py"]
    return [TextSite(whole, facts, APIS, text) for text in facts.python.texts]


@pytest.mark.parametrize(
    ("condition", "source", "answer"),
    [
        ({"passed-to": {"api": "t.openers"}}, "t.open('x')", True),
        ({"passed-to": {"api": "t.openers"}}, "t.open(path='x')", True),
        ({"passed-to": {"api": "t.openers"}}, "t.open(mode='x')", False),
        ({"passed-to": "t.*"}, "t.shut('x')", True),
        ({"passed-to": {"api": "t.openers"}}, "open('x')", False),
        ({"used-by": {"api": "t.openers"}}, "p = 'x'\nt.open(p)", True),
        ({"used-by": {"api": "t.openers"}}, "p = 'x'\nt.shut(p)", False),
        ({"key": "^path$"}, "path = 'x'", True),
        ({"role": ["assign"]}, "path = 'x'", True),
        ({"role": ["argument"]}, "path = 'x'", False),
        ({"text": "^x$"}, "path = 'x'", True),
    ],
)
def test_text(condition, source, answer):
    (found, *_) = texts(source)
    assert compile_condition(condition, StringSite)(found) is answer


@pytest.mark.parametrize(
    "condition",
    [
        {"weather": "fine"},
        {"argument": {"a": {"like": "x"}}},
        {"argument": {"a": {"matches": "("}}},
        {"inside": "tent"},
        {"version": {"torch": "2.6"}},
        {"version": {"torch": "<2.6", "numpy": "<2"}},
        {"fallback": False},
        {"key": "x"},
        {"path": "a", "imports": "b"},
        "seeded",
    ],
)
def test_condition_without_sense_is_refused(condition):
    with pytest.raises(RulePackError):
        compile_condition(condition, CallSite)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("t.f(t.fetch())", True),
        ("t.f(int(t.fetch() * 1000) % 2**32)", True),
        ("x = t.fetch()\nt.f(x.second + n)", True),
        ("x = t.fetch() if c else t.fetch()\nt.f(x)", True),
        ("x = t.fetch() if c else 3\nt.f(x)", False),
        ("x = 3\nif c:\n    x = t.fetch()\nt.f(x)", False),
        ("def g(x):\n    if x is None:\n        x = t.fetch()\n    t.f(x)", False),
        ("t.f(other(t.fetch()))", False),
        ("t.f(3)", False),
        ("t.f(**k)", None),
        ("t.f()", False),
    ],
)
def test_made_of(source, answer):
    condition = {"made-of": {"argument": "a", "calls": ["t.fetch"]}}
    assert ask(condition, source, a=0) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("t.f(t.fetch())", False),
        ("x = t.fetch()\nt.f(x)\nt.g(x)", False),
        ("x = t.fetch()\nt.f(x)\nprint(x)", True),
        ("x = t.fetch()\nt.f(x)\nr = {'seed': x}", True),
        ("def h():\n    x = t.fetch()\n    t.f(x)\n    return x", True),
        ("self.x = t.fetch()\nt.f(self.x)", True),
    ],
)
def test_kept(source, answer):
    parameters = {"argument": "a", "calls": ["t.fetch"], "takers": ["t.f", "t.g"]}
    assert ask({"kept": parameters}, source, a=0) is answer


@pytest.mark.parametrize(
    ("condition", "source", "answer"),
    [
        ({"discarded": True}, "t.f(1)", True),
        ({"discarded": True}, "x = t.f(1)", False),
        ({"discarded": True}, "print(t.f(1))", False),
        ({"calls-too": ["restore"]}, "def g():\n    t.f(1)\n    s.restore()", True),
        ({"calls-too": ["restore"]}, "def g():\n    t.f(1)\ns.restore()", False),
        ({"drawn-twice": True}, "t.f(x)\ng()\nt.f(x)", True),
        ({"drawn-twice": True}, "t.f(x)\nt.f(y)", False),
        ({"in-batch-loop": True}, "for i, b in enumerate(train_loader):\n    t.f(1)", True),
        ({"in-batch-loop": True}, "for fold in folds:\n    t.f(1)", False),
        ({"mentions": "BASE_URL"}, "e['X_BASE_URL'] = 'a'\nt.f(1)", True),
        ({"mentions": r"o\.base"}, "o.base = 'a'\nt.f(1)", True),
        ({"mentions": "BASE_URL"}, "t.f(1)", False),
        ({"argument": {"a": {"listed": "t.fetches"}}}, "t.f('t.fetch')", True),
        ({"argument": {"a": {"listed": "t.fetches"}}}, "t.f('openai/t.fetch')", True),
        ({"argument": {"a": {"listed": "t.fetches"}}}, "t.f('azure/t.fetch')", False),
        ({"argument": {"a": {"listed": "t.fetches"}}}, "t.f(x)", None),
    ],
)
def test_conditions_on_the_function_around(condition, source, answer):
    assert ask(condition, source, a=0) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("c = t.C(url=1)\nc.f()", True),
        ("c = t.C(url=None)\nc.f()", False),
        ("c = t.C()\nc.f()", False),
        ("c = t.C(**k)\nc.f()", None),
        ("def g(c: t.C):\n    c.f()", None),
        (
            """
            class A:
                def __init__(self):
                    self.c = t.C(url=1)
                def g(self):
                    self.c.f()
            """,
            True,
        ),
    ],
)
def test_made_with(source, answer):
    found = site(source, callee="t.C.f")
    assert compile_condition({"made-with": ["url"]}, CallSite)(found) is answer
