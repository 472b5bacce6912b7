from __future__ import annotations

import sys
import time

import pytest
from document_samples import facts, flat, place, same, values
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.toml_document import parse_toml, read_toml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EVERYTHING = '''# top
title = "x" # note
a.b."c.d" = 1
[tool.'q r']
multi = """
line ]
"""
literal = \'\'\'it's\'\'\'
quotes = """ends in two"""""
list = [1, # one
  [2.5, 'x'], { k = true, l.m = "}" }, # two
]
date = 1979-05-27 07:32:00Z
time = 07:32:00
hex = 0xff
[[bin]]
name = "one"
[bin.sub]
x = 1
[[bin]]
name = "two"
[[bin.deep]]
y = 2
[tool]
late = -inf
'''


def test_every_key_path_with_its_place() -> None:
    text = '[tool.x]\nkey = "v"\nlist = [\n  1,\n  { a = 2 },\n]\n[[t]]\nb.c = 3\n'
    document, _ = parse_toml(text)
    assert [(entry.path, entry.kind, place(entry)) for entry in document.entries] == [
        (("tool",), "mapping", (1, 2, 1, 2)),
        (("tool", "x"), "mapping", (1, 7, 1, 7)),
        (("tool", "x", "key"), "scalar", (2, 1, 2, 7)),
        (("tool", "x", "list"), "sequence", (3, 1, 3, 8)),
        (("tool", "x", "list", 0), "scalar", (4, 3, 4, 3)),
        (("tool", "x", "list", 1), "mapping", (5, 3, 5, 3)),
        (("tool", "x", "list", 1, "a"), "scalar", (5, 5, 5, 9)),
        (("t",), "sequence", (7, 3, 7, 3)),
        (("t", 0), "mapping", (7, 3, 7, 3)),
        (("t", 0, "b"), "mapping", (8, 1, 8, 1)),
        (("t", 0, "b", "c"), "scalar", (8, 3, 8, 7)),
    ]


@pytest.mark.parametrize("text", [EVERYTHING, EVERYTHING.replace("\n", "\r\n")])
def test_agrees_with_the_standard_parser_on_every_construct(text: str) -> None:
    _agrees(text)


def test_dates_keep_their_text() -> None:
    found = values(parse_toml(EVERYTHING)[0])
    assert found["tool", "q r", "date"] == "1979-05-27 07:32:00Z"
    assert found["tool", "q r", "time"] == "07:32:00"


def test_large_integers_are_floats() -> None:
    document = facts(read_toml, "a = 18446744073709551615\nb = 99999999999999999999\n").document
    assert document is not None
    found = values(document)
    assert same(found["a",], 2**64 - 1)
    assert same(found["b",], 1e20)


def test_invalid_toml_is_a_problem_with_its_line() -> None:
    document, (problem,) = parse_toml("a = 1\nb = \nc = 3\n")
    assert document.entries == ()
    assert (problem.reason, problem.line) == ("not valid TOML: invalid value", 2)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a = " + "[" * 150 + "]" * 150,
        "a." * 50_000 + "b = 1",
        "x = {" + "a . " * 50_000 + "b = 1}",
        "[" + '"a".' * 50_000 + "b]",
        "a = " + "9" * 5000,
    ],
)
def test_hostile_documents_are_problems(text: str) -> None:
    start = time.perf_counter()
    assert parse_toml(text)[1]
    assert time.perf_counter() - start < 5


def test_templates_are_read_as_far_as_can_be() -> None:
    text = (
        "[project]\n{%- if cookiecutter.x %}\nname = '{{ cookiecutter.name }}'\n{%- endif %}\n"
        "v = 1\n"
    )
    document, problems = parse_toml(text)
    assert document.template
    assert problems == ()
    assert values(document) == {
        ("project",): None,
        ("project", "name"): "{{ cookiecutter.name }}",
        ("project", "v"): 1,
    }
    assert parse_toml("a = {{ x }}\n")[0].template


def _agrees(text: str) -> None:
    document, problems = parse_toml(text)
    assert problems == ()
    found, wanted = values(document), flat(tomllib.loads(text))
    assert found.keys() == wanted.keys()
    assert len(document.entries) == len(found)
    for path, value in wanted.items():
        if not hasattr(value, "isoformat"):
            assert same(found[path], value)
    lines = text.split("\n")
    for entry in document.entries:
        if entry.path and isinstance(entry.path[-1], str) and entry.path[-1].islower():
            written = lines[entry.line - 1][entry.column - 1 :].lstrip("\"'")
            assert written.startswith(entry.path[-1])


_KEY = st.sampled_from(["a", "b", "c", '"d e"', "'f.g'", '"\\u0041"'])
_SCALAR = st.sampled_from(
    ["1", "-2.5", "true", "nan", '"x # y"', "'z]'", '"""m\nn"""', "'''o'''", '"\\"q"', "0o17",
     "1979-05-27", "2020-01-01T00:00:00", "12:00:00", '"{"', "[]", "{}"]
)  # fmt: skip
_VALUE = st.recursive(
    _SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n " + ", # c\n".join(items) + "\n]")
        | st.lists(inner.filter(lambda item: "\n" not in item), min_size=1, max_size=3).map(
            lambda items: (
                "{ " + ", ".join(f"k{n}.l = {item}" for n, item in enumerate(items)) + " }"
            )
        )
    ),
    max_leaves=6,
)
_DOTTED = st.lists(_KEY, min_size=1, max_size=3).map(" . ".join)
_LINE = (
    st.tuples(_DOTTED, _VALUE).map(lambda pair: f"  {pair[0]}={pair[1]} # c")
    | _DOTTED.map(lambda key: f"[ {key} ]")
    | _DOTTED.map(lambda key: f"[[{key}]]")
    | st.just("# comment [x]")
)


@given(st.lists(_LINE, max_size=8).map("\n".join))
def test_agrees_with_the_standard_parser(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert parse_toml(text)[1]
    else:
        _agrees(text)


@given(st.text(st.sampled_from("ab.=[]{},\"'\\#\n\r\t 01-:{{}}é\x00"), max_size=60))
def test_no_text_raises(text: str) -> None:
    facts(read_toml, text)
