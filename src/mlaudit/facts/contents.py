"""What readers of configuration and scripts have in common: text in, secrets out.

What a reader is not given cannot leak: every secret is blanked before anything is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from mlaudit.facts.credentials import Hit, find_hits, to_credential
from mlaudit.facts.named_secrets import find_named
from mlaudit.facts.positions import Positions
from mlaudit.facts.records import Credential, FileFacts, Problem, Span
from mlaudit.facts.secrets import is_development_secret
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.facts.suppressions import find_comment_suppressions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlaudit.facts.source import Reader

LONGEST_NAMED = 2_000_000
"""Characters; what is longer is data rather than configuration, and has few names."""

_VISIBLE = re.compile(r"\S")


class Cleaned(NamedTuple):
    text: str
    """As long as the original, with `x` for every character of a secret."""
    credentials: tuple[Credential, ...]


def read_contents(source: Source, extract: Callable[[str], FileFacts]) -> FileFacts:
    """What `extract` makes of the text, with the credentials and suppressions in it.

    `extract` is given a text of the same length in which every secret is blanked.
    """
    file = source.file
    try:
        text, credentials = cleaned(source.text)
    except UnreadableError as error:
        return FileFacts(file.path, file.kind, problems=(Problem(str(error)),))
    facts = extract(text)
    found = find_comment_suppressions(text)
    return replace(
        facts,
        credentials=credentials,
        suppressions=found.suppressions,
        problems=(*facts.problems, *found.problems),
    )


def read_without_secrets(source: Source, reader: Reader) -> FileFacts:
    """What a reader that looks for no secrets makes of the file, with the credentials and
    suppressions in it."""
    try:
        text, credentials = cleaned(source.text)
    except UnreadableError:
        return reader(source)
    if credentials:
        source = Source(source.file, text.encode("utf-8", "surrogatepass"))
    facts = reader(source)
    found = find_comment_suppressions(text)
    if not (credentials or found.suppressions or found.problems):
        return facts
    return replace(
        facts,
        credentials=credentials,
        suppressions=facts.suppressions or found.suppressions,
        problems=tuple(dict.fromkeys((*facts.problems, *found.problems))),
    )


def cleaned(text: str) -> Cleaned:
    """The text without its secrets: those of known kinds, and those that their names tell."""
    hits = find_hits(text)
    if len(text) <= LONGEST_NAMED:
        hits = sorted([*hits, *_named(text, hits)])
    if not hits:
        return Cleaned(text, ())
    at = Positions(text).at
    spans = (Span(*at(hit.start), *at(hit.end)) for hit in hits)
    credentials = (to_credential(hit, text, span) for hit, span in zip(hits, spans, strict=True))
    return Cleaned(_blank(text, hits), tuple(credentials))


def _named(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """Those that are not part of a known one, nor hold one."""
    found = []
    for start, end, name in find_named(text):
        if not any(hit.start < end and start < hit.end for hit in hits):
            local = is_development_secret(text[start:end])
            found.append(Hit(start, end, "named", local, name))
    return found


def _blank(text: str, hits: Sequence[Hit]) -> str:
    """With `x` in the place of secrets: `*` would be an alias in YAML."""
    parts = []
    done = 0
    for hit in hits:
        parts += [text[done : hit.start], _VISIBLE.sub("x", text[hit.start : hit.end])]
        done = hit.end
    return "".join([*parts, text[done:]])
