"""What the readers of YAML, TOML and JSON have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.contents import read_contents
from mlaudit.facts.document_commands import document_commands
from mlaudit.facts.records import Document, FileFacts, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlaudit.facts.source import Source


def read_document(
    source: Source, parse: Callable[[str], tuple[Document, tuple[Problem, ...]]]
) -> FileFacts:
    """The document, and the commands that it says to run."""
    path, kind = source.file.path, source.file.kind

    def extract(text: str) -> FileFacts:
        document, problems = parse(text)
        commands = document_commands(path, document, text)
        return FileFacts(path, kind, document=document, commands=commands, problems=problems)

    return read_contents(source, extract)
