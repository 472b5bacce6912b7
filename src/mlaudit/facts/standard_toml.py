"""TOML through the standard parser, or the reason why not."""

from __future__ import annotations

import re
import sys
from typing import Any

from mlaudit.facts.records import Problem

_LONG_KEY = re.compile(
    r"""(?:^|[\[{,])[ \t]*(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""", re.MULTILINE
)
_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def load_toml(text: str) -> dict[str, Any] | Problem:
    """What the standard parser makes of it, or why it makes nothing of it."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    if match := _LONG_KEY.search(text):
        # The parser takes time quadratic in the number of parts of a dotted key.
        return Problem("a key of more than 100 parts", text.count("\n", 0, match.end()) + 1)
    try:
        return tomllib.loads(text)
    except RecursionError:
        return Problem("nested too deeply")
    except ValueError as error:
        where = _WHERE.search(str(error))
        reason = _WHERE.sub("", str(error)).partition(";")[0]
        line = int(where[1]) if where and where[1] else 0
        return Problem(f"not valid TOML: {reason[:1].lower()}{reason[1:]}", line)
