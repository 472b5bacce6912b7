"""From findings to changed files, in memory: the loop of auditing and fixing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from mlaudit.facts.python.reader import UnparsableError
from mlaudit.findings.model import Finding
from mlaudit.fixes.drafts import Draft, may_be_fixed
from mlaudit.fixes.files import FixableFile
from mlaudit.fixes.model import Edit, Fix, Fixes, Safety, safety_of
from mlaudit.repo.model import Repo

MAX_PASSES = 10
"""Fixes that overlap wait for the next pass. No code needs more than a few."""


class Mending:
    """Fixes findings of a draft until nothing is left to fix."""

    def __init__(self, draft: Draft, *, unsafe: bool) -> None:
        self._draft = draft
        self._safeties = frozenset({Safety.SAFE, *([Safety.UNSAFE] if unsafe else [])})
        self._passes = 0
        self._fixed = 0

    def apply(self, findings: Sequence[Finding]) -> bool:
        """Whether something was changed, so that it is worth auditing again."""
        if self._passes == MAX_PASSES:
            return False
        self._passes += 1
        wanted = (finding for finding in findings if safety_of(finding) in self._safeties)
        before = self._fixed
        for path, group in groupby(wanted, lambda finding: finding.place.path):
            if path in self._draft.fixable:
                self._fixed += self._fix_file(path, group)
        return self._fixed > before

    def _fix_file(self, path: str, findings: Iterable[Finding]) -> int:
        try:
            file = FixableFile(self._draft.fixable[path], self._draft.read(path))
        except (UnparsableError, OSError):
            return 0
        fixes = fixes_of(file, findings)
        if fixes:
            self._draft.edited[path] = file.applied([e for fix in fixes for e in fix.edits])
        return len(fixes)

    def outcome(self, left: Sequence[Finding]) -> Fixes:
        """What came of it. What was tried in vain is not promised again."""
        more = fixable(left, self._draft)
        return Fixes(
            fixed=self._fixed,
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


def fixable(findings: Iterable[Finding], repo: Repo) -> Fixes:
    """How many findings have a fix, by their rules."""
    own = {file.path for file in repo.files if may_be_fixed(file)}
    found = [safety_of(finding) for finding in findings if finding.place.path in own]
    return Fixes(safe=found.count(Safety.SAFE), unsafe=found.count(Safety.UNSAFE))
