"""The text of the files that have findings."""

from __future__ import annotations

from collections import OrderedDict

from mlaudit.repo.model import Kind, Repo

MAX_FILE_BYTES = 32_000_000
"""Larger files get no excerpt: nobody reads them line by line."""
MAX_CACHED_CHARS = 16_000_000

_BOM = "\ufeff"


class SourceText:
    """One file as text: decoded leniently, for showing it must not fail."""

    def __init__(self, text: str) -> None:
        self.text = text
        """With the byte order mark and the line ends that the file has."""
        body = text[1:] if text.startswith(_BOM) else text
        if "\r" in body:
            body = body.replace("\r\n", "\n").replace("\r", "\n")
        self.lines = body.split("\n")
        """Lines as Python and editors count them: no form feed or U+2028 ends one."""

    def line(self, number: int) -> str:
        """The line with this number, from 1; empty outside the file."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""


class Sources:
    """Reads each file with findings once, as long as findings come sorted by path.

    What was read is kept up to `MAX_CACHED_CHARS`, least recently used goes first.
    """

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._files = {file.path: file for file in repo.files}
        self._cache: OrderedDict[str, SourceText | None] = OrderedDict()
        self._cached_chars = 0

    def get(self, path: str) -> SourceText | None:
        """The text of a file; None for what is missing, binary, unreadable or huge."""
        if path in self._cache:
            self._cache.move_to_end(path)
            return self._cache[path]
        source = self._read(path)
        self._cache[path] = source
        self._cached_chars += _cost(source)
        while self._cached_chars > MAX_CACHED_CHARS and len(self._cache) > 1:
            _, evicted = self._cache.popitem(last=False)
            self._cached_chars -= _cost(evicted)
        return source

    def _read(self, path: str) -> SourceText | None:
        file = self._files.get(path)
        if file is None or file.missing or file.kind is Kind.BLOB or file.size > MAX_FILE_BYTES:
            return None
        try:
            data = self._repo.read(path)
        except OSError:
            return None
        return SourceText(data.decode("utf-8", "replace"))


def _cost(source: SourceText | None) -> int:
    return len(source.text) if source is not None else 0
