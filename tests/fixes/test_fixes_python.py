"""Edits of Python: what is written around them keeps its form to the character."""

from __future__ import annotations

import ast
import io
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.python.reader import UnparsableError
from mlaudit.fixes.edits import applied
from mlaudit.fixes.model import Recipe
from mlaudit.fixes.python_code import PythonCode

SEED = Recipe("set_argument", {"$argument": 42})
FIRST = Recipe("set_argument", {"0": 42})
KEYWORD = {"argument": "seed", "position": ""}
SECOND = {"argument": "seed", "position": "1"}
LEADING = {"argument": "seed", "position": "0"}


def calls(source: str) -> list[tuple[int, int]]:
    """Offsets of the calls of `f`."""
    starts = [0, *(number + 1 for number, c in enumerate(source) if c == "\n")]
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("f"):
            lines = source.split("\n")
            start = len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
            end = len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())
            found.append((starts[node.lineno - 1] + start, starts[node.end_lineno - 1] + end))
    return sorted(found)


def fixed(source: str, recipe: Recipe = SEED, values: dict[str, str] = KEYWORD) -> str | None:
    """The source with the fix of its first call of `f`."""
    edits = PythonCode(source).fix(*calls(source)[0], recipe, values)
    return applied(source, edits) if edits is not None else None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(seed=42)"),
        ("f( )", "f(seed=42 )"),
        ("f(\n)", "f(seed=42\n)"),
        ("f(  # none\n)", "f(seed=42  # none\n)"),
        ("f(a)", "f(a, seed=42)"),
        ("f(a, )", "f(a, seed=42, )"),
        ("f( a,b=1 )", "f( a,b=1, seed=42 )"),
        ("f(a,)", "f(a, seed=42,)"),
        ("f(a  # why\n)", "f(a, seed=42  # why\n)"),
        ("f(a,  # why\n  b)", "f(a,  # why\n  b, seed=42)"),
        ("f(\n    a,\n    b,\n)", "f(\n    a,\n    b,\n    seed=42,\n)"),
        ("f(\n    a,\n    b\n)", "f(\n    a,\n    b,\n    seed=42\n)"),
        ("f(\n\ta,  # x, y\n\t)", "f(\n\ta,  # x, y\n\tseed=42,\n\t)"),
        ("f(\n    a  # x, y\n)", "f(\n    a,  # x, y\n    seed=42\n)"),
        ("f(\n    a\n    # x, y\n    ,\n)", "f(\n    a\n    # x, y\n    ,\n    seed=42,\n)"),
        ("f(\n    a,\n    # b,\n)", "f(\n    a,\n    # b,\n    seed=42,\n)"),
        ("f(\n    a, b,\n)", "f(\n    a, b, seed=42,\n)"),
        ("f(\n    a)", "f(\n    a, seed=42)"),
        ("if a:\n\tf(\n\t\ta,\n\t)", "if a:\n\tf(\n\t\ta,\n\t\tseed=42,\n\t)"),
        ("if a:\n  f(\n  # b\n  )", "if a:\n  f(seed=42\n  # b\n  )"),
        ("if a:\n  f(a\n    , b # c\n    ,)", "if a:\n  f(a\n    , b # c\n    , seed=42,)"),
        ("f(a, b=[\n    1,\n])", "f(a, b=[\n    1,\n], seed=42)"),
        ("f(seed=None)", "f(seed=42)"),
        ("f(seed = (None), a=1)", "f(seed = (42), a=1)"),
        ("f((a))", "f((a), seed=42)"),
        ("f(*rows)", "f(*rows, seed=42)"),
        ("(f)(a)", "(f)(a, seed=42)"),
        ("(\n    x\n    .y()  # g\n    .f(1)\n)", "(\n    x\n    .y()  # g\n    .f(1, seed=42)\n)"),
        ("é = 'ü😀'; x = f('é')  # ñ", "é = 'ü😀'; x = f('é', seed=42)  # ñ"),
        ("f(g(f(1)))", "f(g(f(1)), seed=42)"),
        ("f(\\\n  a \\\n)", "f(\\\n  a, \\\n  seed=42\n)"),
        ('f("""a,\n)""")', 'f("""a,\n)""", seed=42)'),
        ("f(lambda: (yield))", "f(lambda: (yield), seed=42)"),
    ],
)  # fmt: skip
def test_argument_is_added(before: str, after: str) -> None:
    assert fixed(before) == after
    assert fixed(after) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(a, None)", "f(a, 42)"),
        ("f(a)", "f(a, seed=42)"),
        ("f(a, seed=None)", "f(a, seed=42)"),
    ],
)
def test_none_by_position_is_replaced(before: str, after: str) -> None:
    assert fixed(before, SEED, SECOND) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(42)"),
        ("f(None)", "f(42)"),
        ("f(seed=None)", "f(seed=42)"),
        ("f(counter=3)", "f(42, counter=3)"),
        ("f(\n    counter=3,\n)", "f(\n    42, counter=3,\n)"),
    ],
)
def test_seed_is_passed_by_position(before: str, after: str) -> None:
    assert fixed(before, FIRST, LEADING) == after
    assert fixed(after, FIRST, LEADING) is None


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("f(seed=SEED)", KEYWORD),
        ("f(a, seed)", SECOND),
        ("f(x for x in y)", KEYWORD),
        ("f(a)", {}),
    ],
)
def test_what_is_passed_already_is_left(source: str, values: dict[str, str]) -> None:
    assert fixed(source, SEED, values) is None


