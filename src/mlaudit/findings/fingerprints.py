"""What makes a finding the same finding after lines moved."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection
from itertools import accumulate

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END_OF_FILE = "\uffff"
_BLANKS = str.maketrans("", "", " \t")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def fingerprint(rule: str, path: str, identity: str, occurrence: int) -> str:
    """Sixteen hex digits for a finding's content.

    `identity` is what the finding is about, or the text at its place with secrets masked already.
    White space is folded, so that formatting changes nothing. No line number enters; equal
    findings of a file are told apart by `occurrence`, from 1 in the order of the file.
    """
    folded = " ".join(identity.split())
    parts = "\0".join((rule, path, folded, str(occurrence)))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Occurrences:
    """Numbers equal findings of a file in the order in which they come."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def fingerprint(self, rule: str, path: str, identity: str) -> str:
        key = (rule, path, " ".join(identity.split()))
        self._seen[key] += 1
        return fingerprint(*key, self._seen[key])


def line_hashes(text: str, lines: Collection[int]) -> dict[int, str]:
    """`primaryLocationLineHash` of the lines asked for, as GitHub's upload action computes it.

    The method is that of `src/fingerprints.ts` in github/codeql-action. Blanks and tabs are left
    out and every line end is one line feed. The hash of a line is the polynomial in 37, modulo
    2**64, over the 100 UTF-16 code units from the start of the line on; 0xFFFF stands for the end
    of the file, and zeros fill up behind it. A colon and a number follow: how many lines up to
    this one have that hash.

    The action rolls the hash over all characters. Here equal windows are counted as strings and
    the polynomial is worked out for the asked lines only, which gives the same unless two
    different windows collide in 64 bits.

    `text` is the file as decoded, with its byte order mark; lines count from 1, and those that
    the file has not are left out.
    """
    units = _normalise(text)
    behind = accumulate(map(len, units.split("\n")), initial=0)
    starts = [length + number for number, length in enumerate(behind)][:-1]
    asked = {number for number in lines if 1 <= number <= len(starts)}
    wanted = {units[start : start + _WINDOW] for start in (starts[n - 1] for n in asked)}
    seen: Counter[str] = Counter()
    hashes: dict[int, str] = {}
    for number, start in enumerate(starts[: max(asked, default=0)], 1):
        window = units[start : start + _WINDOW]
        if window in wanted:
            seen[window] += 1
            if number in asked:
                hashes[number] = f"{_polynomial(window):x}:{seen[window]}"
    return hashes


def _normalise(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_BLANKS) if text.isascii() else text.replace(" ", "").replace("\t", "")
    return _ASTRAL.sub(_surrogates, text) + _END_OF_FILE


def _surrogates(match: re.Match[str]) -> str:
    offset = ord(match[0]) - 0x10000
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def _polynomial(window: str) -> int:
    value = 0
    for unit in window:
        value = (value * _BASE + ord(unit)) & _MASK
    return value * pow(_BASE, _WINDOW - len(window), 1 << 64) & _MASK
