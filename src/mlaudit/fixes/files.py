"""Fixes in a file as it is stored: Python in any encoding, or cells in the JSON of a notebook."""

from __future__ import annotations

from mlaudit.facts.python.reader import UnparsableError
from mlaudit.findings.model import Finding
from mlaudit.fixes.edits import Edit, applied
from mlaudit.fixes.lines import Lines
from mlaudit.fixes.model import recipe_of
from mlaudit.fixes.notebook_cells import NotebookCells
from mlaudit.fixes.python_code import PythonCode
from mlaudit.repo.model import Kind

_BOM = b"\xef\xbb\xbf"


class FixableFile:
    """One file, in which several findings may be fixed."""

    def __init__(self, kind: Kind, data: bytes) -> None:
        """Raises UnparsableError where no edit can be had."""
        self._mark = _BOM if data.startswith(_BOM) else b""
        body = data[len(self._mark) :]
        self._encoding = "utf-8" if kind is Kind.NOTEBOOK else _encoding(data)
        try:
            self._text = body.decode(self._encoding)
            lossless = self._text.encode(self._encoding) == body
        except (UnicodeError, LookupError) as error:
            raise UnparsableError(f"not in its encoding: {error}") from None
        if not lossless:
            raise UnparsableError("its encoding has several ways to write a text")
        self._lines = Lines(self._text)
        notebook = kind is Kind.NOTEBOOK
        self._code = NotebookCells(self._text) if notebook else PythonCode(self._text)

    def fix(self, finding: Finding) -> tuple[Edit, ...] | None:
        """Edits of the file's text; None where the finding cannot be fixed."""
        place, recipe = finding.place, recipe_of(finding)
        start = self._lines.offset(place.line, place.column)
        end = self._lines.offset(place.end_line, place.end_column)
        if recipe is None or start >= end:
            return None
        return self._code.fix(start, end, recipe, finding.values)

    def applied(self, edits: list[Edit]) -> bytes:
        """The file with the edits, which do not overlap."""
        return self._mark + applied(self._text, edits).encode(self._encoding)


def _encoding(data: bytes) -> str:
    """As the byte order mark or a comment says (PEP 263)."""
    from io import BytesIO
    from tokenize import detect_encoding

    try:
        return detect_encoding(BytesIO(data).readline)[0].replace("utf-8-sig", "utf-8")
    except SyntaxError as error:
        raise UnparsableError(str(error)) from None
