"""TOML documents, flattened. The standard parser decides validity and values; it knows no
positions, so a scanner of ours walks the text beside what it parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.documents import read_document
from mlaudit.facts.records import Document, FileFacts, Problem
from mlaudit.facts.standard_toml import load_toml
from mlaudit.facts.templates import MASK, Masked, has_placeholder

if TYPE_CHECKING:
    from mlaudit.facts.source import Source

MAX_SIZE = 10_000_000
"""Characters; the parser takes seconds for more."""


def read_toml(source: Source) -> FileFacts:
    """A TOML document, flattened, with the commands that it says to run."""
    return read_document(source, parse_toml)


def parse_toml(text: str) -> tuple[Document, tuple[Problem, ...]]:
    """The document, and why it, or a part of it, could not be read.

    A document beyond the limits is cut there, with a problem; one that is no TOML has no entries,
    and no problem where placeholders of a template engine are the reason.
    """
    from mlaudit.facts.toml_scanner import Scanner, TooLargeError

    if len(text) > MAX_SIZE:
        return Document("toml"), (Problem(f"longer than {MAX_SIZE} characters"),)
    masked = None
    data = load_toml(text)
    if isinstance(data, Problem):
        if not has_placeholder(text):
            return Document("toml"), (data,)
        masked = Masked(text)
        data = load_toml(masked.text)
        if isinstance(data, Problem):
            return Document("toml", template=True), ()
    scanner = Scanner(text if masked is None else masked.text, data, masked)
    problems: tuple[Problem, ...] = ()
    try:
        scanner.run()
    except TooLargeError as error:
        problems = (Problem(str(error), error.line),)
    entries = scanner.entries
    if masked is not None:
        entries = [entry for entry in entries if MASK not in "".join(map(str, entry.path))]
    return Document("toml", tuple(entries), template=masked is not None), problems
