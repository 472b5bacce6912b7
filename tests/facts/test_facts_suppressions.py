import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifest_samples import read

from mlaudit.facts.records import Suppression
from mlaudit.facts.suppressions import find_comment_suppressions, find_suppressions

MARK = "# mlaudit" + ": "


def test_rules_reason_and_date():
    text = (
        f"x = 1\ny = split(x)  {MARK}ignore[unseeded-split, REP002] a toy split, until=2027-01-31\n"
    )
    found = find_suppressions(text)
    assert found.problems == ()
    assert found.suppressions == (
        Suppression(("unseeded-split", "REP002"), 2, "a toy split", "2027-01-31", False),
    )


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("ignore[a]", Suppression(("a",), 1, own_line=True)),
        ("ignore[a,b,]", Suppression(("a", "b"), 1, own_line=True)),
        ("ignore [a] why not", Suppression(("a",), 1, "why not", own_line=True)),
        ("ignore[a]: why", Suppression(("a",), 1, "why", own_line=True)),
        ("ignore[a] until=2027-01-31", Suppression(("a",), 1, "", "2027-01-31", True)),
        ("ignore[a] until=2027-01-31, why", Suppression(("a",), 1, "why", "2027-01-31", True)),
        ("ignore[a] wait until then", Suppression(("a",), 1, "wait until then", own_line=True)),
    ],
)
def test_forms(comment, expected):
    for find in (find_suppressions, find_comment_suppressions):
        assert find(MARK + comment) == ((expected,), ())


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("ignore", "no rule is named in brackets"),
        ("ignore REP001", "no rule is named in brackets"),
        ("ignore[]", "no rule is named in the brackets"),
        ("ignore[ ]", "no rule is named in the brackets"),
        ("ignore[a,,b]", "'' is no rule name"),
        ("ignore[a b]", "'a b' is no rule name"),
        ("ignore[*]", "'*' is no rule name"),
        ("ignore[a] x, until=tomorrow", "'tomorrow' is no date"),
        ("ignore[a] until=2027-02-30", "'2027-02-30' is no date"),
        ("ignore[a] until=20270130", "'20270130' is no date"),
        ("ignore[a] until=", "'' is no date"),
        ("ingore[a]", "unknown"),
    ],
)
def test_what_was_meant_as_one_is_a_problem(comment, reason):
    found = find_suppressions(f"x = 1\n{MARK}{comment}\n")
    assert found.suppressions == ()
    (problem,) = found.problems
    assert problem.line == 2
    assert problem.reason.startswith(f"malformed suppression: {reason};")


def test_strings_are_no_comments():
    text = f'"""\n{MARK}ignore[a]\n"""\nx = "{MARK}ignore[b]"\ny = 1  {MARK}ignore[c]\n'
    assert [one.rules for one in find_suppressions(text).suppressions] == [("c",)]


def test_a_comment_beside_code_and_one_alone():
    text = f"f(\n    a,  {MARK}ignore[a]\n    {MARK}ignore[b]\n)\n"
    found = find_suppressions(text).suppressions
    assert [(one.line, one.own_line) for one in found] == [(2, False), (3, True)]


def test_behind_another_comment():
    (one,) = find_suppressions(f"x = 1  # noqa: F401  {MARK}ignore[a] why").suppressions
    assert (one.rules, one.reason) == (("a",), "why")


def test_source_that_does_not_tokenize_is_read_line_by_line():
    text = f"x = 1  {MARK}ignore[a]\ny = (\n$ ?\n z = 1  {MARK}ignore[b]\n'''\n"
    assert [one.rules for one in find_suppressions(text).suppressions] == [("a",), ("b",)]


def test_comments_of_yaml_toml_and_dockerfiles():
    text = "\n".join(
        [
            f"{MARK}ignore[a] whole line",
            f"image: python:3  {MARK}ignore[b]",
            f"text: 'not {MARK}ignore[c]'",
            f'text: "it\'s"  {MARK}ignore[d]',
            f"url: http://a/b{MARK}ignore[e]",
            f"- it's  {MARK}ignore[f]\r",
        ]
    )
    found = find_comment_suppressions(text).suppressions
    assert [(one.rules, one.line, one.own_line) for one in found] == [
        (("a",), 1, True),
        (("b",), 2, False),
        (("d",), 4, False),
        (("f",), 6, False),
    ]


@given(st.text(alphabet=" \n#\"'[]a,=\\(" + "\u2028\r\f") | st.text())
def test_nothing_crashes(text):
    for find in (find_suppressions, find_comment_suppressions):
        find(f"{text}\n{MARK}{text}")
        find(f"{text}{MARK}ignore[{text}]{text} until={text}")


def test_manifests_may_hold_them():
    for path in ("requirements.txt", "environment.yml", "pyproject.toml", "Pipfile", "setup.cfg"):
        facts = read(path, f"{MARK}ignore[unpinned-requirements] on purpose\n")
        assert [one.rules for one in facts.suppressions] == [("unpinned-requirements",)], path
