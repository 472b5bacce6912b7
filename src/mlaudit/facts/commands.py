"""Commands that files say to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.contents import read_contents
from mlaudit.facts.makefile import makefile_commands
from mlaudit.facts.python_commands import python_target
from mlaudit.facts.records import Command, FileFacts, Problem
from mlaudit.facts.shell import logical_lines, split_commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlaudit.facts.source import Source

__all__ = ["python_target", "read_makefile", "read_shell", "shell_commands", "split_commands"]

MAX_SIZE = 1_000_000
"""Bytes. Scripts beyond it are generated, or carry an archive."""


def read_makefile(source: Source) -> FileFacts:
    """The recipe lines of a Makefile."""
    return _read(source, makefile_commands)


def read_shell(source: Source) -> FileFacts:
    """The commands of a shell script."""
    return _read(source, shell_commands)


def shell_commands(text: str, first_line: int = 1) -> tuple[Command, ...]:
    """One command a logical line; `first_line` is the number of the text's first line."""
    return tuple(
        Command(line.text, first_line + line.offset)
        for line in logical_lines(text)
        if split_commands(line.text)
    )


def _read(source: Source, commands: Callable[[str], tuple[Command, ...]]) -> FileFacts:
    path, kind = source.file.path, source.file.kind
    if len(source.data) > MAX_SIZE:
        return FileFacts(path, kind, problems=(Problem("too large for text written by hand"),))
    return read_contents(source, lambda text: FileFacts(path, kind, commands=commands(text)))
