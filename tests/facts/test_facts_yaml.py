from __future__ import annotations

import time

import pytest
import yaml
from document_samples import facts, flat, place, same, values
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.scalars import resolve
from mlaudit.facts.yaml_document import parse_yaml, read_yaml


def chain(length: int, uses: int) -> str:
    """Anchors that each hold the one before, several times."""
    links = (
        f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * uses)}]"
        for number in range(1, length)
    )
    return "\n".join(["a0: &a0 [x]", *links])


KEYS = ", ".join(f"k{number}: 1" for number in range(500))
MERGES = f"a: &a {{{KEYS}}}\nb:\n  <<: [{', '.join(['*a'] * 5000)}]\n"


def read(text: str) -> dict[tuple[str | int, ...], object]:
    document, problems = parse_yaml(text)
    assert problems == ()
    return values(document)


def test_every_key_path_with_its_place() -> None:
    text = (
        "# top\nimage:\n  name: a  # note\n  tags: [x, 'y z']\njobs:\n- run: |\n    one\n    two\n"
    )
    document, _ = parse_yaml(text)
    assert [(entry.path, entry.kind, place(entry)) for entry in document.entries] == [
        (("image",), "mapping", (2, 1, 3, 3)),
        (("image", "name"), "scalar", (3, 3, 3, 9)),
        (("image", "tags"), "sequence", (4, 3, 4, 9)),
        (("image", "tags", 0), "scalar", (4, 10, 4, 10)),
        (("image", "tags", 1), "scalar", (4, 13, 4, 13)),
        (("jobs",), "sequence", (5, 1, 6, 1)),
        (("jobs", 0), "mapping", (6, 3, 6, 3)),
        (("jobs", 0, "run"), "scalar", (6, 3, 6, 8)),
    ]
    assert document.entries[-1].value == "one\ntwo\n"


def test_columns_count_characters_and_lines_end_at_newlines() -> None:
    document, _ = parse_yaml('é😀: ü\r\nb: "\u2028"\r\nc: 1\r\n')
    assert [place(entry) for entry in document.entries] == [
        (1, 1, 1, 5), (2, 1, 2, 4), (3, 1, 3, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True), ("Off", False), ("~", None), ("", None), ("null", None),
        ("017", 15), ("0x1F", 31), ("0b11", 3), ("1_000", 1000), ("-3", -3), ("1:30", 90),
        ("1.5", 1.5), ("1e-5", "1e-5"), ("1.0e-5", 1e-5), (".inf", float("inf")),
        ("2021-01-01", "2021-01-01"), ("0x_", "0x_"), ("'yes'", "yes"), ("!!str 12", "12"),
        ("!!int '12'", 12), ("!Ref name", "name"), ("!env 12", "12"),
        ("9223372036854775808", 2**63), ("99999999999999999999", 1e20), ("9" * 400, "9" * 400),
        ("${{ secrets.A }}", "${{ secrets.A }}"), ("'{{ a }}'", "{{ a }}"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_the_safe_loader_but_dates_stay_text(text: str, value: object) -> None:
    assert same(read(f"key: {text}\n")["key",], value)


def test_keys_stay_text_as_written() -> None:
    text = "on:\n  push:\n1: a\n~: b\n!!str x: c\n? [p, q]\n: d\n"
    assert list(read(text)) == [("on",), ("on", "push"), ("1",), ("~",), ("x",), ("[p, q]",)]


def test_streams_number_their_documents() -> None:
    document, _ = parse_yaml("a: 1\n---\nb: 2\n---\n- c\n")
    assert [(entry.document, entry.path) for entry in document.entries] == [
        (0, ("a",)), (1, ("b",)), (2, (0,)),
    ]  # fmt: skip


def test_duplicate_keys_are_both_kept() -> None:
    document, _ = parse_yaml("a: 1\na: 2\n")
    assert [entry.value for entry in document.entries] == [1, 2]


def test_aliases_are_expanded_at_the_place_of_the_alias() -> None:
    document, _ = parse_yaml("base: &b {x: 1}\nother: *b\n")
    assert [(entry.path, entry.value, place(entry)) for entry in document.entries[2:]] == [
        (("other",), None, (2, 1, 2, 8)),
        (("other", "x"), 1, (1, 11, 1, 14)),
    ]


def test_merge_keys_give_way_to_what_is_written() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 9\n'<<': plain\n"
    found = read(text)
    assert {path[1]: value for path, value in found.items() if path[0] == "c" and path[1:]} == {
        "x": 9, "y": 2, "z": 4,
    }  # fmt: skip
    assert found["<<",] == "plain"


def test_an_alias_within_its_own_anchor_ends() -> None:
    assert read("a: &a [*a]\n") == {("a",): None, ("a", 0): None}


def test_no_tag_constructs_anything() -> None:
    text = "a: !!python/object/apply:os.system ['echo no']\nb: !!python/name:os.system x\n"
    assert read(text) == {("a",): None, ("a", 0): "echo no", ("b",): "x"}


def test_invalid_yaml_is_a_problem_with_its_line_and_no_entries() -> None:
    document, (problem,) = parse_yaml("a: 1\nb: [\nc: }\n")
    assert document.entries == ()
    assert problem.line == 3
    assert problem.reason.startswith("not valid YAML")
    assert parse_yaml("a: \0")[1][0].reason.startswith("not valid YAML")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, "nested deeper"),
        ("- " * 50_000, "nested deeper"),
        ("{a: " * 50_000, "nested deeper"),
        (chain(40, 9), "aliases"),
        (chain(400, 1), "nested"),
        (MERGES, "more than"),
        ("---\n" * 200_000, "more than"),
        ("- a\n" * 150_000, "more than"),
    ],
)  # fmt: skip
def test_hostile_documents_stop_at_a_limit(text: str, reason: str) -> None:
    start = time.perf_counter()
    document, (problem,) = parse_yaml(text)
    assert reason in problem.reason
    assert len(document.entries) <= 100_000
    assert time.perf_counter() - start < 10


