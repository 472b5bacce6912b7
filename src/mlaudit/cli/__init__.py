"""The command line: one module a command, and nothing heavy before it is known which."""

import sys


def main() -> None:
    """What the command `mlaudit` runs."""
    if sys.argv[1:] == ["--version"]:
        from mlaudit import __version__

        sys.stdout.write(f"mlaudit {__version__}\n")
        return
    try:
        from mlaudit.cli.app import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
