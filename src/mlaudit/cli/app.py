"""The commands together, and what becomes of their errors."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from mlaudit import __version__
from mlaudit.cli.streams import OutputError, complain

COMMANDS = ("check", "env", "explain", "maturity", "rules", "trace")


class _App(click.Group):
    """Loads a command when it is asked for, and takes `mlaudit PATH` for `mlaudit check PATH`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mlaudit.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*COMMANDS, "--help", "--version"):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def format_usage(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        formatter.write_usage("mlaudit", "[OPTIONS] [PATH]...")
        formatter.write_usage("mlaudit", "COMMAND ...", prefix="       ")


@click.command(
    cls=_App,
    context_settings={"help_option_names": ["--help"]},
    epilog="`mlaudit check --help` shows the options of an audit.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def app() -> None:
    """Audits machine-learning repositories: what keeps the work from being reproducible, safe and
    operable, where exactly, and how to mend it. It never runs the code that it reads.
    """


def run(args: Sequence[str]) -> int:
    """Carries out a command line. Gives the exit status."""
    try:
        return app.main(list(args), prog_name="mlaudit", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except Exception as error:  # status 1 would mean findings
        return _failed(error)


def _failed(error: Exception) -> int:
    if _expected(error):
        complain(str(error))
        return 2
    from traceback import format_exception

    complain("".join(format_exception(error)))
    complain("this is a fault of mlaudit itself; please report it with the lines above")
    return 2


def _expected(error: Exception) -> bool:
    """Whether it is the user who can mend it."""
    from mlaudit.repo.opening import RepoError
    from mlaudit.rules.errors import RulePackError
    from mlaudit.settings_files import ConfigError

    return isinstance(error, (ConfigError, OutputError, RepoError, RulePackError))
