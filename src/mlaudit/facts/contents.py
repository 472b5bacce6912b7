"""What readers of configuration and scripts have in common: text in, secrets out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mlaudit.facts.credentials import Hit, find_hits, to_credential
from mlaudit.facts.positions import Positions
from mlaudit.facts.records import Credential, FileFacts, Problem, Span
from mlaudit.facts.source import UnreadableError
from mlaudit.facts.suppressions import find_comment_suppressions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlaudit.facts.source import Source

_NOT_BREAK = re.compile(r"[^\r\n]")


def read_contents(source: Source, extract: Callable[[str], FileFacts]) -> FileFacts:
    """What `extract` makes of the text, with the credentials and suppressions in it.

    `extract` is given a text of the same length in which every credential is blanked.
    """
    file = source.file
    try:
        text = source.text
    except UnreadableError as error:
        return FileFacts(file.path, file.kind, problems=(Problem(str(error)),))
    hits = find_hits(text)
    facts = extract(_blank(text, hits))
    found = find_comment_suppressions(text)
    return replace(
        facts,
        credentials=_credentials(text, hits),
        suppressions=found.suppressions,
        problems=(*facts.problems, *found.problems),
    )


def _blank(text: str, hits: list[Hit]) -> str:
    """With `x` in the place of secrets: `*` would be an alias in YAML."""
    for hit in hits:
        secret = text[hit.start : hit.end]
        text = text[: hit.start] + _NOT_BREAK.sub("x", secret) + text[hit.end :]
    return text


def _credentials(text: str, hits: list[Hit]) -> tuple[Credential, ...]:
    if not hits:
        return ()
    positions = Positions(text)
    return tuple(
        to_credential(hit, text, Span(*positions.at(hit.start), *positions.at(hit.end)))
        for hit in hits
    )
