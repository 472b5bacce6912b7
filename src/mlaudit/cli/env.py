"""`mlaudit env`: what a project runs on, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlaudit.cli.parameters import color_option, format_option, repository_argument
from mlaudit.cli.streams import painted, put_out

if TYPE_CHECKING:
    from mlaudit.analyses.inventory import Table


@click.command("env", short_help="Show what is declared, locked, in the image and in CI.")
@repository_argument
@format_option("text", "json", help="text or json.")
@color_option
def command(path: Path, as_format: str, color: str) -> int:
    """Show which versions a project runs on, and who says so.

    One table for each folder with a manifest. The first row is the interpreter, then comes one
    row for each distribution:

    \b
      declared   what manifests and conda ask for
      locked     the version in the lock file or compiled list
      image      what the Dockerfile installs, or takes from the lock
      CI         the same for the jobs of CI
      notebooks  what %pip and !pip install
      verdict    one version is known, several fit, or the sides contradict

    Behind each version stands its place; `:12` is a line of the file in the head of the column,
    `+2` counts files that say the same. PATH is a repository or a
    folder of it; without one, the current folder.
    """
    from mlaudit.analyses.inventory import inventory
    from mlaudit.project.survey import survey
    from mlaudit.repo.opening import open_repo

    repo = open_repo([path])
    folder = path.resolve().relative_to(repo.root.resolve()).as_posix()
    tables = _below("" if folder == "." else folder, inventory(survey(repo)))
    if as_format == "json":
        from mlaudit.reports.env_json import render

        put_out(render(tables))
    else:
        from mlaudit.reports.env_text import write

        put_out(painted(write, tables, color))
    return 0


def _below(folder: str, tables: Iterable[Table]) -> list[Table]:
    """The tables of a folder; where it has none, that of the project around it."""
    from mlaudit.project.roots import within

    found = list(tables)
    inside = [table for table in found if within(folder, table.root)]
    around = [table for table in found if within(table.root, folder)]
    return inside or around[-1:]
