"""Text of the audited repository, made harmless for where it is shown.

Everything that a report shows goes through one of these: messages, paths, source and reasons hold
what a stranger wrote.
"""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # terminal control, line ends
    "\xad\u061c\u180e\u200b\u200e\u200f"  # invisible, direction marks
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # line ends, overrides, isolates
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U000e0000-\U000e007f"  # tags: invisible copies of ASCII
    "]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_MARKUP = re.compile(r"[!#$&()*+\-.:<>@\[\\\]_`{|}~]")
_HTML = {"&": "&amp;", "<": "&lt;"}
_BACKTICKS = re.compile(r"`+")
_CODE = re.compile(r"`([^`]+)`")


def terminal(text: str) -> str:
    """One line without anything that a terminal obeys or that changes what is read.

    Control characters, line ends, direction overrides, invisible characters and lone surrogates
    become `\\x1b`, `\\u202e` ... as Python writes them. So does the bracket of `##[`, which the
    runner of GitHub Actions takes for a command wherever it stands in a line.
    """
    return _UNPRINTABLE.sub(_written, text).replace("##[", "##\\x5b")


def _written(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return {9: "\\t", 10: "\\n", 13: "\\r"}.get(code, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def encodable(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, so that it can be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def markdown(text: str) -> str:
    """Text for GitHub's Markdown, in a paragraph or a table cell: nothing in it is markup."""
    return _MARKUP.sub(lambda match: _HTML.get(match[0], f"\\{match[0]}"), terminal(text))


def markdown_code(text: str) -> str:
    """Text as a Markdown code span that also fits into a table cell."""
    # A table splits at pipes before it looks for code, and there alone a backslash helps.
    clean = terminal(text).replace("|", "\\|") or " "
    longest = max(map(len, _BACKTICKS.findall(clean)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if clean[0] in "` " or clean[-1] in "` " else ""
    return f"{fence}{padding}{clean}{padding}{fence}"


def markdown_prose(text: str) -> str:
    """Folded text in which words between backticks are code, and nothing else is markup."""
    pieces = _CODE.split(" ".join(text.split()))
    return "".join(
        markdown_code(piece) if number % 2 else markdown(piece)
        for number, piece in enumerate(pieces)
    )


def html(text: str) -> str:
    """Text for an HTML element or a quoted attribute."""
    from html import escape

    return escape(terminal(text), quote=True)


def workflow_data(text: str) -> str:
    """The message of a GitHub workflow command. Line feeds are kept, as the command writes them."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "%0A".join(terminal(line).replace("%", "%25") for line in lines)


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command, such as its `file`."""
    clean = terminal(text).replace("%", "%25")
    return clean.replace(":", "%3A").replace(",", "%2C")


def uri_path(path: str) -> str:
    """A path with `/` as a relative URI reference."""
    from urllib.parse import quote

    return quote(_NO_BYTE.sub("\ufffd", path).encode("utf-8", "surrogateescape"), safe="/")
