"""Regular expressions that are compiled when a text might fit them.

To compile all that mlaudit knows takes longer than to check a small repository, whose texts fit
few of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|\d+|[^.])")
_SET = re.compile(r"\[\^?\]?[^]]*\]")
_REPEATED = re.compile(r"\{[^}]*\}")
_SURE = re.compile(r"\((?:\?:|\?P<\w+>)?((?!\?)[^()|]*)\)(?![?*{])")
"""A group that takes part in every match, with one way to fit it."""
_GROUP = re.compile(r"\([^()]*\)")
_PLAIN = re.compile(r"(?:[\w #%&~'\":;<>@=!,/\x01-](?![?*{]))+")
_FLAGS = re.compile(r"\(\?[a-z]*[ix]")
_DOT = "\x01"


class Gated:
    """An expression whose longest literal part is looked for first, which is far cheaper.

    Not where only a part of the text is searched: the literal may stand far away from it.
    """

    __slots__ = ("_compiled", "_flags", "_literal", "expression")

    def __init__(self, expression: str, flags: int = 0) -> None:
        self.expression = expression
        self._flags = flags
        self._literal: str | None = None
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str, *span: int) -> re.Match[str] | None:
        return self._asked().search(text, *span) if span or self.may_fit(text) else None

    def match(self, text: str, *span: int) -> re.Match[str] | None:
        return self._asked().match(text, *span) if span or self.may_fit(text) else None

    def fullmatch(self, text: str, *span: int) -> re.Match[str] | None:
        return self._asked().fullmatch(text, *span) if span or self.may_fit(text) else None

    def finditer(self, text: str, *span: int) -> Iterator[re.Match[str]]:
        return self._asked().finditer(text, *span) if span or self.may_fit(text) else iter(())

    def may_fit(self, text: str) -> bool:
        """Whether the text holds the literal; if not, nothing in it fits."""
        if self._literal is None:
            foldable = self._flags & (re.IGNORECASE | re.VERBOSE)
            self._literal = "" if foldable else literal_in(self.expression)
        return self._literal in text

    def _asked(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.expression, self._flags)
        return self._compiled


def literal_in(expression: str) -> str:
    """A text, as long as can be told simply, that all that fits the expression holds."""
    if _FLAGS.search(expression):
        return ""
    bare = _ESCAPE.sub("\0", expression).replace(r"\.", _DOT)
    bare = _REPEATED.sub("{", _SET.sub("\0", bare))
    while _GROUP.search(bare):
        opened = _SURE.sub("\0\\1\0", bare)
        bare = opened if opened != bare else _GROUP.sub("\0", bare)
    if "|" in bare:
        return ""
    return max(_PLAIN.findall(bare), key=len, default="").replace(_DOT, ".")
