"""What the Python reader says of a source."""

from __future__ import annotations

from textwrap import dedent

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.python import extract, parse, read_python
from mlaudit.facts.records import FileFacts
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.facts.syntax import (
    Collection,
    Const,
    Item,
    Local,
    Operation,
    PythonFacts,
    Result,
    Secret,
    Unknown,
)
from mlaudit.repo.model import Context, File, Kind


def facts(text: str) -> PythonFacts:
    return extract([(parse(dedent(text)), 0)])


def read(text: str | bytes) -> FileFacts:
    data = text if isinstance(text, bytes) else dedent(text).encode()
    return read_python(Source(File("a.py", Kind.PYTHON, Context.SRC, len(data)), data))


def callees(text: str) -> list[str]:
    return [call.callee for call in facts(text).calls]


@pytest.mark.parametrize(
    ("text", "callee"),
    [
        ("import numpy as np\nnp.random.rand()", "numpy.random.rand"),
        ("import numpy.random\nnumpy.random.rand()", "numpy.random.rand"),
        ("from numpy import random as r\nr.rand()", "numpy.random.rand"),
        ("from numpy.random import *\nrand()", ""),
        ("from .a import f as g\ng()", ".a.f"),
        ("from . import f\nf()", ".f"),
        ("from .. import f\nf()", "..f"),
        ("open('x')", "builtins.open"),
        ("def open(x): ...\nopen('x')", ""),
        ("import json\ndef f(json):\n    json.dump()", ""),
        ("def f():\n    np.ones(1)\nimport numpy as np", "numpy.ones"),
        ("class A:\n    import json\n    json.dump()", "json.dump"),
        ("import json\nclass A:\n    json = 1\n    def f(self):\n        json.dump()", "json.dump"),
    ],
)
def test_names_are_resolved_through_imports_and_scopes(text: str, callee: str) -> None:
    assert callees(text)[-1] == callee


@pytest.mark.parametrize(
    ("text", "callee"),
    [
        ("from sklearn.svm import SVC\nm = SVC()\nm.fit(x)", "sklearn.svm.SVC.fit"),
        ("from sklearn.svm import SVC\nSVC().fit(x)", "sklearn.svm.SVC.fit"),
        ("import pandas as pd\ndf = pd.read_csv(x)\ndf.sample()", "pandas.read_csv().sample"),
        (
            "import pandas as pd\ndf = pd.read_csv(x)\ne = df\ne.sample()",
            "pandas.read_csv().sample",
        ),
        (
            "import pandas as pd\ndef f(df: pd.DataFrame):\n    df.sample()",
            "pandas.DataFrame.sample",
        ),
        (
            "import mlflow\nwith mlflow.start_run() as run:\n    run.info()",
            "mlflow.start_run().info",
        ),
        (
            (
                "import a\nclass T:\n    def __init__(self):\n        self.m = a.Model()\n"
                "    def go(self):\n        self.m.fit()"
            ),
            "a.Model.fit",
        ),
        ("import a\nm = a.X()\nif c:\n    m = a.Y()\nm.fit()", ""),
        ("import a\nif c:\n    m = a.X()\nelse:\n    m = a.Y()\nm.fit()", ""),
        ("import a\nif c:\n    m = a.X()\n    m.fit()", "a.X.fit"),
        ("import a\nif c:\n    m = a.X()\nelse:\n    m = a.X(1)\nm.fit()", "a.X.fit"),
        ("import a\nm = a.X()\ndef f():\n    m.fit()\nm = a.Y()", ""),
        ("import a\nm = a.X()\ndef f():\n    m.fit()", "a.X.fit"),
        ("import a\nfor m in a.X():\n    m.fit()", ""),
        ("import a\nm = a.X()\nm = other\nm.fit()", ""),
        ("import a\nasync def f():\n    m = await a.make()\n    m.fit()", "a.make().fit"),
    ],
)
def test_receivers_have_the_type_that_is_certain_and_no_other(text: str, callee: str) -> None:
    assert callees(text)[-1] == callee


def test_a_stand_in_for_a_missing_import_leaves_the_name_its_meaning() -> None:
    text = """
        try:
            import wandb
        except ImportError:
            wandb = None
        wandb.init()
    """
    read = facts(text)
    assert read.calls[-1].callee == "wandb.init"
    assert [item.guard for item in read.imports] == ["try"]


