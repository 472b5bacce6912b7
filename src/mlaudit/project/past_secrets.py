"""Files of the past in which secrets stand that the files of today no longer have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from mlaudit.facts.blob_credentials import credential_facts, may_hold_credentials
from mlaudit.facts.records import FileFacts
from mlaudit.repo.contexts import context_of
from mlaudit.repo.history import History, PastBlob
from mlaudit.repo.kinds import kind_of
from mlaudit.repo.model import File


class PastSecrets(NamedTuple):
    """What one content of the past says of secrets, each told in one of them only."""

    file: File
    commit: str
    """The one that brought the content."""
    facts: FileFacts


def past_secrets(history: History, today: Mapping[str, FileFacts]) -> list[PastSecrets]:
    """Every content that was ever committed and is gone, looked at once, the oldest first.

    A secret that still stands in a file of today is told there. One that several versions of a file
    have is told of the first.
    """
    told = {one.digest for facts in today.values() for one in facts.credentials}
    found = sorted(_read(history), key=lambda one: -one[0])
    kept = []
    for _, past in found:
        new = {one.digest: one for one in reversed(past.facts.credentials)}
        first = tuple(one for digest, one in reversed(new.items()) if digest not in told)
        if first:
            told.update(new)
            kept.append(past._replace(facts=replace(past.facts, credentials=first)))
    return kept


def _read(history: History) -> Iterator[tuple[int, PastSecrets]]:
    """With the number of each in the history, which begins with the newest."""
    gone = {blob.oid: (number, blob) for number, blob in _worth_reading(history)}
    for oid, data in history.contents(gone):
        number, blob = gone[oid]
        kind = kind_of(blob.path)
        file = File(blob.path, kind, context_of(blob.path, kind), len(data), oid=oid)
        facts = credential_facts(file, data)
        if facts is not None:
            yield number, PastSecrets(file, blob.commit, facts)


def _worth_reading(history: History) -> Iterator[tuple[int, PastBlob]]:
    for number, blob in enumerate(history.blobs):
        if not blob.at_head and may_hold_credentials(kind_of(blob.path), blob.size):
            yield number, blob
