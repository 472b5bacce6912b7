"""Which providers' credentials a text may hold: asked with fast searches for fixed strings.

Three things must stand in a text that holds a credential: characters of its shape in a row, one of
its stems and one of its gates. What providers have in common is asked once.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from mlaudit.facts.providers import Provider

_ALNUM = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLASSES = {"a": _ALNUM, "h": b"0123456789abcdef", "b": _ALNUM + b"+/"}
_KEPT = {"a": b"_-", "h": b"", "b": b""}
_REPEATED = re.compile(r"(.)\{(\d+)\}")


class _Asked(NamedTuple):
    """Providers that a text is asked for together."""

    stems: tuple[str, ...]
    gates: tuple[tuple[str, tuple[Provider, ...]], ...]


class _Shape(NamedTuple):
    letter: str
    """Of the class of characters that are made equal."""
    characters: bytes
    asked: tuple[_Asked, ...]


def plausible(text: str) -> dict[Provider, None]:
    """The providers of whose credentials the text may hold one."""
    shapes: dict[str, bytes] = {}
    data = b""
    found: dict[Provider, None] = {}
    known: dict[str, bool] = {}
    for letter, characters, asked in _shapes():
        if letter and letter not in shapes:
            data = data or text.encode("utf-8", "replace")
            shapes[letter] = data.translate(_table(letter))
        if letter and characters not in shapes[letter]:
            continue
        for stems, gates in asked:
            if stems and not _any(stems, text, known):
                continue
            for gate, providers in gates:
                if gate in text:
                    found |= dict.fromkeys(providers)
    return found


def _any(stems: tuple[str, ...], text: str, known: dict[str, bool]) -> bool:
    for stem in stems:
        held = known.get(stem)
        if held is None:
            held = known[stem] = stem in text
        if held:
            return True
    return False


@cache
def _table(letter: str) -> bytes:
    """Makes all characters of a class equal, so that one fast search finds a run of any of them."""
    equal, kept = _CLASSES[letter], _KEPT[letter]
    codes = (ord(letter) if c in equal else c if c in kept else ord(" ") for c in range(256))
    return bytes(codes)


@cache
def _shapes() -> tuple[_Shape, ...]:
    from mlaudit.facts._providers import PROVIDERS

    tree: dict[str, dict[tuple[str, ...], dict[str, list[Provider]]]] = {}
    for provider in PROVIDERS:
        gates = tree.setdefault(provider.shape, {}).setdefault(provider.stems, {})
        for gate in provider.gates:
            gates.setdefault(gate, []).append(provider)
    return tuple(_shape(shape, asked) for shape, asked in tree.items())


def _shape(shape: str, asked: dict[tuple[str, ...], dict[str, list[Provider]]]) -> _Shape:
    characters = _REPEATED.sub(lambda match: match[1] * int(match[2]), shape).encode()
    rows = (
        _Asked(stems, tuple((gate, tuple(providers)) for gate, providers in gates.items()))
        for stems, gates in asked.items()
    )
    return _Shape(shape.strip("_-")[:1], characters, tuple(rows))
