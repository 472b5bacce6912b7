"""What the matchers of files ask of a path, a size and a context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlaudit.repo.model import Context, File
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.model import Rule, Severity
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(B|kB|MB|GB)")
_LOWER = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.NOTE}


def glob(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a whole path fits one of the patterns, whatever the case of its letters.

    `*` and `?` stay within a folder, `**` stands for any folders or none.
    """
    expression = "|".join(f"(?:{translate(pattern)})" for pattern in patterns)
    compiled = re.compile(expression or r"(?!)", re.IGNORECASE)
    return lambda path: compiled.fullmatch(path) is not None


def translate(pattern: str) -> str:
    """The regular expression for a pattern."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(part) or re.escape(part) for part in parts)


@lru_cache(maxsize=4096)
def tokens(path: str) -> frozenset[str]:
    """The words of a path, in lower case: `data/X_train.csv` has data, x, train and csv."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", path)
    return frozenset(re.findall(r"[a-z]+[0-9]*[a-z]*|[0-9]+", spaced.lower()))


def size(data: Any) -> int:
    """`100 kB` in bytes; units are decimal. Raises RulePackError."""
    match = _SIZE.fullmatch(data) if isinstance(data, str) else None
    if match is None:
        raise RulePackError(f"needs a size such as `100 kB` or `10 MB`, not {data!r}")
    return int(float(match[1]) * _UNITS[match[2]])


def readable(count: int) -> str:
    """Bytes for people: `1.2 MB`."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            value = count / factor
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{count} bytes"


def selected(project: Project, rule: Rule) -> Iterator[File]:
    """The files that the rule may speak of."""
    for file in project.repo.files:
        if file.context.value in rule.contexts and project.repo.selected(file.path):
            yield file


def contexts(data: Any) -> frozenset[Context]:
    """The contexts that a list of words names. Raises RulePackError."""
    try:
        return frozenset(Context(word) for word in words(data))
    except ValueError as error:
        raise RulePackError(str(error)) from None


def lowered(severity: Severity) -> Severity:
    return _LOWER.get(severity, severity)


def level(data: Any) -> Severity:
    """Raises RulePackError for a word that is no severity."""
    try:
        return Severity(data)
    except ValueError as error:
        raise RulePackError(str(error)) from None


def known(data: Any, *keys: str) -> Mapping[str, Any]:
    """The mapping itself, once it is one and has no other keys. Raises RulePackError."""
    if not isinstance(data, dict):
        raise RulePackError(f"needs a mapping with some of {', '.join(keys)}, not {data!r}")
    for key in data:
        if key not in keys:
            raise RulePackError(f"unknown key; known: {', '.join(keys)}", key=str(key))
    return data


def listing(names: Iterable[str], limit: int = 3) -> str:
    """`a, b, c and 4 more`."""
    all_names = list(names)
    shown = ", ".join(all_names[:limit])
    rest = len(all_names) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown


def counted(count: int, noun: str) -> str:
    """`1 file`, `3 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
