"""`mlaudit maturity`: where the practice stands, why, and what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlaudit.cli.maturity_history import history_options, show_history
from mlaudit.cli.parameters import color_option, format_option, repository_argument
from mlaudit.cli.streams import painted, put_out

if TYPE_CHECKING:
    from datetime import datetime

    from mlaudit.maturity.model import Maturity
    from mlaudit.reports.model import Audit


@click.command("maturity", short_help="Say how mature the MLOps practice is, and what comes next.")
@repository_argument
@format_option(
    "text", "json", "markdown", "svg",
    help="text, json, markdown, or svg (a badge; of the history a chart).",
)  # fmt: skip
@history_options
@click.option(
    "--min-level",
    metavar="LEVEL",
    type=click.IntRange(0, 4),
    default=0,
    help="Exit with 1 below this level, 0 to 4.",
)
@click.option(
    "--allow-declared",
    is_flag=True,
    help="Count for --min-level what the settings declare, too.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    type=click.DateTime(("%Y-%m-%d",)),
    help="The day that decides what has expired. Without it today, and in a history the day of "
    "each commit.",
)
@color_option
def command(
    path: Path,
    as_format: str,
    since: str,
    every: Any,
    min_level: int,
    allow_declared: bool,
    as_of: datetime | None,
    color: str,
) -> int:
    """Say how mature the MLOps practice of a repository is: level 0 to 4, over five dimensions and
    twenty capabilities, with the evidence for each and the steps to the next level.

    A level rests on what the repository does: code that is called, jobs, stages and objects that
    run. The words of a README, a lone line of requirements, tests and examples count for nothing.

    With --since or --every it shows how the level came about: the same for commits of the past,
    by the rules and settings of today. Nothing is checked out, and nothing in the repository
    changes. --every alone takes the last commit of every period back to the first commit; --since
    alone the tags since then, or a dozen commits where there are few tags.
    """
    day = as_of.date() if as_of else None
    if since or every is not None:
        return show_history(
            path,
            since=since,
            every=every,
            as_of=day,
            as_format=as_format,
            color=color,
            min_level=min_level,
            allow_declared=allow_declared,
        )
    from mlaudit.audit import audit
    from mlaudit.config import load_settings

    found = audit([path], load_settings([path]), day)
    if found.maturity is None:
        raise click.UsageError("maturity is a matter of a whole repository; name its root folder")
    put_out(_rendered(found, found.maturity, as_format, color))
    ladder = found.maturity.ladder
    return int((ladder.declared if allow_declared else ladder.level) < min_level)


def _rendered(audit: Audit, maturity: Maturity, as_format: str, color: str) -> str:
    if as_format == "json":
        from mlaudit.reports.maturity_json import render

        return render(audit, maturity)
    if as_format == "markdown":
        from mlaudit.reports.maturity_markdown import render as as_markdown

        return as_markdown(maturity)
    if as_format == "svg":
        from mlaudit.reports.badge import badge

        return badge(maturity)
    from mlaudit.reports.maturity_text import write

    return painted(write, maturity, color)
