"""Takes out of a notebook cell what is IPython and not Python: magics, shell commands, help.

They are masked in place: a cell keeps its lines, and what stays Python keeps its columns.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Masked(NamedTuple):
    lines: list[str]
    """Python, as far as that can be had by masking."""
    magics: list[tuple[int, str]]
    """Index of the line, and the magic or shell command as written."""
    language: str = ""
    """Of a cell magic such as `%%bash`, when the cell is not Python."""


_MAY_HOLD_MAGIC = re.compile(r"(?m)^[ \t]*[%!?]|=[ \t]*[!%]|\?[ \t]*(?:#.*)?$")

_CELL_MAGIC = re.compile(r"\s*%%(!|[A-Za-z_][\w.]*)\s*(.*)")
_PYTHON_BODY = frozenset({
    "capture", "debug", "heat", "ipytest", "local", "lprun", "memit", "mprun", "notify", "prun",
    "px", "pretty", "profile", "pyinstrument", "run_pytest", "scalene", "snakeviz", "spark", "time",
    "timeit", "wandb", "wandb_run",
})  # fmt: skip
_LANGUAGES = {
    "!": "bash", "bash": "bash", "bigquery": "sql", "cmd": "shell", "file": "text", "fs": "text",
    "javascript": "javascript", "js": "javascript", "md": "markdown", "pypy": "python",
    "python": "python", "python2": "python2", "python3": "python", "r": "r", "script": "shell",
    "sh": "bash", "shell": "bash", "svg": "html", "system": "bash", "sx": "bash",
    "writefile": "text",
}  # fmt: skip
_SHELLS = frozenset({"bash", "shell"})
_WHOLE_CELL = re.compile(r"\s*%(sql|md|md-sandbox|sh|scala|r|fs)\s*$")
"""Databricks writes cell magics with one `%`."""

_TIMED = re.compile(
    r"([ \t]*)%{1,2}(?:time|timeit|prun|memit)\b((?:[ \t]+-[a-zA-Z]\w*(?:[ \t]+\d+)?)*)[ \t]+(?=\S)"
)
_MAGIC = re.compile(r"[ \t]*(?:!|%{1,2}[A-Za-z_!]|\?)")
_HELP = re.compile(r"[ \t]*[\w.*%]+(?:\[[^\]]*\])?\?{1,2}[ \t]*(?:#.*)?$")
_ASSIGNED = re.compile(r"([ \t]*[A-Za-z_][\w.,\[\]'\"*: \t]*?)[ \t]*=[ \t]*(?:!|%(?=[A-Za-z_]))")
_AUTOMAGIC = re.compile(
    r"[ \t]*(?:pip3?|conda|mamba|micromamba|uv|ls|ll|cd|cat|cp|mv|rm|mkdir|rmdir|less|more|man|run"
    r"|load_ext|reload_ext|autoreload|matplotlib|pylab|env|store|config|load|save"
    r"|tensorflow_version)[ \t]+[-\w./~\"'$*{]"
)
_UNKNOWN = "get_ipython()"
"""Stands for what a magic gives: IPython itself writes such a call there."""


def mask(lines: list[str]) -> Masked:
    """The cell without its magics."""
    if not _MAY_HOLD_MAGIC.search("\n".join(lines)):
        return Masked(lines, [])
    first = next((i for i, line in enumerate(lines) if _is_code(line)), 0)
    if whole := _WHOLE_CELL.match(lines[first]):
        return _foreign(lines, first, whole[1])
    if cell := _CELL_MAGIC.match(lines[first]):
        name = cell[1]
        if name.lower() not in _PYTHON_BODY:
            return _foreign(lines, first, name)
        captured = re.match(r"[A-Za-z_]\w*", cell[2]) if name == "capture" else None
        head = f"{captured[0]} = {_UNKNOWN}" if captured else ""
        body = _mask_lines([*lines[:first], head, *lines[first + 1 :]])
        return Masked(body.lines, [(first, lines[first].strip()), *body.magics])
    return _mask_lines(lines)


def _is_code(line: str) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith("#")


def _foreign(lines: list[str], first: int, name: str) -> Masked:
    language = _LANGUAGES.get(name.lower(), name.lower())
    magics = [(first, lines[first].strip())]
    if language in _SHELLS:
        magics += [
            (first + number, f"!{line.strip()}")
            for number, line in enumerate(lines[first + 1 :], 1)
            if _is_code(line)
        ]
    return Masked([""] * len(lines), magics, language)


def _mask_lines(lines: list[str]) -> Masked:
    masked: list[str] = []
    magics: list[tuple[int, str]] = []
    state = _State()
    continued = False
    for number, line in enumerate(lines):
        if continued:
            magics[-1] = (magics[-1][0], f"{magics[-1][1].rstrip(chr(92))} {line.strip()}")
            masked.append("")
            continued = line.rstrip().endswith("\\")
            continue
        text = _mask_line(line) if state.starts_statement else None
        if text is not None:
            magics.append((number, line.strip()))
            continued = line.rstrip().endswith("\\") and not _TIMED.match(line)
        masked.append(line if text is None else text)
        state.advance(masked[-1])
    return Masked(masked, magics)


def _mask_line(line: str) -> str | None:
    """The line as Python; None when it is not a magic."""
    if timed := _TIMED.match(line):
        indent = timed[1]
        return f"{indent}0;".ljust(timed.end()) + line[timed.end() :]
    if _MAGIC.match(line) or _HELP.match(line):
        return _indent(line) + "pass"
    if assigned := _ASSIGNED.match(line):
        return f"{assigned[1]} = {_UNKNOWN}"
    return None


def mask_automagics(masked: Masked) -> Masked:
    """Masks commands without `%`, too: for a cell that does not parse as it is."""
    lines = list(masked.lines)
    magics = list(masked.magics)
    state = _State()
    for number, line in enumerate(lines):
        if state.starts_statement and _AUTOMAGIC.match(line):
            magics.append((number, f"%{line.strip()}"))
            lines[number] = _indent(line) + "pass"
        state.advance(lines[number])
    return Masked(lines, sorted(magics), masked.language)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


_TOKEN = re.compile(
    r"#.*|(?P<triple>\"\"\"|''')|\"(?:\\.|[^\"\\])*(?:\"|$)|'(?:\\.|[^'\\])*(?:'|$)"
    r"|(?P<open>[\[({])|(?P<close>[\])}])"
)


class _State:
    """Whether a line begins a statement, told from brackets, strings and backslashes before it."""

    def __init__(self) -> None:
        self._depth = 0
        self._string = ""
        self._continues = False

    @property
    def starts_statement(self) -> bool:
        return not (self._depth or self._string or self._continues)

    def advance(self, line: str) -> None:
        at = 0
        while at < len(line):
            if self._string:
                end = re.compile(rf"(?:\\.|(?!{self._string}).)*").match(line, at)
                at = end.end() if end else len(line)
                if not line.startswith(self._string, at):
                    break
                at += 3
                self._string = ""
                continue
            match = _TOKEN.search(line, at)
            if match is None:
                break
            at = match.end()
            if match["triple"]:
                self._string = match["triple"]
            elif match["open"]:
                self._depth += 1
            elif match["close"]:
                self._depth = max(0, self._depth - 1)
        self._continues = line.endswith("\\") and not self._string
