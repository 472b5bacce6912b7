"""What the readers of YAML, TOML and JSON have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.document_commands import document_commands
from mlaudit.facts.records import Document, FileFacts, Problem
from mlaudit.facts.source import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlaudit.facts.source import Source


def read_document(
    source: Source, parse: Callable[[str], tuple[Document, tuple[Problem, ...]]]
) -> FileFacts:
    """The document, and the commands that it says to run."""
    path, kind = source.file.path, source.file.kind
    try:
        text = source.text
    except UnreadableError as error:
        return FileFacts(path, kind, problems=(Problem(str(error)),))
    document, problems = parse(text)
    commands = document_commands(path, document, text)
    return FileFacts(path, kind, document=document, commands=commands, problems=problems)
