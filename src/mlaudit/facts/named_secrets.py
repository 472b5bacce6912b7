"""Values that only their names tell to be secrets: `DB_PASSWORD=...` in configuration and scripts.

A name is looked for by its noun, which fast searches find; what stands behind the name decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from mlaudit.facts.secrets import is_development_secret, is_placeholder, is_secret_name

_NOUNS = (
    "password", "PASSWORD", "Password", "passwd", "PASSWD", "passphrase", "PASSPHRASE", "pwd",
    "PWD",
    "secret", "SECRET", "Secret", "token", "TOKEN", "Token", "_key", "_KEY", "Key", "-key", "-Key",
    "apikey", "APIKEY", "_pass", "_PASS", "_pat", "_PAT",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][\w.-]{1,99}")
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
_LONGEST_NAME = 100

_ASSIGNED = re.compile(
    r"\\?[\"']?\]?[ \t]*(?P<sign>:=|\?=|=|:)(?:[ \t]*(?:[!&][^\s,\[\]{}]*[ \t]+)*)"
)
_NEXT_LINE = re.compile(r"\\?[\"']?[ \t]*\r?\n[ \t]+(?:-[ \t]+)?[\"']?value[\"']?[ \t]*:[ \t]*")
"""`- name: DB_PASSWORD` and below `value: ...`."""
_ECHO = re.compile(r"[ \t]*(?:-[ \t]+)?echo[ \t][^\n>|]{0,300}(?:\n|\Z)")
_BLANK = re.compile(r"[ \t]+(?=\S)")
_BEFORE_OPTION = re.compile(r"(?:^|[\s\"'])--?$")
_DEFAULT = re.compile(r":?[-=](?P<value>[^}\s]*)\}")
_BEFORE_NETRC = re.compile(r"login\s+\S+\s+$")
_BEFORE_ENV = re.compile(r"(?i:^[ \t]*(?:ENV|LABEL)[ \t]+)$")
_QUOTED = re.compile(
    r"(?P<quote>\"\"\"|'''|\\?[\"'`])(?P<value>(?:(?!(?P=quote))(?:\\.|[^\\\n]))*)(?P=quote)"
)
_WORD = re.compile(r"[^\s\"'`]+")
_PLAIN = re.compile(r"[^\r\n]{0,200}[^\s:]{0,8000}")
"""Words, or one long word: a line of nothing but names must not be read to its end for each."""
_LONGEST_PLAIN = 200
_LONGEST_SAID = 40
_MOST_LINES = 300
"""Of a block scalar: keys of 4,096 bits have 70."""
_END_OF_PLAIN = re.compile(r"[ \t]+#|[ \t]*(?:,[ \t\"']|[}\]]\s*$|[}\]],)|[\"'`]*[ \t]*$")
_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n(?P<indent>[ \t]+)")
_SWITCH = re.compile(r"(?i:true|false|yes|no|on|off|null|none|nil|inherit|~|[-+]?[0-9.]{1,5})")
_REFERENCE = re.compile(
    r"[$@<{\[(&*!|>%]|(?:secrets?|env|vault|ssm|var|local|data|module|projects|arn)[.:/]|"
    r"[A-Za-z_][\w.]*[(\[]|(?:https?|file|gs|s3)://|(?:\.{0,2}/[A-Za-z._-]+){2,}$|[a-z]+(?:[-_.][a-z]+)+$"
)
"""Values that say where the secret is: how they begin, a path, or words for what it is called."""


class Named(NamedTuple):
    """A value under the name of a secret, by its offsets in a text."""

    start: int
    end: int
    name: str


def find_named(text: str) -> list[Named]:
    """Values in the order of the text; placeholders, references and switches are none."""
    found: list[Named] = []
    candidates = _candidates(text)
    if "kind: Secret" in text:
        candidates = iter(sorted([*candidates, *_of_kubernetes(text)]))
    for named in candidates:
        # A value holds no other: a line of nothing but names must not be read once for each.
        if not (found and named.start < found[-1].end) and _is_secret(text, named):
            found.append(named)
    return found


def _candidates(text: str) -> Iterator[Named]:
    end_of_last = 0
    for start, end, name in sorted(_names(text)):
        span = _value(text, start, end) if start >= end_of_last else None
        if span is not None:
            named = Named(*span, name)
            yield named
            if _is_secret(text, named):
                end_of_last = span[1]


def _names(text: str) -> Iterator[tuple[int, int, str]]:
    """The whole names that hold one of the nouns and mean a secret, each once."""
    seen: set[int] = set()
    for noun in _NOUNS:
        at = text.find(noun)
        while at >= 0:
            start, at = at, at + len(noun)
            while start and text[start - 1] in _NAME_CHARACTERS and at - start < _LONGEST_NAME:
                start -= 1
            match = _NAME.match(text, _after_dashes(text, start))
            if match is not None and match.start() not in seen:
                seen.add(match.start())
                if match.end() >= at and is_secret_name(match[0].rstrip(".-")):
                    yield match.start(), match.end(), match[0].rstrip(".-")
            at = text.find(noun, at)


def _after_dashes(text: str, at: int) -> int:
    while text.startswith(("-", "."), at):
        at += 1
    return at


def _value(text: str, start: int, end: int) -> tuple[int, int] | None:
    if text.startswith("${", start - 2):
        return _default(text, end)
    assigned = _ASSIGNED.match(text, end)
    if assigned is not None:
        span = _value_at(text, assigned.end(), plain=assigned["sign"] == ":")
        return None if span is not None and _is_said(text, start, span) else span
    below = _NEXT_LINE.match(text, end)
    if below is not None:
        return _value_at(text, below.end(), plain=True)
    blank = _BLANK.match(text, end)
    if blank is not None and _takes_next_word(text, start):
        return _value_at(text, blank.end(), plain=False)
    return None


def _is_said(text: str, start: int, value: tuple[int, int]) -> bool:
    """Whether people are told a password for their own machine: `echo "Password: admin"`."""
    if value[1] - value[0] > _LONGEST_SAID:
        return False
    line_start = text.rfind("\n", max(0, start - _LONGEST_PLAIN), start) + 1
    return bool(_ECHO.match(text, line_start)) and is_development_secret(text[slice(*value)])


def _default(text: str, at: int) -> tuple[int, int] | None:
    """Of `${NAME:-default}`, where it is no password for one's own machine."""
    default = _DEFAULT.match(text, at)
    if default is None or is_development_secret(default["value"]):
        return None
    return default.span("value")


