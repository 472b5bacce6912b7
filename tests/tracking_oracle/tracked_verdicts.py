"""What mlaudit says of each program, beside what the store says.

python tests/tracking_oracle/tracked_verdicts.py    # prints a row for each rule, and what differs
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from expected import RULES, expected
from tracked import Program, copy, programs, recorded

from mlaudit.audit import audit
from mlaudit.config import Settings
from mlaudit.rules.model import Persona


class Judged(NamedTuple):
    program: Program
    true: frozenset[str]
    """What the store says, under every MLflow."""
    said: frozenset[str]
    findings: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return self.true == self.said or bool(self.program.not_determined and not self.said)


def judge(program: Program, place: Path) -> Judged:
    """Audits a copy of the program, because the repository around it would speak as well."""
    seen = audit([copy(program, place)], Settings(select=RULES, persona=Persona.AUDITOR))
    if seen.crashes or seen.unread:
        raise RuntimeError(f"{program.name}: {seen.crashes or seen.unread}")
    shown = seen.funnel.shown
    held = recorded()[program.name].values()
    return Judged(
        program,
        frozenset.intersection(*(expected(one) for one in held)),
        frozenset(one.rule.id for one in shown),
        tuple(f"{o.rule.id} {o.place.path}:{o.place.line} {o.message}" for o in shown),
    )


def judge_all() -> list[Judged]:
    with tempfile.TemporaryDirectory() as place:
        tried = recorded()
        return [judge(one, Path(place)) for name, one in programs().items() if name in tried]


def table(judged: Iterable[Judged]) -> str:
    """A row for each rule: programs in which it is true and said, missed, falsely said, neither."""
    counts = Counter(
        (rule, rule in one.true and not one.program.not_determined, rule in one.said)
        for one in judged
        for rule in RULES
    )
    lines = [f"{'':8}{'found':>8}{'missed':>8}{'false':>8}{'silent':>8}"]
    for rule in RULES:
        cells = [counts[rule, true, said] for true, said in _CELLS]
        lines.append(f"{rule:8}" + "".join(f"{cell:>8}" for cell in cells))
    return "\n".join(lines)


_CELLS = ((True, True), (True, False), (False, True), (False, False))


def main() -> int:
    judged = judge_all()
    wrong = [one for one in judged if not one.agrees]
    for one in wrong:
        sys.stdout.write(
            f"{one.program.name}: store {sorted(one.true)}, mlaudit {sorted(one.said)}\n"
        )
        sys.stdout.write(f"    {one.program.about}\n")
        sys.stdout.writelines(f"    {finding}\n" for finding in one.findings)
    sys.stdout.write(f"\n{table(judged)}\n\n{len(judged)} programs, {len(wrong)} disagreements\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
