"""Plain scalars of YAML 1.1, and what a record can hold of a value."""

from __future__ import annotations

import re
from typing import TypeAlias

Scalar: TypeAlias = "bool | int | float | str | None"

_LONGEST_NUMBER = 400
"""Characters. What is longer overflows a float, and would be slow to read."""

_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_WORDS: dict[str, bool | None] = {"": None, "~": None}
for _word, _value in {
    "null": None,
    "yes": True,
    "true": True,
    "on": True,
    "no": False,
    "false": False,
    "off": False,
}.items():
    _WORDS |= dict.fromkeys((_word, _word.capitalize(), _word.upper()), _value)

_NUMERIC_START = frozenset("+-.0123456789")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<binary>[01_]+)|0x(?P<hex>[0-9a-fA-F_]+)|(?P<octal>0[0-7_]+)"
    r"|(?P<sexagesimal>[1-9][0-9_]*(?::[0-5]?[0-9])+)|(?P<decimal>0|[1-9][0-9_]*))"
)
_BASES = {"binary": 2, "hex": 16, "octal": 8, "decimal": 10}
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|(?P<sexagesimal>[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)"
    r"|(?P<infinite>[-+]?\.(?:inf|Inf|INF))"
    r"|(?P<nan>\.(?:nan|NaN|NAN))"
)


def resolve(text: str) -> Scalar:
    """A plain scalar as PyYAML's safe loader reads it, but dates stay text.

    `1e-5` is text, as it is for that loader: YAML 1.1 wants a point in a float.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START or len(text) > _LONGEST_NUMBER:
        return text
    try:
        if match := _INTEGER.fullmatch(text):
            return _integer(match)
        if match := _FLOAT.fullmatch(text):
            return _float(match)
    except ValueError:
        pass  # `0x_` looks like a number and is none.
    return text


def storable(value: Scalar, text: str) -> Scalar:
    """`value`, or the nearest to it that MessagePack holds. `text` is the value as written."""
    if type(value) is int and not _LOWEST <= value <= _HIGHEST:
        try:
            return float(value)
        except OverflowError:
            return text
    return value


def without_surrogates(text: str) -> str:
    """Joins surrogate pairs; replaces lone ones, which no encoding can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _integer(match: re.Match[str]) -> Scalar:
    kind = match.lastgroup or ""
    digits = match[kind].replace("_", "")
    size = _sexagesimal(digits) if kind == "sexagesimal" else int(digits, _BASES[kind])
    return storable(-size if match["sign"] == "-" else size, match[0])


def _float(match: re.Match[str]) -> float:
    text = match[0].replace("_", "")
    negative = text.startswith("-")
    if match["sexagesimal"]:
        size = _sexagesimal(text.lstrip("+-"))
        return float(-size if negative else size)
    if match["infinite"]:
        return float("-inf" if negative else "inf")
    return float("nan") if match["nan"] else float(text)


def _sexagesimal(text: str) -> int | float:
    total: int | float = 0
    for part in text.split(":"):
        total = total * 60 + (float(part) if "." in part else int(part))
    return total
