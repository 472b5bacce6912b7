"""Fixes in a .gitignore: lines at its end. Every other byte stays as it is."""

from __future__ import annotations

from collections.abc import Iterable

from mlaudit.findings.model import Finding
from mlaudit.fixes.edits import Edit, Fix, applied
from mlaudit.fixes.model import lines_to_ignore


class IgnoreFile:
    """One file of patterns, whatever its encoding is."""

    def __init__(self, data: bytes) -> None:
        self._text = data.decode("utf-8", "surrogateescape")
        self._break = "\r\n" if "\r\n" in self._text else "\n"

    def fixes(self, findings: Iterable[Finding], path: str) -> list[Fix]:
        """The lines that each finding asks for, without those that are there already."""
        known = set(self._text.splitlines())
        found: list[Fix] = []
        for finding in findings:
            lines = [line for line in lines_to_ignore(finding) if line not in known]
            known.update(lines)
            if lines:
                edits = tuple(self._appended(line) for line in lines)
                found.append(Fix(path, finding.rule.id, edits))
        return found

    def _appended(self, line: str) -> Edit:
        """A file without a line break at its end keeps that form."""
        end = len(self._text)
        ended = not self._text or self._text.endswith("\n")
        return Edit(end, end, f"{line}{self._break}" if ended else f"{self._break}{line}")

    def applied(self, edits: list[Edit]) -> bytes:
        return applied(self._text, edits).encode("utf-8", "surrogateescape")
