"""`mlaudit rules`: the rules in a table, and the examples of a pack put to the test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlaudit.cli import rulebook
from mlaudit.cli.streams import put_out

if TYPE_CHECKING:
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.examples import Failure
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
@click.argument("pack", metavar="PATH", type=click.Path(exists=True, path_type=Path))
def test(pack: Path) -> int:
    """Run the examples of the rules in PATH, a folder or one rule's file: each `bad` one must give
    exactly the findings that it marks, each `good` one none, and the fix of a `bad` one what it
    says under `fixed`.
    """
    from mlaudit.fixes.examples import run_fixes
    from mlaudit.rules.examples import run_examples

    rules, apis = _rules_of(pack)
    if not rules:
        raise click.UsageError(f"{pack} holds no rules")
    failures = [
        one for rule in rules for one in (*run_examples(rule, apis), *run_fixes(rule, apis))
    ]
    lines = [line for failure in failures for line in _told(failure)]
    examples = sum(len(rule.examples) for rule in rules)
    verdict = f"{len(failures)} failed" if failures else "all hold"
    put_out("\n".join([*lines, f"{len(rules)} rules, {examples} examples: {verdict}", ""]))
    return 1 if failures else 0


def _rules_of(pack: Path) -> tuple[list[Rule], Apis]:
    """The rules in a folder or file. Raises RulePackError."""
    from mlaudit.knowledge import knowledge_root
    from mlaudit.rules.loading import load_rules

    known = load_rules()
    if pack.resolve().is_relative_to(knowledge_root().resolve()):
        names = {file.stem for file in (pack.rglob("*.yaml") if pack.is_dir() else (pack,))}
        return [rule for rule in known.rules if rule.name in names], known.apis
    both = load_rules([pack if pack.is_dir() else pack.parent])
    new = [rule for rule in both.rules if rule.id not in known.by_word]
    return [rule for rule in new if pack.is_dir() or rule.name == pack.stem], both.apis


def _told(failure: Failure) -> Iterator[str]:
    where = f"{failure.rule}, example {failure.number}"
    for place in failure.missing:
        yield f"{where}: nothing was found at {place}"
    for place in failure.unexpected:
        yield f"{where}: something was found at {place}"
    if failure.crash:
        yield f"{where}: {failure.crash.strip()}"


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
