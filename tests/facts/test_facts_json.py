from __future__ import annotations

import json
import time

import pytest
from document_samples import facts, flat, place, same, values
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.json_document import parse_json, read_json
from mlaudit.facts.records import Document


def read(text: str) -> Document:
    found = facts(read_json, text)
    assert found.problems == ()
    assert found.document is not None
    return found.document


def test_every_key_path_with_its_place() -> None:
    document = read('{\n  "a": {"b": [1, "x"]},\n  "c":\n    null\n}\n')
    assert [(entry.path, entry.kind, place(entry)) for entry in document.entries] == [
        (("a",), "mapping", (2, 3, 2, 8)),
        (("a", "b"), "sequence", (2, 9, 2, 14)),
        (("a", "b", 0), "scalar", (2, 15, 2, 15)),
        (("a", "b", 1), "scalar", (2, 18, 2, 18)),
        (("c",), "scalar", (3, 3, 4, 5)),
    ]


def test_comments_and_trailing_commas() -> None:
    document = read('// top\n{\n  "a": 1, /* b\n */ "u": "http://x/*", // c\n  "d": [1,],\n}\n')
    assert values(document) == {
        ("a",): 1, ("u",): "http://x/*", ("d",): None, ("d", 0): 1,
    }  # fmt: skip
    assert place(document.entries[1]) == (4, 5, 4, 10)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NaN", float("nan")), ("-Infinity", float("-inf")), ("1e400", float("inf")),
        ("18446744073709551615", 2**64 - 1), ("99999999999999999999", 1e20),
        ("-9223372036854775809", -9223372036854775809.0), ("1" * 5000, float("inf")),
        ('"\\ud83d\\ude00"', "😀"), ('"a\\ud800b"', "a\ufffdb"), ('"\\u00e9\\n"', "é\n"),
    ],
)  # fmt: skip
def test_values_that_others_stumble_over(text: str, value: object) -> None:
    assert same(read(f'{{"a": {text}}}').entries[0].value, value)


def test_duplicate_keys_are_both_kept() -> None:
    assert [entry.value for entry in read('{"a": 1, "a": 2}').entries] == [1, 2]


def test_json_lines_are_documents_one_after_the_other() -> None:
    document = read('{"a": 1}\n{"a": 2}\n')
    assert [(entry.document, entry.value) for entry in document.entries] == [(0, 1), (1, 2)]


@pytest.mark.parametrize("text", ["", " \n", "null", "[]", '"text"'])
def test_nothing_to_flatten(text: str) -> None:
    assert read(text).entries == ()


@pytest.mark.parametrize(
    "text", ['{"a": 1', "[1 2]", "[,]", '{"a" 1}', '["\\d"]', '["a\n"]', "{a: 1}", "[1]]", "nope"]
)
def test_invalid_json_is_a_problem(text: str) -> None:
    document, (problem,) = parse_json("\n" + text)
    assert document.entries == ()
    assert problem.reason.startswith("not valid JSON")
    assert problem.line in (1, 2, 3)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_deep_nesting_is_a_problem(text: str) -> None:
    assert "nested deeper" in parse_json(text)[1][0].reason


@pytest.mark.parametrize("text", ["/* " * 300_000, '"\\"' * 300_000, '["' + "\\" * 300_000])
def test_hostile_documents_take_no_time(text: str) -> None:
    start = time.perf_counter()
    parse_json(text)
    assert time.perf_counter() - start < 5


def test_data_is_not_flattened() -> None:
    assert parse_json("[" + "1," * 100_001 + "1]") == (Document("json"), ())
    assert parse_json('["' + "x" * 2_000_000 + '"]') == (Document("json"), ())


def test_templates_are_read_as_far_as_can_be() -> None:
    text = '{\n{% if x %}\n "a": {{ cookiecutter.a }},\n{% endif %}\n "b": "{{ b }}"\n}\n'
    document, problems = parse_json(text)
    assert document.template
    assert problems == ()
    assert values(document) == {("a",): "{{ cookiecutter.a }}", ("b",): "{{ b }}"}
    assert not parse_json('{"a": "{{ b }}"}')[0].template


_DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(_DATA, st.booleans(), st.sampled_from([None, 2]))
def test_agrees_with_the_standard_parser(
    data: object, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    document, problems = parse_json(text)
    assert problems == ()
    found, wanted = values(document), flat(json.loads(text))
    assert found.keys() == wanted.keys()
    assert all(same(found[path], wanted[path]) for path in wanted)


@given(st.text(st.sampled_from('ab"\\{}[]:,0-1.eE/* \n\tnultrue{{%é\x00'), max_size=60))
def test_no_text_raises(text: str) -> None:
    facts(read_json, text)
