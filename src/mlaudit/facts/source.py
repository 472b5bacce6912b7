"""What a reader is given, and what it is."""

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

from mlaudit.facts.records import FileFacts
from mlaudit.repo.model import File


class UnreadableError(ValueError):
    """A file whose text cannot be had. The message is a reason for the user."""


class Source:
    """A file and its bytes."""

    def __init__(self, file: File, data: bytes) -> None:
        self.file = file
        self.data = data

    @cached_property
    def text(self) -> str:
        """The text, without a byte order mark. Raises UnreadableError when it is not UTF-8."""
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            byte = self.data[error.start]
            raise UnreadableError(f"not UTF-8: byte 0x{byte:02x} in line {line}") from None


Reader: TypeAlias = Callable[[Source], FileFacts]
"""Turns one file into facts. It raises nothing for what a file may hold: what cannot be read
becomes a `Problem` in the facts."""
