"""Issuers of credentials, as `rules/apis/credential-providers.yaml` describes them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Provider(NamedTuple):
    """How one kind of credential looks. The table explains the fields."""

    id: str
    vendor: str
    gates: tuple[str, ...]
    pattern: str
    stems: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    shape: str = ""
    checksum: str = ""
    entropy: float = 3.0
    samples: tuple[str, ...] = ()


_QUOTES = r"(?:\\?[\"'`\])}]){0,3}"
_VALUE_OF = (
    rf"{_QUOTES}(?:"
    # `name = value`, `name: str = value`, `name(value)`, `name value`, `name(argument=value)`
    r"[ \t]*(?::[ \t]*[\w.\[\]| ]{1,30}=|=>|:=|[:=,(]|[ \t])\s{0,40}(?:\w{1,30}[ \t]*=[ \t]*)?"
    # `add_argument("--name", type=str, default=value)`
    r"|[ \t]*,[^\n]{0,60}?default[ \t]*=[ \t]*"
    # `- name: NAME` and on the next line `value: value`
    r"|\s{1,40}\\?[\"']?value\\?[\"']?[ \t]*[:=][ \t]*"
    r")(?:[rbuf](?=\\?[\"'`]))?(?:\\?[\"'`(]){0,3}"
)
"""What may stand between the name of a secret and its value, in code and configuration."""

_ALONE = r"(?![A-Za-z0-9_])"


@cache
def compiled(provider: Provider) -> re.Pattern[str]:
    """Its pattern; the last group, or else the whole match, is the credential."""
    if provider.names:
        names = "|".join(provider.names)
        return re.compile(f"(?:{names}){_VALUE_OF}({provider.pattern}){_ALONE}")
    return re.compile(f"(?:{provider.pattern}){_ALONE}")


BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_DIGITS = 6


def github_checksum(body: str) -> str:
    """The last six characters of a token: CRC32 of those before (without prefix) in base62.

    https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
    """
    from zlib import crc32

    rest = crc32(body.encode())
    digits = ""
    for _ in range(_CHECK_DIGITS):
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return digits


def grafana_checksum(body: str) -> str:
    """The last eight characters of a token: CRC32 of those before the last `_`, low byte first.

    https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/tokengen.go
    """
    from zlib import crc32

    return crc32(body.encode()).to_bytes(4, "little").hex()


def holds_checksum(provider: Provider, token: str) -> bool:
    """Whether the token can have been issued; true where its issuer writes no checksum."""
    if provider.checksum == "github":
        body = token.partition("_")[2]
        return github_checksum(body[:-_CHECK_DIGITS]) == body[-_CHECK_DIGITS:]
    if provider.checksum == "grafana":
        body, _, digits = token.rpartition("_")
        return grafana_checksum(body) == digits
    return True