def test_templates_are_read_as_far_as_can_be() -> None:
    text = (
        "{{- if .Values.on }}\nmetadata:\n  name: {{ .Release.Name }}-api\n"
        '  labels:\n    {{- include "labels" . | nindent 4 }}\n'
        'spec:\n  image: "{{ .Values.image }}:{{ .Values.tag }}"\n  {{ .Values.key }}: 3\n'
        "{{- end }}\n"
    )
    document, problems = parse_yaml(text)
    assert document.template
    assert problems == ()
    found = values(document)
    assert found["metadata", "name"] == "{{ .Release.Name }}-api"
    assert found["spec", "image"] == "{{ .Values.image }}:{{ .Values.tag }}"
    assert found["spec", "{{ .Values.key }}"] == 3
    image = next(entry for entry in document.entries if entry.path == ("spec", "image"))
    assert place(image) == (7, 3, 7, 10)


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("a: {{ x }}\n", True),
        ("{% if a %}\nb: 1\n{% endif %}\n", True),
        ("spec:\n  a: b\n    {{- with .Values.x }}\n", True),
        ("a: ${{ github.ref }}\n", False),
        ("a: '{{ x }}'\nb: |\n  {% if c %}\n", False),
        ("a: {b: {c: 1}}\n", False),
    ],
)
def test_what_is_a_template(text: str, template: bool) -> None:
    document, problems = parse_yaml(text)
    assert document.template is template
    assert problems == ()


def test_credentials_are_found_and_not_kept() -> None:
    token = "hf_" + "aBcXyZqLmNoPdEfGhIjKlRsTuVwZxYqWeR"
    read = facts(read_yaml, f"env:\n  T: {token}  # mlaudit: ignore[provider-token] test\n")
    assert [credential.span.line for credential in read.credentials] == [2]
    assert token not in repr(read)
    assert [suppression.line for suppression in read.suppressions] == [2]


def test_what_is_no_text_is_a_problem() -> None:
    assert facts(read_yaml, b"a: \xff").problems[0].reason.startswith("not UTF-8")


_KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=8)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=12)
)
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=15,
)


@given(_DATA, st.booleans())
def test_agrees_with_the_safe_loader(data: object, flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    document, problems = parse_yaml(text)
    assert problems == ()
    found, wanted = values(document), flat(yaml.safe_load(text))
    assert found.keys() == wanted.keys()
    assert all(same(found[path], wanted[path]) for path in wanted)


@given(st.from_regex(r"[-+]?[0-9_.:xXbBeEaAfFoO]{1,8}", fullmatch=True))
def test_plain_numbers_agree_with_the_safe_loader(text: str) -> None:
    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))
    try:
        wanted = loader.construct_object(yaml.ScalarNode(tag, text))
    except ValueError:
        wanted = text
    assert same(resolve(text), text if hasattr(wanted, "isoformat") else wanted)


@given(st.text(st.sampled_from("ab:-[]{},&*!|>%#'\"\n\t {{}}?~<\\u0é\x00"), max_size=60))
def test_no_text_raises(text: str) -> None:
    facts(read_yaml, text)
