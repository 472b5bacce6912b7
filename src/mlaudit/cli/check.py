"""`mlaudit check`: audit, report, exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from mlaudit.cli.fixing import Fixing, show_diff
from mlaudit.cli.parameters import Output, SectionedCommand, color_option, output, words
from mlaudit.cli.streams import OutputError, painted, progress, put_file, put_out, say
from mlaudit.reports import FORMATS, report
from mlaudit.tables import nearest

if TYPE_CHECKING:
    from mlaudit.config import Settings
    from mlaudit.reports.model import Audit

SEVERITIES = ("error", "warning", "note")
SECTIONS = {
    "What to check": ("select", "ignore", "config", "history"),
    "What to show": ("persona", "min_severity", "min_confidence"),
    "What to mend": ("fix", "unsafe_fixes", "diff"),
    "What comes out": ("report_format", "outputs", "color", "quiet", "fail_on"),
}


def _option(*names: str, choices: Sequence[str] = (), **more: Any) -> Callable[[Any], Any]:
    if choices:
        more["type"] = click.Choice(choices)
    return click.option(*names, **more)


@click.command(
    "check",
    cls=SectionedCommand,
    sections=SECTIONS,
    short_help="Audit a repository, folders or files; `mlaudit PATH` does the same.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--select", metavar="RULES", type=words, multiple=True, help="Only these: REP001,SEC,..."
)
@click.option("--ignore", metavar="RULES", type=words, multiple=True, help="All but these.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take the settings from here; 'none': have none.",
)
@click.option("--history", is_flag=True, help="Also what commits of the past hold.")
@_option(
    "--persona",
    metavar="WHO",
    choices=("regular", "pedantic", "auditor"),
    help="regular: what is worth acting on; pedantic: smells too; auditor: everything.",
)
@_option("--min-severity", metavar="LEVEL", choices=SEVERITIES, help="note, warning or error.")
@_option(
    "--min-confidence",
    metavar="LEVEL",
    choices=("low", "medium", "high"),
    help="low, medium or high.",
)
@click.option("--fix", is_flag=True, help="Fix what is safe to fix, and report the rest.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also what may change results."
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@_option(
    "--format",
    "report_format",
    metavar="FORMAT",
    choices=tuple(FORMATS),
    help=f"{', '.join(FORMATS)}.",
)
@click.option(
    "-o",
    "outputs",
    metavar="FORMAT:FILE",
    type=output,
    multiple=True,
    help="A report in a file, as often as you like; '-' is standard output.",
)
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Only errors on standard error.")
@_option(
    "--fail-on",
    metavar="LEVEL",
    choices=(*SEVERITIES, "never"),
    help="Exit with 1 from here on: note, warning (the default), error or never.",
)
def command(
    paths: tuple[Path, ...],
    report_format: str | None,
    outputs: tuple[Output, ...],
    config: Path | None,
    color: str,
    quiet: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    **given: Any,
) -> int:
    """Audit a machine-learning repository, or only some of its files.

    RULES are ids, names or families (`mlaudit rules`). Settings come from pyproject.toml or
    mlaudit.toml; options go before them.

    Exit status: 0 nothing to fail for, 1 findings (with --diff: changes), 2 mlaudit could not
    do its work.
    """
    start = perf_counter()
    fixing = Fixing(fix, unsafe_fixes, diff)
    fixing.refuse_nonsense(reports=bool(report_format or outputs))
    where = _outputs(report_format, outputs)
    asked = paths or (Path(),)
    settings = _settings(asked, config, given)
    _refuse_unknown_rules(settings)

    if diff:
        return show_diff(asked, settings, fixing, color=color, quiet=quiet)
    with progress(quiet=quiet) as tell:
        result, faults = _audited(asked, settings, fixing, tell)
    faults += [fault for target in where for fault in _write(result, target, color)]
    if not quiet:
        _tell(result, settings, perf_counter() - start)
    if faults:
        raise OutputError("\n".join(faults))

    from mlaudit.reports.model import exit_status

    return exit_status(result)


def _audited(
    paths: Sequence[Path], settings: Settings, fixing: Fixing, tell: Callable[[str], None]
) -> tuple[Audit, list[str]]:
    """The audit, after fixes where they were asked for, and what could not be written."""
    if not fixing.fix:
        from mlaudit.audit import audit

        return audit(paths, settings, tell=tell), []
    from mlaudit.mending import audit_and_fix

    result, unwritten = audit_and_fix(paths, settings, unsafe=fixing.unsafe)
    return result, [f"{one.path}: not fixed: {one.reason}" for one in unwritten]


def _outputs(report_format: str | None, outputs: Sequence[Output]) -> list[Output]:
    """Which reports go where; text goes to standard output unless another one does."""
    shown = [each for each in outputs if each.path == "-"]
    if report_format or not shown:
        shown.append(Output(report_format or "text", "-"))
    if len(shown) > 1:
        formats = " and ".join(each.format for each in shown)
        raise click.UsageError(f"only one report can go to standard output, not {formats}")
    return [*shown, *(each for each in outputs if each.path != "-")]


def _settings(paths: Sequence[Path], config: Path | None, given: dict[str, Any]) -> Settings:
    from mlaudit.config import Settings, changed, load_settings

    settings = Settings() if str(config) == "none" else load_settings(paths, config)
    flat = {option.replace("_", "-"): _flat(value) for option, value in given.items() if value}
    return changed(settings, flat)


def _refuse_unknown_rules(settings: Settings) -> None:
    """A mistyped rule would be silence that looks like a clean repository. Raises ConfigError."""
    words = (*settings.select, *settings.ignore, *(allow.rule for allow in settings.allow))
    if not words:
        return
    from mlaudit.findings.selection import unknown_selectors
    from mlaudit.rules.loading import load_rules
    from mlaudit.settings_files import ConfigError

    rules = load_rules([Path(pack) for pack in settings.rule_packs]).by_word
    unknown = unknown_selectors(words, rules)
    if unknown:
        faults = (f"there is no rule '{word}'{nearest(word, rules)}" for word in unknown)
        raise ConfigError("\n".join(faults))


def _flat(value: Any) -> Any:
    """A repeatable option, as one list."""
    return [word for words in value for word in words] if isinstance(value, tuple) else value


def _write(result: Audit, target: Output, color: str) -> Iterator[str]:
    """Gives what went wrong: one report that cannot be written stops no other."""
    if target == ("text", "-"):
        from mlaudit.reports.text import write

        put_out(painted(write, result, color))
    elif target.path == "-":
        put_out(report(target.format)(result))
    else:
        try:
            put_file(report(target.format)(result), Path(target.path))
        except OSError as error:
            yield f"{target.path}: {error.strerror}"


def _tell(result: Audit, settings: Settings, seconds: float) -> None:
    files = f"{result.files_read} of {result.files_total} files read"
    say(f"{files} in {seconds:.1f} s; settings: {settings.source or 'none'}")
