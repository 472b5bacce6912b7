"""Each escape is given what tries to get out of it."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_samples import HOSTILE, HOSTILE_PATH

from mlaudit.reports import escape

ANY_TEXT = st.text(st.characters(codec=None), max_size=60) | st.text(
    alphabet="`|\\[]()<>!*_~#@&:%,\n\r \x1b\u202eab1.-+{}$\ud800", max_size=60
)


@given(ANY_TEXT)
def test_a_terminal_gets_one_line_that_it_does_not_obey(text: str) -> None:
    shown = escape.terminal(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not any(unicodedata.bidirectional(c) in ("RLO", "LRO", "RLI", "LRI", "FSI", "PDI", "RLE")
                   for c in shown)  # fmt: skip
    assert len(shown.splitlines()) <= 1
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x9b1m\x7f", "\\x1b[2J\\x9b1m\\x7f"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\u202egnp.exe \U000e0041", "\\u202egnp.exe \\U000e0041"),
        ("echo ##[add-mask]x", "echo ##\\x5badd-mask]x"),
        ("[bold]é \U0001f600[/bold] 漢", "[bold]é \U0001f600[/bold] 漢"),
    ],
)
def test_what_a_terminal_is_shown(text: str, shown: str) -> None:
    assert escape.terminal(text) == shown


def rendered(source: str) -> list[str]:
    """Types of all inline tokens that are more than text."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).enable("table").parse(source)
    inline = [child for token in tokens for child in token.children or ()]
    return [token.type for token in inline if token.type not in ("text", "text_special")]


@given(ANY_TEXT)
def test_nothing_is_markup_in_markdown(text: str) -> None:
    assert rendered(f"x {escape.markdown(text)} x") == []


@given(ANY_TEXT)
def test_a_table_keeps_its_cells(text: str) -> None:
    cells = escape.markdown(text), escape.markdown_code(text), escape.markdown_prose(text)
    row = f"| {' | '.join(cells)} |"
    tokens = MarkdownIt("commonmark").enable("table").parse(f"|a|b|c|\n|-|-|-|\n{row}\n")
    assert [token.type for token in tokens].count("td_open") == 3
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special", "code_inline"}


@given(ANY_TEXT.filter(lambda text: "|" not in text and text.strip()))
def test_code_in_markdown_is_what_it_was(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(escape.markdown_code(text))
    (child,) = tokens[1].children or ()
    assert child.type == "code_inline"
    assert child.content.strip() == escape.terminal(text).strip()


def test_prose_keeps_its_code() -> None:
    assert escape.markdown_prose("Pass `a_b=1`,\n  or *not*") == "Pass `a_b=1`, or \\*not\\*"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs

    def handle_comment(self, data: str) -> None:
        self.seen.append("comment")

    def handle_data(self, data: str) -> None:
        self.text += data


@given(ANY_TEXT)
def test_html_holds_text_and_attributes(text: str) -> None:
    parser = Tags()
    parser.feed(f"<p title='{escape.html(text)}'>{escape.html(text)}</p>")
    parser.close()
    shown = escape.terminal(text)
    assert (parser.seen, parser.text) == (["p"], shown)
    assert parser.attributes == [("title", shown)]


@given(ANY_TEXT)
def test_a_workflow_command_is_one_line_with_its_own_properties(text: str) -> None:
    line = f"::error file={escape.workflow_property(text)},line=1::{escape.workflow_data(text)}"
    assert len(line.splitlines()) == 1
    head, _, message = line[2:].partition("::")
    assert [pair.partition("=")[0] for pair in head.partition(" ")[2].split(",")] == [
        "file",
        "line",
    ]
    decoded = message.replace("%0A", "\n").replace("%25", "%")
    assert decoded == "\n".join(
        escape.terminal(part) for part in text.replace("\r\n", "\n").split("\n")
    )


@pytest.mark.parametrize(
    "path", [HOSTILE_PATH, HOSTILE, "a:b/c.py", "ü/\udcff\ud800 .py", "//x", "%41"]
)
def test_a_path_is_a_relative_uri(path: str) -> None:
    uri = escape.uri_path(path)
    assert uri.isascii()
    assert not set(uri) & set(' :?#[]@<>"\\^`{|}\x1b\n')
    assert uri.count("/") == path.count("/")
    expected = path.replace("\ud83d", "\ufffd").replace("\ud800", "\ufffd")
    assert unquote_to_bytes(uri) == expected.encode("utf-8", "surrogateescape")


def test_only_surrogates_are_replaced_for_json() -> None:
    assert escape.encodable("a\ud800\x1bé\udfff") == "a\ufffd\x1bé\ufffd"
