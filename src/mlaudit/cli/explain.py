"""`mlaudit explain`: all that a rule's file says, for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shutil import get_terminal_size
from textwrap import fill, indent
from typing import TYPE_CHECKING

import click

from mlaudit.cli import rulebook
from mlaudit.cli.streams import bold, put_out
from mlaudit.tables import nearest

if TYPE_CHECKING:
    from mlaudit.rules.model import Example, Rule


@click.command("explain", short_help="Say why a rule exists, and what to do about a finding.")
@click.argument("rule", metavar="RULE")
def command(rule: str) -> int:
    """Say why RULE exists, and what to do about a finding. RULE is an id or a name."""
    known = rulebook.load().by_word
    found = known.get(rule) or known.get(rule.upper()) or known.get(rule.lower())
    if found is None:
        more = nearest(rule, known) or "; `mlaudit rules` lists them"
        raise click.UsageError(f"there is no rule '{rule}'{more}")
    put_out("\n".join(_page(found)))
    return 0


def _page(rule: Rule) -> Iterator[str]:
    yield bold(f"{rule.id} {rule.name}")
    yield _wrapped(rule.summary)
    yield (
        f"{rule.severity.value}, {rule.confidence.value} confidence, "
        f"persona {rule.persona.value}, since {rule.since}"
    )
    if rule.production.words:
        yield f"where a model is served, deployed or promoted: {rule.production.words}"
    yield from _part("Why", _wrapped(rule.why))
    yield from _part("What to do", _wrapped(rule.remedy))
    for example in rule.examples[:1]:
        yield from _example(example)
    yield from _part("To accept it", f"# mlaudit: ignore[{rule.name}] the reason")
    if rule.references:
        yield from _part("More", "\n".join(rule.references))
    yield ""


_MARK = re.compile(r"[ \t]*#! [A-Z]+[0-9]+.*$", re.MULTILINE)
"""What the tests of the examples look for."""


def _example(example: Example) -> Iterator[str]:
    if example.bad:
        yield from _part("Bad", _MARK.sub("", example.bad))
        yield from _part("Better", example.fixed)
    else:
        yield from _part("Good", example.good)


def _part(title: str, text: str) -> Iterator[str]:
    if text.strip():
        yield ""
        yield bold(title)
        yield indent(text.rstrip(), "  ")


def _wrapped(text: str) -> str:
    width = min(get_terminal_size().columns, 88) - 4
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(
        fill(part, width, break_long_words=False, break_on_hyphens=False) for part in paragraphs
    )
