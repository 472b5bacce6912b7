"""Helpers of the tests of manifests and locks."""

from __future__ import annotations

from mlaudit.facts.reading import Readers
from mlaudit.facts.records import Dependency, FileFacts, Manifest
from mlaudit.facts.source import Source
from mlaudit.repo.kinds import kind_of
from mlaudit.repo.model import Context, File

_READERS = Readers()


def read(path: str, content: str | bytes) -> FileFacts:
    """Facts by the reader that the file's name selects."""
    data = content.encode() if isinstance(content, str) else content
    kind = kind_of(path)
    return _READERS[kind](Source(File(path, kind, Context.CONFIG), data))


def manifest_of(path: str, content: str | bytes) -> Manifest:
    manifest = read(path, content).manifest
    assert manifest is not None
    return manifest


def only(manifest: Manifest) -> Dependency:
    (dependency,) = manifest.dependencies
    return dependency


def said(manifest: Manifest, group: str | None = None) -> dict[str, str]:
    """Specifiers by name, of one group or of all."""
    return {
        one.name: one.specifier
        for one in manifest.dependencies
        if group is None or one.group == group
    }


def spanned(content: str, dependency: Dependency) -> str:
    """The text that the span covers."""
    span = dependency.span
    assert span.end_line in (0, span.line)
    line = content.splitlines()[span.line - 1]
    return line[span.column - 1 : span.end_column - 1 if span.end_column else None]
