"""Kubernetes objects, as documents have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.records import Entry, FileFacts


class Thing(NamedTuple):
    """A Kubernetes object: its group and kind, and what is written below it."""

    path: str
    group: str
    """`argoproj.io`, `apps`; the version of the core group."""
    name: str
    """`Rollout`"""
    line: int
    entries: tuple[Entry, ...]

    @property
    def kind(self) -> str:
        """`argoproj.io/Rollout`; the version is left out."""
        return f"{self.group}/{self.name}"


def things(facts: FileFacts) -> Iterator[Thing]:
    """The objects of a file. A template has none: what it makes is not known."""
    document = facts.document
    if document is None or document.template:
        return
    groups = {
        entry.document: str(entry.value).partition("/")[0]
        for entry in document.entries
        if entry.path == ("apiVersion",)
    }
    for entry in document.entries if groups else ():
        if entry.path == ("kind",) and entry.document in groups:
            own = tuple(one for one in document.entries if one.document == entry.document)
            yield Thing(facts.path, groups[entry.document], str(entry.value), entry.line, own)
