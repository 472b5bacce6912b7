"""`mlaudit env`: what a project runs on, as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlaudit.cli.streams import Screen, put_out

if TYPE_CHECKING:
    from mlaudit.analyses.inventory import Table


@click.command("env", short_help="Show what is declared, locked, in the image and in CI.")
@click.argument("path", metavar="[PATH]", type=click.Path(exists=True, path_type=Path), default=".")
@click.option(
    "--format",
    "as_format",
    metavar="FORMAT",
    type=click.Choice(("text", "json")),
    default="text",
    help="text or json.",
)
@click.option(
    "--color",
    metavar="WHEN",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="auto, always or never.",
)
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
        put_out(_painted(tables, color))
    return 0


def _below(folder: str, tables: Iterable[Table]) -> list[Table]:
    """The tables of a folder; where it has none, that of the project around it."""
    from mlaudit.project.roots import within

    found = list(tables)
    inside = [table for table in found if within(folder, table.root)]
    around = [table for table in found if within(table.root, folder)]
    return inside or around[-1:]


def _painted(tables: Iterable[Table], color: str) -> str:
    from mlaudit.reports.env_text import write

    screen = Screen(color == "always" or (color == "auto" and sys.stdout.isatty()))
    write(tables, screen)
    return screen.getvalue()
