"""Shell text as logical lines and as commands.

A reading good enough to see what is run, of the grammar of POSIX shells and bash; nothing is
expanded. Text that is no shell comes out as some words, never as an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.positions import Positions

# Every branch either cannot fail late or is bounded, so that no text is searched twice.
_TOKEN = re.compile(
    r"""(?P<continuation>\\\r?\n)
    | (?P<escape>\\.)
    | (?P<single>'[^']*')
    | (?P<double>"[^"\\]*(?:\\.[^"\\]*)*")
    | (?P<newline>\r?\n)
    | (?P<blank>[ \t\r]+)
    | (?P<word>\$?\{\{[^{}\n]{0,200}\}\} | \$\{[^{}\n]{0,200}\} | `[^`\n]{0,200}`)
    | (?P<here><<-?[ \t]*(?:'[^'\n]+'|"[^"\n]+"|\\?[\w.-]+))
    | (?P<duplication>[0-9]*[<>]&[0-9-]+)
    | (?P<redirection><<< | [0-9]*(?:&>>?|>>|>\||>&|>|<)(?!\())
    | (?P<operator>&&|\|\||\|&|;;|[;|&])
    | (?P<open>[$<>]\()
    | (?P<bracket>[()])
    | (?P<comment>\#[^\n]*)
    | (?P<plain>[^\s\\'"<>&|;()\#$`{]+)
    | (?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_NESTED = re.compile(r"""\\.|'[^']*'|"[^"\\]*(?:\\.[^"\\]*)*"|[()]""", re.DOTALL)
_ESCAPE = re.compile(r'\\([\\"$`\n])')

_SEPARATORS = frozenset({"newline", "operator", "bracket"})
_BEFORE_WORDS = _SEPARATORS | {"blank", "continuation"}
_CONTINUING = frozenset({"&&", "||", "|", "|&"})
_LEADING = frozenset(["if", "then", "elif", "else", "do", "while", "until", "!", "{", "}"])
_NO_COMMANDS = frozenset(["for", "case", "select", "function", "fi", "done", "esac", "in"])


class Line(NamedTuple):
    text: str
    offset: int
    """Lines before the one on which it begins."""


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def logical_lines(text: str) -> list[Line]:
    """Lines with their continuations joined, without comments and the bodies of here-documents.

    A quoted string keeps its line breaks; a line that ends in `&&` or `|` goes on.
    """
    positions = Positions(text)
    lines: list[Line] = []
    pieces: list[str] = []
    start = -1
    last = ""
    for token in _tokens(text):
        if token.kind == "newline" and last not in _CONTINUING:
            if start >= 0:
                lines.append(Line("".join(pieces).strip(), positions.at(start)[0] - 1))
            pieces, start, last = [], -1, ""
        elif token.kind in ("newline", "continuation"):
            pieces.append(" ")
        elif token.kind == "blank":
            pieces.append(token.text)
        elif token.kind != "comment":
            pieces.append(token.text)
            last = token.text
            start = token.offset if start < 0 else start
    if start >= 0:
        lines.append(Line("".join(pieces).strip(), positions.at(start)[0] - 1))
    return lines


def split_commands(text: str) -> list[list[str]]:
    """The simple commands of a text as lists of words, quotes removed.

    Assignments before a command stay with it; redirections and keywords are left out.
    """
    splitter = _Splitter()
    for token in _tokens(text):
        splitter.take(token)
    splitter.end_command()
    return splitter.commands


class _Splitter:
    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self._words: list[str] = []
        self._pieces: list[str] | None = None
        self._redirected = False

    def take(self, token: _Token) -> None:
        match token.kind:
            case "newline" | "operator" | "bracket":
                self.end_command()
            case "blank" | "continuation" | "comment":
                self._end_word()
            case "duplication" | "here":
                self._end_word()
            case "redirection":
                self._end_word()
                self._redirected = True
            case "single":
                self._add(token.text[1:-1])
            case "double":
                self._add(_ESCAPE.sub(_unescaped, token.text[1:-1]))
            case "escape":
                self._add(token.text[1:])
            case _:
                self._add(token.text)

    def _add(self, piece: str) -> None:
        if self._pieces is None:
            self._pieces = []
        self._pieces.append(piece)

    def _end_word(self) -> None:
        if self._pieces is None:
            return
        if self._redirected:
            self._redirected = False
        else:
            self._words.append("".join(self._pieces))
        self._pieces = None

    def end_command(self) -> None:
        self._end_word()
        words = self._words
        self._words = []
        self._redirected = False
        start = 0
        while start < len(words) and words[start] in _LEADING:
            start += 1
        if start < len(words) and words[start] not in _NO_COMMANDS:
            self.commands.append(words[start:])


def _unescaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def _tokens(text: str) -> Iterator[_Token]:
    offset = 0
    before = "newline"
    here: list[str] = []
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None or match.lastgroup is None:
            return
        kind, end = match.lastgroup, match.end()
        if kind == "comment" and before not in _BEFORE_WORDS:
            kind, end = "plain", offset + 1
        elif kind == "open":
            kind, end = "word", _closing(text, end)
        elif kind == "here":
            here.append(match[0].lstrip("<-").strip(" \t\"'\\"))
        yield _Token(kind, text[offset:end], offset)
        if kind == "newline" and here:
            end = _after_bodies(text, end, here)
            here = []
        before = kind
        offset = end


def _closing(text: str, offset: int) -> int:
    """The offset after the bracket that closes the one before `offset`."""
    depth = 1
    for match in _NESTED.finditer(text, offset):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if not depth:
                return match.end()
    return len(text)


def _after_bodies(text: str, offset: int, delimiters: list[str]) -> int:
    for delimiter in delimiters:
        end = re.compile(rf"^[ \t]*{re.escape(delimiter)}[ \t\r]*$", re.MULTILINE)
        found = end.search(text, offset)
        if found is None:
            return len(text)
        offset = found.end()
    return offset
