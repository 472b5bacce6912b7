"""Finds credentials in any text, and masks them.

Literal strings gate the patterns, and runs of letters and digits gate the literal strings: most
texts hold no credential, and searching them must cost little beside parsing them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mlaudit.facts import pem
from mlaudit.facts._provider_gates import plausible
from mlaudit.facts.named_secrets import find_named
from mlaudit.facts.positions import Positions
from mlaudit.facts.providers import Provider, compiled, holds_checksum
from mlaudit.facts.records import Credential, Span
from mlaudit.facts.secrets import as_secret, digest, entropy, is_placeholder, is_secret_name, prefix

__all__ = [
    "Hit", "as_secret", "find_credentials", "find_hits", "is_placeholder", "is_secret_name",
    "redact", "to_credential", "vendor_of",
]  # fmt: skip


@cache
def vendor_of(provider: str) -> str:
    """Who issues what the table knows under an id; the id itself where it knows nothing."""
    from mlaudit.facts._providers import PROVIDERS

    return next((known.vendor for known in PROVIDERS if known.id == provider), provider)


class Hit(NamedTuple):
    """A credential by its offsets in a text."""

    start: int
    end: int
    provider: str
    local: bool = False
    name: str = ""


def find_credentials(text: str) -> tuple[Credential, ...]:
    """Tokens of known providers, passwords in URLs and private keys, in the order of the text."""
    hits = find_hits(text)
    if not hits:
        return ()
    positions = Positions(text)
    return tuple(to_credential(hit, text, _span(hit, positions)) for hit in hits)


def to_credential(
    hit: Hit, text: str, span: Span, virtual_line: int = 0, *, output: bool = False
) -> Credential:
    secret = text[hit.start : hit.end]
    return Credential(
        provider=hit.provider,
        span=span,
        prefix=prefix(secret),
        length=len(secret),
        digest=digest(secret),
        virtual_line=virtual_line,
        local=hit.local,
        name=hit.name,
        output=output,
    )


def _span(hit: Hit, positions: Positions) -> Span:
    line, column = positions.at(hit.start)
    end_line, end_column = positions.at(hit.end)
    return Span(line, column, end_line, end_column)


def find_hits(text: str) -> list[Hit]:
    """The same by offsets. Hits do not overlap; a provider's token wins over the URL around it."""
    hits: list[Hit] = []
    if pem.GATE in text:
        hits += [Hit(key.start, key.end, key.provider) for key in pem.find_keys(text)]
    for provider in plausible(text):
        hits += _tokens(text, provider)
    hits = _without_overlaps(sorted(hits))
    urls = [url for url in _urls(text) if not _overlaps(url, hits)]
    return sorted(hits + urls) if urls else hits


