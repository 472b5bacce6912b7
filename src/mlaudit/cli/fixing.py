"""`--fix`, `--unsafe-fixes` and `--diff` of `mlaudit check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from mlaudit.cli.streams import complain, put_out, screen_for

if TYPE_CHECKING:
    from mlaudit.config import Settings
    from mlaudit.reports.model import Audit


class Fixing(NamedTuple):
    """What the user wants to be fixed, and whether only to see it."""

    fix: bool
    unsafe: bool
    diff: bool

    def refuse_nonsense(self, *, reports: bool) -> None:
        """Raises UsageError."""
        if self.unsafe and not (self.fix or self.diff):
            raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
        if self.diff and reports:
            raise click.UsageError("--diff shows what would change and no report")


def show_diff(
    paths: Sequence[Path], settings: Settings, fixing: Fixing, *, color: str, quiet: bool
) -> int:
    """Puts out what would change, and changes nothing. Gives the exit status."""
    from mlaudit.mending import audit_draft, show_changes
    from mlaudit.reports.diff import render
    from mlaudit.reports.painting import painter_for

    result, draft = audit_draft(paths, settings, unsafe=fixing.unsafe)
    screen = screen_for(color)
    put_out(render(show_changes(draft, settings), painter_for(screen)))
    if not quiet:
        _tell(result)
    for crash in result.crashes:
        complain(f"{crash.where}: {crash.error}")
    return 2 if result.crashes else int(result.fixes.fixed > 0)


def _tell(result: Audit) -> None:
    from mlaudit.reports.words import counted

    fixes = result.fixes
    more = f"{fixes.unsafe} may be with --unsafe-fixes; " if fixes.unsafe else ""
    complain(f"{counted(fixes.fixed, 'finding')} would be fixed; {more}nothing was written")
