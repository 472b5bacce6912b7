"""Finds `# mlaudit: ignore[rule, ...] reason, until=2027-01-31` comments."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.records import Problem, Suppression
from mlaudit.patterns import Gated

_WORD = "mlaudit:"

_COMMENT = Gated(r"#\s*mlaudit:\s*(?P<text>.*)")
_IGNORE = Gated(r"ignore\s*\[(?P<rules>[^\[\]]*)\](?P<rest>.*)")
_RULE = Gated(r"[A-Za-z][A-Za-z0-9_-]*")
_UNTIL = Gated(r",?\s*\buntil\s*=\s*(?P<date>[^\s,]*)")
_EXPECTED = "write `# mlaudit: ignore[rule-name] reason, until=YYYY-MM-DD`"

_QUOTED_OR_HASH = Gated(r"""(["'])(?:\\.|(?!\1).)*\1|(?:^|(?<=\s))#""")


class Comment(NamedTuple):
    text: str
    line: int
    own_line: bool


class Found(NamedTuple):
    suppressions: tuple[Suppression, ...]
    problems: tuple[Problem, ...]


def find_suppressions(text: str) -> Found:
    """The suppressions of Python source, and those comments that were meant as one."""
    if _WORD not in text:
        return Found((), ())
    return _parse(_python_comments(text))


def find_comment_suppressions(text: str) -> Found:
    """The same for formats with `#` comments: YAML, TOML, Dockerfile, .env, ini, requirements."""
    if _WORD not in text:
        return Found((), ())
    return _parse(_hash_comments(text))


def _python_comments(text: str) -> Iterator[Comment]:
    """Comments as Python's tokenizer sees them; where it gives up, the rest line by line."""
    last = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                last = line
                yield Comment(token.string, line, not token.line[:column].strip())
    except (SyntaxError, tokenize.TokenError, RecursionError, ValueError):
        yield from (comment for comment in _hash_comments(text) if comment.line > last)


def _hash_comments(text: str) -> Iterator[Comment]:
    for number, line in enumerate(text.split("\n"), 1):
        if "#" not in line or _WORD not in line:
            continue
        for match in _QUOTED_OR_HASH.finditer(line):
            if match[0] == "#":
                start = match.start()
                yield Comment(line[start:], number, not line[:start].strip())
                break


def _parse(comments: Iterator[Comment]) -> Found:
    suppressions: list[Suppression] = []
    problems: list[Problem] = []
    for comment in comments:
        match = _COMMENT.search(comment.text)
        if match is None:
            continue
        parsed = _suppression(match["text"].strip(), comment)
        if isinstance(parsed, Suppression):
            suppressions.append(parsed)
        else:
            problems.append(parsed)
    return Found(tuple(suppressions), tuple(problems))


def _suppression(text: str, comment: Comment) -> Suppression | Problem:
    def problem(reason: str) -> Problem:
        return Problem(f"malformed suppression: {reason}; {_EXPECTED}", comment.line)

    match = _IGNORE.match(text)
    if match is None:
        return problem("no rule is named in brackets" if text.startswith("ignore") else "unknown")
    rules = [rule.strip() for rule in match["rules"].split(",")]
    if rules and not rules[-1]:
        rules.pop()
    if not rules:
        return problem("no rule is named in the brackets")
    for rule in rules:
        if not _RULE.fullmatch(rule):
            return problem(f"'{rule}' is no rule name")
    until, reason = "", match["rest"]
    if dated := _UNTIL.search(reason):
        until = dated["date"]
        if not _is_date(until):
            return problem(f"'{until}' is no date")
        reason = reason[: dated.start()] + reason[dated.end() :]
    return Suppression(
        tuple(rules), comment.line, reason.strip(" \t\r,:-"), until, comment.own_line
    )


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