def test_place_that_is_no_call() -> None:
    assert PythonCode("f(a)\n").fix(0, 3, SEED, KEYWORD) is None
    assert PythonCode("x = 1\n").fix(0, 1, SEED, KEYWORD) is None


def test_method_is_called_once() -> None:
    recipe = Recipe("call_method", {"manual_seed": 42})
    assert fixed("x = f(device='cpu')  # g", recipe) == "x = f(device='cpu').manual_seed(42)  # g"
    assert fixed("x = f().manual_seed(1)", recipe) is None


class TestWrap:
    SORTED = Recipe("wrap_call", "sorted")

    def test_listing(self) -> None:
        before = "for x in f(\n    d  # here\n): pass"
        after = "for x in sorted(f(\n    d  # here\n)): pass"
        assert fixed(before, self.SORTED) == after
        assert fixed(after, self.SORTED) is None

    @pytest.mark.parametrize(
        ("before", "what", "after"),
        [
            ("g({'x', 'y'})", "{'x', 'y'}", "g(sorted({'x', 'y'}))"),
            ("a = [i for i in set(b)]", "set(b)", "a = [i for i in sorted(set(b))]"),
            ("for a in {*b}: c", "{*b}", "for a in sorted({*b}): c"),
            ("a = f(b)[:5]", "f(b)", "a = sorted(f(b))[:5]"),
            ("a = f(b) + f", "f(b)", "a = sorted(f(b)) + f"),
            ("a = set(b)", "set(b)", None),
            ("a = set(b) - c", "set(b)", None),
            ("a = {*b}.union(c)", "{*b}", None),
            ("a = f(b).copy()", "f(b)", None),
            ("a = next(f(b))", "f(b)", None),
            ("a = g(*f(b), c=f)", "f(b)", "a = g(*sorted(f(b)), c=f)"),
        ],
    )
    def test_only_where_a_list_will_do(self, before: str, what: str, after: str | None) -> None:
        start = before.index(what)
        edits = PythonCode(before).fix(start, start + len(what), self.SORTED, {})
        assert (applied(before, edits) if edits else None) == after

    @pytest.mark.parametrize(
        "binding",
        ["def sorted(x): ...", "from heap import sorted", "sorted = 1", "lambda sorted: 0"],
    )
    def test_another_thing_of_that_name(self, binding: str) -> None:
        assert fixed(f"f(d)\n{binding}\n", self.SORTED) is None


@pytest.mark.parametrize(
    "source", ["x = (", "x = " + "+".join("1" * 3000), "if a: pass\n" + "elif b: pass\n" * 1500]
)
def test_what_libcst_cannot_read(source: str) -> None:
    with pytest.raises(UnparsableError):
        PythonCode(source)


BLANK = st.sampled_from(["", " ", "\t", "  "])
BREAK = st.sampled_from(["", "\n", "\n    ", "  # é, (x)\n", "\n# )\n\t", " \\\n "])
ARGUMENT = st.sampled_from(
    ["a", "'ü,)'", "[1,\n 2]", "b=None", "c = g(1,)", "(None)", "*rows", "d=lambda: f(1)", "**{}"]
)


@st.composite
def written_calls(draw: st.DrawFn) -> str:
    """A call in some form that Python accepts, within other code."""
    arguments = draw(st.lists(ARGUMENT, max_size=4, unique_by=lambda text: text[:2]))
    parts = [draw(BREAK) + one + draw(BLANK) + draw(BREAK) for one in arguments]
    tail = "," + draw(BREAK) if parts and draw(st.booleans()) else draw(BREAK)
    call = f"f{draw(BLANK)}({','.join(parts)}{tail})"
    code = f"é = 1; x = [{call}, f] # end\n{draw(st.sampled_from(['', 'y = 2']))}"
    return draw(st.sampled_from(["", "def é():\n  ", "if é:\n\tif é:\n\t\t"])) + code


@given(written_calls())
def test_only_the_argument_comes_in(source: str) -> None:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    after = fixed(source)
    assert after is not None
    outer = next(node for node in ast.walk(tree) if isinstance(node, ast.List))
    call = outer.elts[0]
    assert isinstance(call, ast.Call)
    call.keywords.append(ast.keyword("seed", ast.Constant(42)))
    assert ast.dump(ast.parse(after)) == ast.dump(tree)
    assert comments(after) == comments(source)
    assert subsequence(source, after)
    assert fixed(after) is None


def comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)
