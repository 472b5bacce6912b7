"""The few settings that are wanted from a git configuration file, read without git.

Git would follow includes and could be told to run programs; and starting it costs more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mlaudit.repo.regular import read_regular

_SECTION = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_VARIABLE = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$")
_LIMIT = 1 << 20


def config_values(path: Path) -> Iterator[tuple[str, str]]:
    """The settings of one file in order: `remote.origin.url`, with section and name lower case.

    A setting without `=` is `true`. What does not parse is passed over, and a file that cannot be
    read has none. Includes are not followed.
    """
    try:
        text = read_regular(path, _LIMIT).decode("utf-8", "replace")
    except OSError:
        return
    section = ""
    for line in text.replace("\\\n", "").split("\n"):
        rest = line.strip()
        match = _SECTION.match(rest)
        if match:
            section = match[1].lower()
            if match[2] is not None:
                section += f".{_unescaped(match[2])}"
            rest = rest[match.end() :].strip()
        variable = _VARIABLE.match(rest)
        if variable and section:
            value = variable[2]
            yield f"{section}.{variable[1].lower()}", "true" if value is None else _plain(value)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _plain(value: str) -> str:
    """A value without its comment and quotes."""
    parts: list[str] = []
    for quoted, escaped, other in re.findall(r'"((?:[^"\\]|\\.)*)"?|\\(.)|([^"\\]+)', value):
        if quoted or escaped:
            parts.append(_unescaped(quoted) or escaped)
            continue
        text, *comment = re.split(r"[#;]", other, maxsplit=1)
        parts.append(text)
        if comment:
            break
    return "".join(parts).strip()
