"""Standard output carries reports, standard error all else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import TextIO, TypeVar

from mlaudit.reports.escape import terminal

T = TypeVar("T")


class OutputError(Exception):
    """A report could not be written."""


def complain(message: str) -> None:
    """Writes an error to standard error."""
    first, *rest = message.strip("\n").split("\n")
    say(f"mlaudit: {first}")
    for line in rest:
        say(f"  {line}")


def say(line: str) -> None:
    """Writes a line to standard error. It may quote the audited repository."""
    encoding = sys.stderr.encoding or "utf-8"
    text = f"{terminal(line)}\n".encode(encoding, "backslashreplace").decode(encoding)
    with suppress(BrokenPipeError):
        sys.stderr.write(text)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """What shows how far the work is: one line of a terminal, gone in the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda text: _overwrite(f"{text} ...")
    finally:
        _overwrite("")


def _overwrite(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"\r\x1b[K{terminal(text)}")
        sys.stderr.flush()


def put_out(text: str) -> None:
    """Writes a report to standard output. A reader that goes away early is no error."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def put_file(text: str, file: Path) -> None:
    """Writes a report to a file. Raises OSError."""
    file.write_bytes(text.encode("utf-8", "backslashreplace"))


class Screen(StringIO):
    """Text on its way to a terminal, or to something that is none."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def screen_for(color: str) -> Screen:
    """What is painted as standard output takes it, or as `--color` says."""
    return Screen(color == "always" or (color == "auto" and sys.stdout.isatty()))


def painted(write: Callable[[T, TextIO], None], what: T, color: str) -> str:
    """A text report as `write` writes it to such a screen."""
    screen = screen_for(color)
    write(what, screen)
    return screen.getvalue()


def bold(text: str) -> str:
    """A heading for standard output."""
    plain = "NO_COLOR" in os.environ or not sys.stdout.isatty()
    return text if plain else f"\x1b[1m{text}\x1b[0m"
