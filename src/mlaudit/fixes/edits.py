"""Edits as values, and what they make of files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from mlaudit.repo.model import Kind


class Edit(NamedTuple):
    """Characters from `start` up to `end`, from 0, that make way for `text`.

    They count in the text of the file, without a byte order mark and with its own line ends.
    """

    start: int
    end: int
    text: str


class Fix(Struct, frozen=True):
    """The edits that mend one finding: all of them, or none."""

    path: str
    rule: str
    edits: tuple[Edit, ...]


class Change(Struct, frozen=True):
    """A file before and after all fixes."""

    path: str
    before: bytes | None
    """None for a file that is not there yet."""
    after: bytes


class Shown(Struct, frozen=True):
    """The same for the eyes: secrets are masked."""

    path: str
    kind: Kind
    before: str
    after: str


class Unwritten(Struct, frozen=True):
    """A file that was left as it is, and why."""

    path: str
    reason: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits that do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