def _without_overlaps(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in hits:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _overlaps(hit: Hit, hits: list[Hit]) -> bool:
    """Whether one of the sorted `hits` shares a character with `hit`."""
    after = bisect_left(hits, (hit.end,))
    return after > 0 and hits[after - 1].end > hit.start


def _tokens(text: str, provider: Provider) -> Iterator[Hit]:
    for match in compiled(provider).finditer(text):
        if not provider.names and not _begins_word(text, match.start()):
            continue
        start, end = match.span(match.lastindex or 0)
        if _is_real(text[start:end], provider):
            yield Hit(start, end, provider.id)


_WORD_CHARACTER = re.compile(r"[A-Za-z0-9_]")


def _begins_word(text: str, start: int) -> bool:
    """Nothing before it belongs to it; the `n` of `\\n` in JSON does not."""
    before = text[max(0, start - 2) : start]
    if not _WORD_CHARACTER.match(before[-1:]):
        return True
    return before in ("\\n", "\\t", "\\r")


def _is_real(token: str, provider: Provider) -> bool:
    return (
        entropy(token) >= provider.entropy
        and not is_placeholder(token)
        and not token.startswith(provider.samples)
        and holds_checksum(provider, token)
    )


_AUTHORITY = re.compile(
    r"://([^\s:/@\"'`<>\\]{0,100}):([^\s/@\"'`<>\\]{1,200})@(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.${}-]+)"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*$")
_SCHEME_CHARS = 30
_TEMPLATE_PART = re.compile(r"[{}\[\]|^]|\$[A-Za-z({]|%[(s]|\*{2}")
_DOCUMENTED_HOST = re.compile(
    r"(?i:(?:.*\.)?example(?:\.[a-z]+)?|.*\.invalid|(?:my|your|some|the)?[-_.]?(?:db[-_]?)?"
    r"(?:host|hostname|server|servername|address|endpoint|domain|ip|url)(?:[-_.]?name)?"
    r"|(?:your|my|some)[-_.].*|(?:host|domain|server)\.(?:com|tld|org|net))"
)
_LOCAL_HOST = re.compile(
    r"(?i:127\.[0-9.]+|0\.0\.0\.0|\[::1?\]|localhost|[a-z0-9_-]+|host\.docker\.internal"
    r"|.*\.(?:local|localhost|localdomain|test))"
)


def _urls(text: str) -> Iterator[Hit]:
    at = text.find("://")
    while at >= 0:
        match = _AUTHORITY.match(text, at)
        if match and _SCHEME.search(text, max(0, at - _SCHEME_CHARS), at):
            yield from _url(match)
        at = text.find("://", at + 3)


def _url(match: re.Match[str]) -> Iterator[Hit]:
    _user, password, host = match.groups()
    # GitHub takes a token as user name, with this in the place of the password.
    group = 1 if password == "x-oauth-basic" else 2  # noqa: S105
    secret = match[group]
    if _TEMPLATE_PART.search(secret) or is_placeholder(secret):
        return
    if "$" in host or "{" in host or _DOCUMENTED_HOST.fullmatch(host):
        return
    yield Hit(*match.span(group), "url", _LOCAL_HOST.fullmatch(host) is not None)


_NAMED = re.compile(
    # `name = `, `name: str = `, `"name": `, `"name", `, `environ["name"] = `
    r"(?<![A-Za-z0-9_])(?P<name>[A-Za-z_][\w.-]{2,80})\\?[\"']?\]?"
    r"[ \t]*(?::[ \t]*[\w.\[\]| ]{1,30}=|[:=]|(?<=[\"']),)[ \t]*"
    # `"value"`, `default="value"`, `value`
    r"(?:(?:(?P<inner>\w{1,30})[ \t]*=[ \t]*)?[rbuf]?(?P<quote>\\?[\"'])"
    r"(?P<quoted>(?:(?!(?P=quote))[^\n])+)(?P=quote)|(?P<bare>[^\s\"'(){}\[\],;$<>]{6,})(?=\s|$))"
)
_NOUNS = re.compile(r"(?i:pass|pwd|pswd|secret|token|key|pat)")
_BARE_WORD = re.compile(r"[A-Za-z_][A-Za-z_.-]*|[0-9.]+|[A-Za-z_]\w*\.[\w.]+")


def redact(text: str) -> str:
    """The text with every credential as `hf_a…(37)`: how it begins, how long it is.

    So are values behind the name of a secret, which need not be credentials of a known kind, and
    the lines of a private key of which only a part is here. Lines keep their number.
    """
    for find in (_known, _named, pem.key_lines):
        text = _with_masks(text, find(text))
    return text


def _with_masks(text: str, spans: list[tuple[int, int]]) -> str:
    parts = []
    at = 0
    for start, end in spans:
        parts += [text[at:start], _mask(text[start:end])]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def _mask(secret: str) -> str:
    lines = secret.count("\n")
    return f"{prefix(secret)}…({len(secret)})" + "\n…" * lines


def _known(text: str) -> list[tuple[int, int]]:
    return [(hit.start, hit.end) for hit in find_hits(text)]


def _named(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    if not _NOUNS.search(text):
        return spans
    for match in _NAMED.finditer(text):
        name = match["inner"] or match["name"]
        if not is_secret_name(match["name"] if name in ("default", "value") else name):
            continue
        group = "quoted" if match["quoted"] else "bare"
        value = match[group]
        plain = group == "bare" and _BARE_WORD.fullmatch(value)
        if not plain and "…(" not in value and not is_placeholder(value):
            spans.append(match.span(group))
    return _with_options(text, spans)


def _with_options(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """And those that only scripts and configuration have: `--token value`."""
    for start, end, _ in find_named(text):
        value = text[start:end]
        if "…(" in value or "\n" in value or _BARE_WORD.fullmatch(value):
            continue
        if not any(a < end and start < b for a, b in spans):
            spans.append((start, end))
    return sorted(spans)
