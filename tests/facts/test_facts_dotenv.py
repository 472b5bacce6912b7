from __future__ import annotations

import time

import pytest
from document_samples import facts
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.dotenv import read_dotenv
from mlaudit.facts.records import FileFacts, Span
from mlaudit.repo.model import Kind

SECRET = "q8Zr2Lw0Tn5Vb7Xk"


def read(text: str) -> FileFacts:
    return facts(read_dotenv, text, ".env", Kind.DOTENV)


def test_settings_with_the_place_of_the_value() -> None:
    text = (
        f"# c\nA={SECRET}\n export B = \"{SECRET}\" # note\nC='one\n{SECRET}'\nD=\n"
        f"not a setting\nE=${{HOME}}\nF={SECRET} # note\n#G=1\nH=changeme\n"
    )
    settings = read(text).settings
    assert [(item.name, item.span, item.length, item.placeholder) for item in settings] == [
        ("A", Span(2, 3, 0, 19), 16, False),
        ("B", Span(3, 14, 0, 30), 16, False),
        ("C", Span(4, 4, 5, 17), 20, False),
        ("D", Span(6, 3, 0, 3), 0, True),
        ("E", Span(8, 3, 0, 10), 7, True),
        ("F", Span(9, 3, 0, 19), 16, False),
        ("H", Span(11, 3, 0, 11), 8, True),
    ]


def test_values_are_not_kept() -> None:
    token = "hf_" + "aBcXyZqLmNoPdEfGhIjKlRsTuVwZxYqWeR"
    found = read(f"A={SECRET}\nB={token}\n")
    assert SECRET not in repr(found)
    assert token not in repr(found)
    assert not found.settings[1].placeholder
    assert [credential.span.line for credential in found.credentials] == [2]


def test_an_open_quote_ends_with_its_line() -> None:
    assert [item.name for item in read('A="x\nB=1\n').settings] == ["A", "B"]


@pytest.mark.parametrize(
    "text", ["A='x\n" * 50_001, 'A="\\"\n' * 50_000, "A=" + " " * 100_000 + "x", "A = #" * 50_000]
)
def test_hostile_files_take_no_time(text: str) -> None:
    start = time.perf_counter()
    read(text)
    assert time.perf_counter() - start < 5


@given(st.text(st.sampled_from("AB_=\"'`# \\\n\r\texport é\x00"), max_size=60))
def test_no_text_raises(text: str) -> None:
    read(text)
