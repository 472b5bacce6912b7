"""Variables of a Dockerfile, and what a text comes to with their defaults."""

from __future__ import annotations

import re

_REFERENCE = re.compile(
    r"""(?P<escaped>\\.)|(?P<quote>["'])
    |\$(?P<plain>[A-Za-z_]\w*)
    |\$\{(?P<name>[A-Za-z_]\w*)(?::?(?P<operator>[-+])(?P<word>(?:[^{}$]|\$\{[^{}]*\}|\$(?!\{))*))?\}
    |(?P<other>\$[\w({@*?\#!])""",
    re.DOTALL | re.VERBOSE,
)
_LONGEST = 10_000
"""Characters. What variables make longer than that counts as unknown."""


class Variables:
    """What is known of the variables at one point of a stage."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        self._values = values or {}

    def copy(self) -> Variables:
        return Variables(dict(self._values))

    def define(self, texts: dict[str, str]) -> None:
        """Takes the pairs of one instruction, which see the values from before it.

        A value with an unknown part makes its variable unknown.
        """
        values = {name: self.substitute(text) for name, text in texts.items()}
        for name, (value, resolved) in values.items():
            if resolved and len(value) <= _LONGEST:
                self._values[name] = _unquoted(value)
            else:
                self._values.pop(name, None)

    def adopt(self, names: list[str], other: Variables) -> None:
        """Takes over defaults, as `ARG name` does in a stage."""
        for name in names:
            if name in other._values:
                self._values[name] = other._values[name]

    def substitute(self, text: str) -> tuple[str, bool]:
        """The text with its variables put in, and whether none is left.

        Single quotes keep what is in them, as in a shell.
        """
        if "$" not in text:
            return text, True
        quote = ""
        resolved = True
        left = _LONGEST

        def written(match: re.Match[str]) -> str:
            nonlocal quote, resolved, left
            if match["quote"]:
                quote = _after(quote, match["quote"])
            elif quote != "'" and not match["escaped"]:
                found = self._value(match)
                left -= len(found or "")
                if found is not None and left > 0:
                    return found
                resolved = False
            return match[0]

        return _REFERENCE.sub(written, text), resolved

    def _value(self, match: re.Match[str]) -> str | None:
        """What a reference comes to; None when that is not known."""
        name = match["plain"] or match["name"]
        if name is None:
            return None
        value = self._values.get(name)
        if match["operator"] is None:
            return value
        if (match["operator"] == "-") == bool(value):
            return value or ""
        word, resolved = self.substitute(match["word"])
        return word if resolved else None


def _after(quote: str, mark: str) -> str:
    """Which quotes are open after a quotation mark, where `quote` was open before."""
    if not quote:
        return mark
    return "" if quote == mark else quote


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)
