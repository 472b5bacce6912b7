"""Private keys in PEM form, whole or in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.secrets import entropy
from mlaudit.patterns import Gated

GATE = "PRIVATE KEY"

_BEGIN = Gated(r"-----BEGIN ([A-Z0-9]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----")
_END = Gated(r"-----END (?:[A-Z0-9]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----")
_LONGEST = 30_000
"""Characters in which the end of a key is looked for: RSA keys of 16,384 bits have 13,000."""

_ESCAPED_BREAK = re.compile(r"\\[nrt]")
_DATA = Gated(r"[A-Za-z0-9+/]{40,}")
_NOT_DATA = re.compile(r"[^A-Za-z0-9+/]+")
_ROWS = Gated(r"(?:[\s\"',+\\|>]|\\n)*(?:[A-Za-z0-9+/=]{16,}(?:\\n|[\s\"',+\\|>])*)+")
_LEAST_ENTROPY = 4.0
_LEAST_DATA = 60

_OPENSSH = "b3BlbnNzaC1rZXktdjEA"
_OPENSSH_PLAIN = _OPENSSH + "AAAABG5vbmU"
"""Base64 of the format's magic word, then of the length and the name of the cipher `none`."""

_KEY_LINE = Gated(
    r"(?m)^[ \t\"']*(?=[^\n]{0,100}[a-z])(?=[^\n]{0,100}[A-Z])([A-Za-z0-9+/]{64})"
    r"(?:\\n)?[\"',+ \t\r]*$"
)


class Key(NamedTuple):
    start: int
    end: int
    provider: str
    """`private-key`, or where it opens only with a passphrase `encrypted-private-key`."""


def find_keys(text: str) -> Iterator[Key]:
    """Keys with their headers. A header alone, as in code that looks for keys, is none."""
    at = 0
    while begin := _BEGIN.search(text, at):
        at = begin.end()
        end = _END.search(text, at, at + _LONGEST)
        if end is None:
            rows = _ROWS.match(text, at, at + _LONGEST)
            stop = body_end = rows.end() if rows else at
        else:
            body_end, stop = end.start(), end.end()
        body = text[at:body_end]
        if _is_key(body):
            encrypted = _is_encrypted(begin[0], body)
            yield Key(begin.start(), stop, "encrypted-private-key" if encrypted else "private-key")
            at = stop


def _is_key(body: str) -> bool:
    plain = _ESCAPED_BREAK.sub("\n", body)
    if not _DATA.search(plain):
        return False
    data = _NOT_DATA.sub("", plain)
    return len(data) >= _LEAST_DATA and entropy(data) >= _LEAST_ENTROPY


def _is_encrypted(header: str, body: str) -> bool:
    if "ENCRYPTED" in header or "ENCRYPTED" in body:
        return True
    return _OPENSSH in body and _OPENSSH_PLAIN not in body


def key_lines(text: str) -> list[tuple[int, int]]:
    """Full lines of base64 that can only be a piece of a key, certificate or the like."""
    return [match.span(1) for match in _KEY_LINE.finditer(text)]
