"""What mlaudit says of each program, beside what happened when it was run.

python tests/oracle/verdicts.py      # prints the confusion table and every disagreement
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from programs import Program, copy, programs, recorded

from mlaudit.audit import audit
from mlaudit.config import Settings
from mlaudit.rules.model import Persona

RULES = ("REP001", "REP002", "REP003", "REP005", "REP006", "REP007", "REP008")
"""Those that say that a run can't be repeated."""


class Verdict(str, Enum):
    DIFFERS = "differs"
    REPEATS = "repeats"
    NOT_DETERMINED = "not determined"


class Judged(NamedTuple):
    program: Program
    differs: bool
    """What happened."""
    verdict: Verdict
    findings: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        if self.verdict is Verdict.NOT_DETERMINED:
            return bool(self.program.not_determined)
        return (self.verdict is Verdict.DIFFERS) == self.differs


def judge(program: Program, place: Path) -> Judged:
    """Audits a copy of the program, because the repository around it would speak as well."""
    seen = audit([copy(program, place)], Settings(select=RULES, persona=Persona.AUDITOR))
    if seen.crashes or seen.unread:
        raise RuntimeError(f"{program.name}: {seen.crashes or seen.unread}")
    sure = [one for one in seen.funnel.shown if one.persona is Persona.REGULAR]
    verdict = Verdict.DIFFERS if sure else Verdict.REPEATS
    # A rule that cannot tell says so to an auditor, or nothing at all: then the program does.
    if not sure and (seen.funnel.shown or program.not_determined):
        verdict = Verdict.NOT_DETERMINED
    findings = tuple(
        f"{one.rule.id} {one.place.path}:{one.place.line} {one.message}"
        for one in seen.funnel.shown
    )
    return Judged(program, recorded()[program.name], verdict, findings)


def judge_all() -> list[Judged]:
    with tempfile.TemporaryDirectory() as place:
        return [judge(program, Path(place)) for program in programs().values()]


def table(judged: Iterable[Judged]) -> str:
    """Rows: what happened. Columns: what mlaudit says."""
    counts = Counter((one.differs, one.verdict) for one in judged)
    lines = [" " * 14 + "".join(f"{verdict.value:>16}" for verdict in Verdict)]
    for happened in (True, False):
        cells = "".join(f"{counts[happened, verdict]:>16}" for verdict in Verdict)
        lines.append(f"{'run differs' if happened else 'run repeats':<14}{cells}")
    return "\n".join(lines)


def main() -> int:
    judged = judge_all()
    wrong = [one for one in judged if not one.agrees]
    for one in wrong:
        happened = "differs" if one.differs else "repeats"
        sys.stdout.write(f"{one.program.name}: {happened}; mlaudit: {one.verdict.value}\n")
        sys.stdout.write(f"    {one.program.about}\n")
        sys.stdout.writelines(f"    {finding}\n" for finding in one.findings)
    sys.stdout.write(f"\n{table(judged)}\n\n{len(judged)} programs, {len(wrong)} disagreements\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