def test_imports_for_type_checkers_are_marked() -> None:
    read = facts("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch")
    assert [item.guard for item in read.imports] == ["", "typing"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("10 * 4 + 2", Const(42)),
        ("-1", Const(-1)),
        ("'a' + 'b'", Const("ab")),
        ("'a' 'b'", Const("ab")),
        ("f'a'", Const("a")),
        ("1 / 0", Unknown()),
        ("2 ** 3", Operation("**", (Const(2), Const(3)))),
        (str(2**64), Unknown()),
        ("b'x'", Unknown()),
        ("not x", Operation("not", (Local("x"),))),
        ("x is not None", Operation("is-not", (Local("x"), Const(None)))),
        ("f'm/{x}/P'", Operation("format", (Const("m/"), Local("x"), Const("/P")))),
        ("x or 1", Operation("or", (Local("x"), Const(1)))),
        ("(1, x.y)", Collection("tuple", (Const(1), Local("x.y")))),
        ("x['k']", Item(Local("x"), Const("k"))),
        ("*x", Operation("*", (Local("x"),))),
    ],
)
def test_arguments_are_folded(expression: str, value: object) -> None:
    assert facts(f"f({expression})").calls[-1].args == (value,)


def test_an_open_call_is_known_as_such() -> None:
    read = facts("f(*a)\nf(**k)\nf(a * 2)\nf(k={**x})")
    assert [call.open for call in read.calls] == [True, True, False, False]


def test_values_unpack_into_their_parts() -> None:
    read = facts("a, (b, *c) = f()\nd, e = 1, 2")
    values = {binding.name: binding.value for binding in read.bindings}
    assert values["a"] == Item(Result(0), Const(0))
    assert values["b"] == Item(Item(Result(0), Const(1)), Const(0))
    assert values["c"] == Unknown()
    assert (values["d"], values["e"]) == (Const(1), Const(2))


def test_a_subscript_store_names_its_base_and_key() -> None:
    (binding,) = facts("frame['a'] = 1").bindings
    assert (binding.name, binding.kind, binding.key) == ("frame", "item", Const("a"))


def test_blocks_tell_where_a_call_stands() -> None:
    read = facts(
        """
        def f(args):
            if args.seed is not None:
                with lock:
                    for i in x:
                        seed(i)
        """
    )
    kinds, block = [], read.calls[-1].block
    while block >= 0:
        kinds.append(read.blocks[block].kind)
        block = read.blocks[block].parent
    assert kinds == ["for", "with", "if", "body"]
    assert read.scopes[read.blocks[read.calls[-1].block].scope].qualname == "f"


def test_calls_come_in_the_order_in_which_they_run() -> None:
    names = [call.local for call in facts("a(b(), c=d())\ndef f():\n    e()\ng()").calls]
    assert names == ["b", "d", "a", "g", "e"]


def test_bindings_say_after_which_call_they_came() -> None:
    (first, second) = facts("x = f()\ny = g(h())").bindings
    assert (first.after, second.after) == (1, 3)


def test_texts_know_what_they_are_for() -> None:
    read = facts(
        '''
        """Docstring."""
        import numpy as np
        np.load("/a", mode="r")
        KEY = "k"
        def f(path="/b"):
            """Another."""
            return {"url": "u"}, x == "y", f"/c/{path}"
        '''
    )
    roles = {text.value: (text.role, text.name, text.callee) for text in read.texts}
    assert roles == {
        "/a": ("argument", "", "numpy.load"),
        "r": ("argument", "mode", "numpy.load"),
        "k": ("assign", "KEY", ""),
        "/b": ("default", "path", ""),
        "url": ("element", "", ""),
        "u": ("element", "url", ""),
        "y": ("compare", "", ""),
        "/c/": ("format", "", ""),
    }


def test_the_text_of_a_secret_is_kept_nowhere() -> None:
    secret = "correct" + "-horse-battery-9"
    read = facts(f"connect(password={secret!r})\nAPI_KEY = {secret!r}\nx = dict(token={secret!r})")
    assert isinstance(read.calls[0].keyword("password"), Secret)
    assert secret.encode() not in msgspec.msgpack.encode(read)


def test_a_provider_token_is_blanked_before_anything_reads_it() -> None:
    token = "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ" + "AbCdEfGh"
    read_file = read(f"login('{token}')  # {token}\n")
    assert {credential.provider for credential in read_file.credentials}
    assert token.encode() not in msgspec.msgpack.encode(read_file)


