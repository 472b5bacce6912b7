"""Lines of .gitignore, .dockerignore and the like, and of .gitattributes."""

from __future__ import annotations

import re

from mlaudit.facts.records import FileFacts, Pattern, Problem
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.repo.model import Kind

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def read_patterns(source: Source) -> FileFacts:
    """The patterns as written, `!` and escapes included, each with its line.

    A line of attributes carries them as written, too: `filter=lfs`, `-text`, `!eol`. A macro
    stands under its name, `[attr]binary`.
    """
    file = source.file
    try:
        text = source.text
    except UnreadableError as error:
        return FileFacts(path=file.path, kind=file.kind, problems=(Problem(str(error)),))
    parse = _attributes if file.kind is Kind.ATTRIBUTES else _ignored
    parsed = (parse(line, number) for number, line in enumerate(text.split("\n"), start=1))
    patterns = tuple(pattern for pattern in parsed if pattern)
    return FileFacts(path=file.path, kind=file.kind, patterns=patterns)


def _ignored(line: str, number: int) -> Pattern | None:
    line = line.removesuffix("\r")
    pattern = line.rstrip(" \t")
    if pattern.endswith("\\"):  # the blank behind it is meant
        pattern = line[: len(pattern) + 1]
    return Pattern(pattern, number) if pattern and not pattern.startswith("#") else None


def _attributes(line: str, number: int) -> Pattern | None:
    line = line.strip(" \t\r")
    quoted = _QUOTED.match(line)
    if quoted:
        pattern, rest = _ESCAPE.sub(_character, quoted[1]), line[quoted.end() :]
    else:
        pattern, _, rest = line.replace("\t", " ").partition(" ")
    if not pattern or pattern.startswith("#"):
        return None
    return Pattern(pattern, number, tuple(rest.split()))


def _character(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "01234567":
        return chr(int(code, 8))
    return _ESCAPES.get(code, code)
