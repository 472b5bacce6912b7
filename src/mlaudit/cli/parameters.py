"""Options of the commands: how their values are read, how their help is laid out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from mlaudit.reports import FORMATS


class Output(NamedTuple):
    """A report and where it goes."""

    format: str
    path: str
    """`-` for standard output."""


def output(value: str) -> Output:
    """Reads `sarif:out.sarif`."""
    name, _, path = value.partition(":")
    if name not in FORMATS:
        raise click.BadParameter(f"{name!r} is no format; there are {', '.join(FORMATS)}.")
    if not path:
        raise click.BadParameter(f"say where it goes: {name}:FILE, or {name}:- for here.")
    return Output(name, path)


def words(value: str) -> list[str]:
    """Reads `REP001,SEC`."""
    return [word.strip() for word in value.split(",") if word.strip()]


repository_argument = click.argument(
    "path", metavar="[PATH]", type=click.Path(exists=True, path_type=Path), default="."
)
"""A repository, or a folder of it; the current folder without one."""

color_option = click.option(
    "--color",
    metavar="WHEN",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="auto, always or never.",
)


def format_option(*names: str, help: str) -> Callable[[Any], Any]:  # noqa: A002  # click's word
    """In which format the only output is written; the first one unless it is said."""
    kind = click.Choice(names)
    return click.option(
        "--format", "as_format", metavar="FORMAT", type=kind, default=names[0], help=help
    )


class SectionedCommand(click.Command):
    """Shows its options in sections."""

    def __init__(self, *args: Any, sections: Mapping[str, Sequence[str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self._sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = {option.name: option for option in self.get_params(ctx)}
        records = {name: option.get_help_record(ctx) for name, option in options.items()}
        width = max(len(record[0]) for record in records.values() if record)
        for title, names in self._sections.items():
            rows = [record for record in map(records.get, names) if record]
            with formatter.section(title):
                formatter.write_dl([(option.ljust(width), text) for option, text in rows])