def test_cells_are_read_as_one_module_with_running_lines() -> None:
    read = extract([(parse("import numpy as np"), 0), (parse("\nnp.ones(1)"), 1)])
    assert (read.calls[0].callee, read.calls[0].line) == ("numpy.ones", 3)


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"x = (\n", "does not parse", 1),
        (b"print 'hello'\n", "Python 2", 1),
        (b"try:\n    pass\nexcept E, e:\n    pass\n", "Python 2", 3),
        (b"x = 1\0\n", "null bytes", 0),
        (b"x = " + b"(" * 5000 + b")" * 5000, "nested", 0),
    ],
)
def test_what_does_not_parse_is_a_problem_with_a_reason(
    data: bytes, reason: str, line: int
) -> None:
    (problem,) = read(data).problems
    assert reason in problem.reason
    assert problem.line == line or not line


def test_the_encoding_that_a_source_declares_is_obeyed() -> None:
    read_file = read("# -*- coding: latin-1 -*-\nf('é')\n".encode("latin-1"))
    assert read_file.problems == ()
    assert read_file.python is not None
    assert read_file.python.calls[0].args == (Const("é"),)


def test_long_chains_and_deep_nesting_are_no_danger() -> None:
    chain = "x" + "".join(f".f{number}()" for number in range(300))
    elifs = "if a:\n    pass\n" + "".join(f"elif a{n}:\n    f{n}()\n" for n in range(400))
    nested = "".join(f"{' ' * n}if a:\n" for n in range(90)) + " " * 90 + "f()\n"
    for text in (chain, elifs, nested, " + ".join(["x"] * 900)):
        assert facts(text).blocks


def test_surrogates_and_infinities_can_be_stored() -> None:
    read = facts("f('\\ud800', 1e999, 'ok')")
    back = msgspec.msgpack.decode(msgspec.msgpack.encode(read), type=PythonFacts)
    assert back == read


_names = st.sampled_from(["a", "b.c", "np", "self.x", "f"])
_atoms = st.one_of(
    _names,
    st.integers().map(repr),
    st.floats(allow_nan=False).map(repr),
    st.text(max_size=8).map(repr),
    st.sampled_from(["None", "...", "b'x'", "1j"]),
)
_expressions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(_names, inner, inner).map(lambda p: f"{p[0]}({p[1]}, *{p[2]}, k={p[1]})"),
        inner.map(lambda e: f"[x for x in {e} if {e}]"),
        inner.map(lambda e: f"(lambda z, y={e}: {e})"),
        inner.map(lambda e: f"{{'k': {e}, **{e}}}"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]})[{p[1]}:, ...]"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[0]} < {p[1]} < 3)"),
        inner.map(lambda e: f"(y := {e})"),
    ),
    max_leaves=12,
)
_statements = st.one_of(
    _expressions,
    _expressions.map(lambda e: f"x, y.z, w[0] = {e}"),
    _expressions.map(lambda e: f"def f(a, /, b={e}, *c, d: int = {e}, **g):\n    return {e}"),
    _expressions.map(lambda e: f"class C({e}):\n    x: int = {e}\n    def m(self): self.q = {e}"),
    _expressions.map(lambda e: f"with {e} as v:\n    for i in {e}: del v\n    else: raise v"),
    _expressions.map(lambda e: f"try:\n    {e}\nexcept (A, B) as e:\n    pass\nfinally:\n    {e}"),
    _expressions.map(lambda e: f"match {e}:\n    case [a, *b] if {e}: pass\n    case _: {e}"),
    _expressions.map(lambda e: f"while {e}:\n    x += {e}\n    assert {e}, {e}"),
)


@given(st.lists(_statements, max_size=5).map("\n".join))
def test_facts_survive_being_stored(text: str) -> None:
    read = facts(text)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(read), type=PythonFacts) == read
    for call in read.calls:
        assert 0 <= call.block < len(read.blocks)
    for block in read.blocks:
        assert 0 <= block.scope < len(read.scopes)
    for binding in read.bindings:
        assert binding.after <= len(read.calls)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_explained(data: bytes) -> None:
    try:
        read(data)
    except UnreadableError:
        with pytest.raises(UnicodeDecodeError):
            data.decode()
