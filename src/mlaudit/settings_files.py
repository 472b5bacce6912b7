"""The files that hold settings: found, opened, parsed; not yet understood.

They may be as hostile as the rest of what is audited.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

FILE_NAMES = ("mlaudit.toml", ".mlaudit.toml", "pyproject.toml")
"""In this order within a folder."""


class ConfigError(Exception):
    """Settings that cannot be used. The text has a line for every fault: file, line, key, cure."""


class Source(NamedTuple):
    """A settings file that was opened."""

    file: Path
    boundary: Path
    """The folder that paths in the file may not leave."""
    text: str
    table: Any

    @property
    def name(self) -> str:
        return relative(self.file, self.boundary)


def absolute(path: Path) -> Path:
    # Unlike `resolve`, keeps symbolic links: the repository is the one that the user named.
    return Path(os.path.abspath(path))  # noqa: PTH100


def relative(file: Path, folder: Path) -> str:
    return (file.relative_to(folder) if file.is_relative_to(folder) else file).as_posix()


def top(folder: Path) -> Path | None:
    """The nearest folder upwards with a `.git`."""
    return next((up for up in (folder, *folder.parents) if (up / ".git").exists()), None)


def start_of(paths: Sequence[Path]) -> tuple[Path, Path]:
    """The folder that all paths share, and the one above it where the search ends."""
    here = Path.cwd()
    try:
        shared = Path(os.path.commonpath([absolute(path) for path in paths] or [here]))
    except ValueError:  # on different drives
        shared = here
    start = shared if shared.is_dir() else shared.parent
    return start, top(start) or (here if start.is_relative_to(here) else start)


def nearest(start: Path, boundary: Path) -> Source | None:
    for folder in (start, *start.parents):
        for name in FILE_NAMES:
            source = open_source(folder / name, boundary)
            if source is not None:
                return source
        if folder == boundary:
            break
    return None


_LARGEST = 1_000_000
"""Bytes. What is larger is no settings file."""

_HEADER = re.compile(r"^\s*\[+\s*tool\s*\.\s*mlaudit\b", re.MULTILINE)


def open_source(file: Path, boundary: Path) -> Source | None:
    """A settings file; None where there is none, or where a pyproject.toml holds no settings."""
    if not file.is_file():
        return None
    project = file.name == "pyproject.toml"
    name = relative(file, boundary)
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from error
    if project and "mlaudit" not in text:
        return None  # and tomllib is not imported
    document, fault = _parsed(text)
    if fault and project and not _HEADER.search(text):
        return None
    if fault:
        raise ConfigError(f"{name}: {fault}")
    tool = document.get("tool") if project else {"mlaudit": document}
    table = tool.get("mlaudit") if isinstance(tool, dict) else None
    return None if table is None else Source(file, boundary, text, table)


def _parsed(text: str) -> tuple[dict[str, Any], str]:
    """A TOML document, or what is wrong with it."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text), ""
    except tomllib.TOMLDecodeError as error:
        return {}, f"is not valid TOML: {error}"
    except RecursionError:
        return {}, "is nested too deeply"


def line_of(key: str, entry: int, text: str, table: str = "allow") -> int:
    """Line of a key, in the given `[[table]]` where there is one; else of the table; else 0."""
    number = seen = 0
    pair = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""")
    header = re.compile(rf"""\s*\[\s*(tool\.mlaudit\.)?["']?{re.escape(key)}["']?\s*[].]""")
    start = re.compile(rf"\s*\[\[\s*(tool\.mlaudit\.)?{re.escape(table)}\s*]]")
    for at, line in enumerate(text.splitlines(), 1):
        if start.match(line):
            seen += 1
            number = at if seen == entry else number
        elif seen == entry and (pair.match(line) or header.match(line)):
            return at
    return number
