"""`credential: {build: ...}`: files that images, pipelines and clusters are made from.

build:
  - dockerfile: true
  - file: [GLOBS]                    # by path
    beside: Chart.yaml               # and only with such a file in its folder
  - keys: [apiVersion, kind]         # YAML in which one document has all of these at its top
sealed:                              # values in such documents are encrypted, or names of secrets
  keys: [sops]
  kinds: [SealedSecret]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlaudit.facts.records import Credential, Document, FileFacts
from mlaudit.rules.matchers import paths
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project


class BuildFiles:
    """Tells which secrets of which files count."""

    def __init__(self, build: Any, sealed: Any) -> None:
        self._places = [_Place(entry) for entry in build]
        data = paths.known(sealed or {}, "keys", "kinds")
        self._sealing_keys = frozenset(words(data.get("keys", [])))
        self._sealed_kinds = frozenset(words(data.get("kinds", [])))

    def holds(self, project: Project, facts: FileFacts) -> bool:
        return any(place.fits(project, facts) for place in self._places)

    def is_open(self, facts: FileFacts, credential: Credential) -> bool:
        """Whether the value stands in a document that is not sealed."""
        if facts.document is None:
            return True
        tops = _tops(facts.document)
        top = tops.get(_number(facts.document, credential.span.line), {})
        return self._sealing_keys.isdisjoint(top) and top.get("kind") not in self._sealed_kinds


class _Place:
    def __init__(self, data: Any) -> None:
        known: Mapping[str, Any] = paths.known(data, "dockerfile", "file", "beside", "keys")
        self._dockerfile = known.get("dockerfile") is True
        self._by_path = paths.glob(words(known.get("file", [])))
        self._beside = known.get("beside", "")
        self._keys = frozenset(words(known.get("keys", [])))

    def fits(self, project: Project, facts: FileFacts) -> bool:
        if self._dockerfile:
            return facts.dockerfile is not None
        if self._keys:
            document = facts.document
            return document is not None and any(
                self._keys <= top.keys() for top in _tops(document).values()
            )
        folder = facts.path.rpartition("/")[0]
        beside = f"{folder}/{self._beside}".lstrip("/")
        return self._by_path(facts.path) and (not self._beside or beside in project.files)


def _tops(document: Document) -> dict[int, dict[str, Any]]:
    """Keys and values at the top of each document of a stream."""
    tops: dict[int, dict[str, Any]] = {}
    for entry in document.entries:
        if len(entry.path) == 1:
            tops.setdefault(entry.document, {})[str(entry.path[0])] = entry.value
    return tops


def _number(document: Document, line: int) -> int:
    """Which document of the stream a line belongs to."""
    before: Iterator[int] = (entry.document for entry in document.entries if entry.line <= line)
    return max(before, default=0)
