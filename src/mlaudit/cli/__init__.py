"""The command line: one module a command, and nothing heavy before it is known which."""

import gc
import sys


def main() -> None:
    """What the command `mlaudit` runs."""
    if sys.argv[1:] == ["--version"]:
        from mlaudit import __version__

        sys.stdout.write(f"mlaudit {__version__}\n")
        return
    gc.disable()  # the process ends soon, and looking for garbage among its facts costs 4 %
    try:
        from mlaudit.cli.app import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    gc.freeze()  # nor look for any at exit
    sys.exit(status)
