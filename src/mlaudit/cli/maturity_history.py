"""`mlaudit maturity --since`, `--every`: how the level came about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlaudit.cli.streams import complain, painted, progress, put_out

if TYPE_CHECKING:
    from datetime import date

    from mlaudit.maturity.timeline import Timeline


def _period(_: click.Context, __: click.Parameter, value: str | None) -> Any:
    from mlaudit.repo.periods import parse_period

    try:
        return parse_period(value) if value is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def history_options(command: Any) -> Any:
    """Adds the options that ask for the history rather than for today."""
    since = click.option(
        "--since",
        metavar="REF",
        default="",
        help="Show how the level came about since a commit, tag, branch or day (2024-01-31).",
    )
    every = click.option(
        "--every",
        metavar="PERIOD",
        callback=_period,
        help="Show it once in a period: 2weeks, 1month, 3months, 1year.",
    )
    return since(every(command))


def show_history(
    path: Path,
    *,
    since: str,
    every: Any,
    as_of: date | None,
    as_format: str,
    color: str,
    min_level: int,
    allow_declared: bool,
) -> int:
    """Writes the timeline. Gives the exit status: 1 when the last commit is below the level asked
    for, 2 when mlaudit could not judge it or failed anywhere."""
    from mlaudit.config import load_settings
    from mlaudit.over_time import Asked, maturity_over_time

    asked = Asked(since, every, as_of)
    with progress(quiet=False) as tell:
        timeline = maturity_over_time(path, load_settings([path]), asked, tell)
    put_out(_rendered(timeline, as_format, color))
    for fault in timeline.faults:
        complain(f"a fault of mlaudit itself: {fault}")
    last = timeline.points[-1]
    level = last.declared if allow_declared else last.level
    if timeline.faults or level is None:
        return 2
    return int(level < min_level)


def _rendered(timeline: Timeline, as_format: str, color: str) -> str:
    if as_format == "json":
        from mlaudit.reports.timeline_json import render

        return render(timeline)
    if as_format == "markdown":
        from mlaudit.reports.timeline_markdown import render as as_markdown

        return as_markdown(timeline)
    if as_format == "svg":
        from mlaudit.reports.timeline_svg import render as as_svg

        return as_svg(timeline)
    from mlaudit.reports.timeline_text import write

    return painted(write, timeline, color)
