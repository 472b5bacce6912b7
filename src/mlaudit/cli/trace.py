"""`mlaudit trace`: what a program reaches, as a tree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlaudit.cli.parameters import color_option
from mlaudit.cli.streams import painted, put_out

if TYPE_CHECKING:
    pass


@click.command("trace", short_help="Show what a program seeds, draws, loads, fits and saves.")
@click.argument("target", metavar="PATH[:FUNCTION]")
@color_option
def command(target: str, color: str) -> int:
    """Show what the program in PATH reaches: seeds, draws, data loads, splits, fits, calls of
    trackers and saves, in the order in which it comes to them, and the way to each.

    With FUNCTION (`train.py:main`, `train.py:Trainer.fit`) it starts there. PATH is a script or a
    notebook.
    """
    from mlaudit.analyses.tracing import trace
    from mlaudit.project.glance import Glance
    from mlaudit.project.linking.starting import NoEntryError, find_entry
    from mlaudit.repo.opening import open_repo
    from mlaudit.reports.trace_text import write

    path, function = _parts(target)
    repo = open_repo([path])
    if repo.git is None and path.is_file():
        repo = open_repo([_folder_around(path)])
    project = Glance(repo)
    try:
        entry = find_entry(project, _inside(repo.root, path), function)
    except NoEntryError as error:
        raise click.UsageError(str(error)) from None
    put_out(painted(write, trace(project, entry), color))
    return 0


def _parts(target: str) -> tuple[Path, str]:
    if Path(target).exists():
        return Path(target), ""
    path, _, function = target.rpartition(":")
    return (Path(path), function) if path else (Path(target), "")


def _folder_around(path: Path) -> Path:
    """Where the modules of a program lie that no git repository holds."""
    here = Path.cwd()
    return here if path.resolve().is_relative_to(here) else path.parent


def _inside(root: Path, path: Path) -> str:
    relative = path.resolve().relative_to(root).as_posix()
    return "" if relative == "." else relative
