""".env files: which names are set, and whether to something real. Values are never kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlaudit.facts.contents import read_contents
from mlaudit.facts.positions import Positions
from mlaudit.facts.records import FileFacts, Setting, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlaudit.facts.source import Source

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*")
_QUOTED = re.compile(r"""'([^']*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|`([^`]*)`""", re.DOTALL)
_COMMENT = re.compile(r"(?:^|[ \t])#")


def read_dotenv(source: Source) -> FileFacts:
    """The settings of the file, in its order; a quoted value may span lines."""
    path, kind = source.file.path, source.file.kind

    def extract(_: str) -> FileFacts:
        # The true text, not the one with credentials blanked: a blank is no real value.
        return FileFacts(path, kind, settings=tuple(_settings(source.text)))

    return read_contents(source, extract)


def _settings(text: str) -> Iterator[Setting]:
    from mlaudit.facts.secrets import is_placeholder

    at = Positions(text).at
    offset = 0
    unclosed: set[str] = set()
    while offset < len(text):
        end_of_line = text.find("\n", offset)
        end = len(text) if end_of_line < 0 else end_of_line
        name = _NAME.match(text, offset, end)
        if name is not None:
            start = name.end()
            value_start, value_end, end = _value(text, start, end, unclosed)
            line, column = at(value_start)
            end_line, end_column = at(value_end)
            value = text[value_start:value_end]
            span = Span(line, column, 0 if end_line == line else end_line, end_column)
            yield Setting(name["name"], span, len(value), is_placeholder(value))
        offset = end + 1


def _value(text: str, start: int, end: int, unclosed: set[str]) -> tuple[int, int, int]:
    """Where the value begins and ends, and where its last line ends."""
    mark = text[start : start + 1]
    if mark and mark in "'\"`" and mark not in unclosed:
        quoted = _QUOTED.match(text, start)
        if quoted is not None:
            after = text.find("\n", quoted.end())
            return start + 1, quoted.end() - 1, len(text) if after < 0 else after
        # Searched for once: a file full of open quotes must not be read to its end each time.
        unclosed.add(mark)
    comment = _COMMENT.search(text, start, end)
    value = text[start : comment.start() if comment else end].rstrip()
    return start, start + len(value), end
