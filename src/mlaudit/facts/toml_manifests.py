"""What the readers of manifests in TOML have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mlaudit.facts.document_commands import document_commands
from mlaudit.facts.records import FileFacts, Manifest, Problem
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.facts.trees import Tree

Problems: TypeAlias = tuple[Problem, ...]


def read_toml_manifest(
    source: Source, describe: Callable[[Tree, Problems], tuple[Manifest | None, Problems]]
) -> FileFacts:
    """The document, its commands, and the manifest that `describe` makes of it.

    `describe` is told what of the document could not be read, and says what else could not be.
    """
    from mlaudit.facts.toml_document import parse_toml

    file = source.file
    try:
        document, unreadable = parse_toml(source.text)
    except UnreadableError as error:
        return FileFacts(file.path, file.kind, problems=(Problem(str(error)),))
    manifest, more = describe(Tree(document), unreadable)
    return FileFacts(
        file.path,
        file.kind,
        document=document,
        manifest=manifest,
        commands=document_commands(file.path, document, source.text),
        problems=(*unreadable, *more),
    )
