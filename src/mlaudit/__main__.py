"""`python -m mlaudit`."""

import os
import sys

# Python puts the current folder first on the path, and it may be the repository that is audited:
# nothing may be imported from there, unless it is mlaudit's own checkout.
if sys.path and sys.path[0] in ("", os.getcwd()) and __file__ is not None:  # noqa: PTH109
    package = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    if os.path.dirname(package) != os.getcwd():  # noqa: PTH109, PTH120
        del sys.path[0]

from mlaudit.cli import main

main()