def _takes_next_word(text: str, start: int) -> bool:
    """`ENV NAME value`, `--name value`, and in a netrc file `login user password value`."""
    line_start = text.rfind("\n", 0, start) + 1
    before = text[max(line_start, start - 20) : start]
    if _BEFORE_OPTION.search(before) or _BEFORE_ENV.match(before):
        return True
    return _BEFORE_NETRC.search(text[max(0, start - 100) : start]) is not None


def _value_at(text: str, at: int, *, plain: bool) -> tuple[int, int] | None:
    quoted = _QUOTED.match(text, at)
    if quoted is not None:
        return quoted.span("value")
    if plain:
        block = _BLOCK.match(text, at)
        return _block(text, block) if block is not None else _to_line_end(text, at)
    word = _WORD.match(text, at)
    return word.span() if word is not None else None


def _to_line_end(text: str, at: int) -> tuple[int, int]:
    line = _PLAIN.match(text, at)
    end = line.end() if line is not None else at
    stop = _END_OF_PLAIN.search(text, at, min(end, at + _LONGEST_PLAIN))
    return at, stop.start() if stop is not None else end


def _block(text: str, head: re.Match[str]) -> tuple[int, int]:
    """The lines of a block scalar."""
    indent = head["indent"]
    end = head.end()
    for _ in range(_MOST_LINES):
        stop = text.find("\n", end)
        end = len(text) if stop < 0 else stop
        if stop < 0 or not text.startswith(indent, stop + 1):
            break
        end = stop + 1
    return head.end(), end


_DATA = re.compile(r"^(?P<indent>[ \t]*)(?:stringData|data):[ \t]*\r?\n", re.MULTILINE)
_DATUM = re.compile(
    r"(?P<indent>[ \t]+)[\"']?(?P<name>[\w.-]+)[\"']?:[ \t]*(?P<value>[^\r\n]*)\r?\n?"
)
_DOCUMENT = re.compile(r"^---", re.MULTILINE)
_SECRET_KIND = re.compile(r"^kind:[ \t]*[\"']?Secret\b", re.MULTILINE)


def _of_kubernetes(text: str) -> Iterator[Named]:
    """All that a Secret of Kubernetes holds, whatever its name."""
    starts = [0, *(match.start() for match in _DOCUMENT.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        if not _SECRET_KIND.search(text, start, end):
            continue
        at = 0
        for data in _DATA.finditer(text, start, end):
            if data.start() < at:  # within the one before
                continue
            at = data.end()
            for _ in range(_MOST_LINES):
                datum = _DATUM.match(text, at, end)
                if datum is None or len(datum["indent"]) <= len(data["indent"]):
                    break
                at = datum.end()
                span = _value_at(text, datum.start("value"), plain=True) if datum["value"] else None
                if span is not None:
                    yield Named(*span, datum["name"])
                    at = max(at, span[1])


def _is_secret(text: str, named: Named) -> bool:
    value = text[named.start : named.end].strip()
    if _SWITCH.fullmatch(value) or _REFERENCE.match(value):
        return False
    return not is_placeholder(value)
