"""Ignore files and .gitattributes are read line by line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.patterns import read_patterns
from mlaudit.facts.records import Pattern
from mlaudit.facts.source import Source
from mlaudit.repo.model import Context, File, Kind


def read(content: bytes, kind: Kind = Kind.IGNORE) -> tuple[Pattern, ...]:
    facts = read_patterns(Source(File(".file", kind, Context.CONFIG, len(content)), content))
    assert not facts.problems
    return facts.patterns


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"*.pyc\n\n# comment\n!keep.pyc\n", [("*.pyc", 1), ("!keep.pyc", 4)]),
        (b"data/\r\nmodels/\r\n", [("data/", 1), ("models/", 2)]),
        (b"trailing  \t\nkept\\ \n", [("trailing", 1), ("kept\\ ", 2)]),
        (b"\\#hash\n", [("\\#hash", 1)]),
        (b"   \n\xef\xbb\xbfx\n", [("\ufeffx", 2)]),
        (b"\xef\xbb\xbfdata/\n", [("data/", 1)]),
        (b"one\x0ctwo", [("one\x0ctwo", 1)]),
    ],
)
def test_ignore_files(content: bytes, expected: list[tuple[str, int]]) -> None:
    assert [(pattern.pattern, pattern.line) for pattern in read(content)] == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"*.pt filter=lfs diff=lfs merge=lfs -text\n",
            [Pattern("*.pt", 1, ("filter=lfs", "diff=lfs", "merge=lfs", "-text"))],
        ),
        (b"# no\n\n  a.bin\t-text   !eol \r\n", [Pattern("a.bin", 3, ("-text", "!eol"))]),
        (
            b'"my \\"data\\"/\\303.csv" filter=lfs',
            [Pattern('my "data"/\xc3.csv', 1, ("filter=lfs",))],
        ),
        (b"[attr]binary -diff -text\n", [Pattern("[attr]binary", 1, ("-diff", "-text"))]),
        (b"alone\n", [Pattern("alone", 1)]),
        (b'"unclosed filter=lfs\n', [Pattern('"unclosed', 1, ("filter=lfs",))]),
    ],
)
def test_attributes(content: bytes, expected: list[Pattern]) -> None:
    assert list(read(content, Kind.ATTRIBUTES)) == expected


def test_what_is_no_text_is_a_problem() -> None:
    file = File(".gitignore", Kind.IGNORE, Context.CONFIG)
    facts = read_patterns(Source(file, b"ok\n\xff\xfe\n"))
    assert facts.patterns == ()
    assert "line 2" in facts.problems[0].reason


@pytest.mark.parametrize("kind", [Kind.IGNORE, Kind.ATTRIBUTES])
@pytest.mark.parametrize("line", [b" " * 10**6 + b"x", b'"' + b"\\" * 10**6, b"a" + b"\t" * 10**6])
def test_giant_lines_take_no_time(line: bytes, kind: Kind) -> None:
    start = time.perf_counter()
    assert len(read(line, kind)) == 1
    assert time.perf_counter() - start < 2


@given(st.text(), st.sampled_from([Kind.IGNORE, Kind.ATTRIBUTES]))
def test_any_text_is_read(text: str, kind: Kind) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= pattern.line <= lines for pattern in read(text.encode(), kind))
