"""From findings to changed files, in memory: the loop of auditing and fixing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby

from mlaudit.facts.python.reader import UnparsableError
from mlaudit.findings.model import Finding
from mlaudit.fixes.drafts import Draft
from mlaudit.fixes.edits import Edit, Fix
from mlaudit.fixes.files import FixableFile
from mlaudit.fixes.ignore_file import IgnoreFile
from mlaudit.fixes.manifest_file import ManifestFile
from mlaudit.fixes.model import (
    IGNORE_FILE,
    MANIFESTS,
    Fixes,
    Safety,
    fixable,
    safety_of,
    target_of,
)

MAX_PASSES = 10
"""Fixes that overlap wait for the next pass. No code needs more than a few."""


class Mending:
    """Fixes findings of a draft until nothing is left to fix."""

    def __init__(self, draft: Draft, *, unsafe: bool) -> None:
        self._draft = draft
        self._safeties = frozenset({Safety.SAFE, *([Safety.UNSAFE] if unsafe else [])})
        self._passes = 0

    def apply(self, findings: Sequence[Finding]) -> bool:
        """Whether something was changed, so that it is worth auditing again."""
        if self._passes == MAX_PASSES:
            return False
        self._passes += 1
        wanted = (finding for finding in findings if safety_of(finding) in self._safeties)
        before = len(self._draft.fixes)
        for path, group in groupby(sorted(wanted, key=target_of), target_of):
            if path not in self._draft.fixable:
                continue
            if path == IGNORE_FILE:
                self._fix_lines(path, IgnoreFile, group)
            elif self._draft.fixable[path] in MANIFESTS:
                self._fix_lines(path, partial(ManifestFile, self._draft.fixable[path]), group)
            else:
                self._fix_file(path, group)
        return len(self._draft.fixes) > before

    def _fix_file(self, path: str, findings: Iterable[Finding]) -> None:
        try:
            file = FixableFile(self._draft.fixable[path], self._draft.read(path))
        except (UnparsableError, OSError):
            return
        fixes = fixes_of(file, findings)
        if fixes:
            self._draft.edited[path] = file.applied([e for fix in fixes for e in fix.edits])
            self._draft.fixes.extend(fixes)

    def _fix_lines(
        self,
        path: str,
        open_file: Callable[[bytes], IgnoreFile | ManifestFile],
        findings: Iterable[Finding],
    ) -> None:
        """Findings of other files, each of which wants something added to this one."""
        try:
            file = open_file(self._draft.read(path))
        except OSError:
            return
        fixes = file.fixes(findings, path)
        if fixes:
            edits = [edit for fix in fixes for edit in fix.edits]
            self._draft.edited[path] = file.applied(edits)
            self._draft.fixes.extend(fixes)

    def outcome(self, left: Sequence[Finding]) -> Fixes:
        """What came of it. What was tried in vain is not promised again."""
        more = fixable(left, self._draft)
        return Fixes(
            fixed=len(self._draft.fixes),
            safe=0,
            unsafe=0 if Safety.UNSAFE in self._safeties else more.unsafe,
        )


def fixes_of(file: FixableFile, findings: Iterable[Finding]) -> list[Fix]:
    """The fixes that can be made at once, in the order of the findings."""
    fixes: list[Fix] = []
    taken: list[Edit] = []
    for finding in findings:
        edits = file.fix(finding)
        if edits is not None and not _overlap(edits, taken):
            fixes.append(Fix(finding.place.path, finding.rule.id, edits))
            taken += edits
    return fixes


def _overlap(edits: Sequence[Edit], taken: Sequence[Edit]) -> bool:
    """Whether they touch the same characters, or the same place between two."""
    return any(
        one.start == other.start or (one.start < other.end and other.start < one.end)
        for one in edits
        for other in taken
    )
