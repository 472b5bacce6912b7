"""What the commands of installers bring into an environment."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.python_commands import without_runners
from mlaudit.facts.records import Dependency, Span
from mlaudit.facts.requirements import read_line
from mlaudit.facts.shell import split_commands
from mlaudit.facts.specifiers import conda_specifier

_GATE = re.compile(
    r"\b(?:pip[0-9.]*|pip-sync|uv|conda|mamba|micromamba|poetry|pdm|pipenv|pixi|conda-lock)\b"
)
_PIP = re.compile(r"pip(?:3(?:\.\d+)?)?")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*|\{?\$?\{?sys\.executable\}?\}?")
_CONDAS = frozenset({"conda", "mamba", "micromamba"})
_UNKNOWN = re.compile(r"[$`{}*]")
_LOCAL = re.compile(r"(?:\.{1,2}(?:/[^\s;@]*)?|/[^\s;@]+|[\w.-]+/[^\s;@]*)(?:\[[\w,.\s-]*\])?")
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar\.gz|tar\.bz2|tgz)(?:\[[\w,.\s-]*\])?$")
_CONDA_SPEC = re.compile(r"(?:[\w./:-]+::)?([A-Za-z0-9_][\w.-]*)\s*(?:\[.*\])?\s*([=<>!~\s].*)?")
_VALUED_OPTIONS = """
    -i --index-url --extra-index-url -f --find-links -t --target --prefix --root --python -p
    --platform --python-version --python-platform --abi --implementation --only-binary --no-binary
    --progress-bar --src --cache-dir --proxy --timeout --retries --trusted-host --config-settings
    -C --global-option --report --group --extra --torch-backend --prerelease --resolution
    --exclude-newer --index-strategy --upgrade-package -P --index --default-index --link-mode
    --keyring-provider --build-constraint -b --log -o --output-file
    --upgrade-strategy --use-feature --use-deprecated --project --directory -n --name --channel
    --solver --with --without --only --lockfile --no-group --only-group --format --package --color
    --exists-action --environment -e -c -E --extras -G
"""
_VALUED = frozenset(_VALUED_OPTIONS.split())
_GROUPS = frozenset(
    {
        *("--group", "--only-group", "--no-group", "--extra", "--extras", "-E", "-G"),
        *("--with", "--without", "--only", "--no-dev", "--dev", "-d", "--prod", "--production"),
        *("--all-groups", "--all-extras", "--no-default-groups", "--only-dev"),
    }
)
_BUNDLED = re.compile(r"-[qUIvx]+([qUIvrce])")
"""`-qUr list.txt`; the last letter may take a value."""
_LISTS = ("-r", "--requirement", "--requirements", "--file")
_CONSTRAINTS = ("-c", "--constraint", "--constraints", "--override", "--overrides")
_EDITABLE = ("-e", "--editable")

Tool = Literal["pip", "conda", "uv", "poetry", "pdm", "pipenv", "pixi"]
Action = Literal["resolve", "lock", "export"]


class Install(Struct, frozen=True):
    """One command of an installer. Words that a shell would expand are left out."""

    tool: Tool
    action: Action
    """`resolve` takes what is newest and fits; `lock` what the lock file says, and `export` writes
    that into a list."""
    line: int
    dependencies: tuple[Dependency, ...] = ()
    """Named by the command itself."""
    lists: tuple[str, ...] = ()
    """Files that name what is wanted, as written: `-r`, `conda env create -f`."""
    constraints: tuple[str, ...] = ()
    """Files that decide on versions: `-c`, `--override`."""
    projects: tuple[str, ...] = ()
    """Folders whose package is installed, as written: `.` of `pip install -e .[dev]`."""
    archives: tuple[str, ...] = ()
    """Wheels and archives on disk, as written."""
    bare: bool = False
    """`--no-deps`: nothing that the packages themselves ask for."""
    python: str = ""
    """PEP 440 specifier of the interpreter that the command brings."""
    groups: tuple[str, ...] = ()
    """Options that say which groups and extras come along: `--no-dev`, `--group=docs`; for the
    `.[dev]` of pip, `--extra=dev`."""
    output: str = ""
    """The file that an export writes, as far as its options say."""


def installs(text: str, path: str, line: int = 1) -> tuple[Install, ...]:
    """What a shell text, or a `%pip` line of a notebook, installs; `line` is its place.

    `path` is the file in which it stands.
    """
    if not _GATE.search(text):
        return ()
    found: list[Install] = []
    folder = ""
    for argv in split_commands(text.lstrip("%!")):
        if argv[0] == "cd" and len(argv) == 2:
            folder = posixpath.join(folder, argv[1])
        else:
            found += (_moved(one, folder) for one in _of_command(argv, path, line))
    return tuple(found)


def _moved(install: Install, folder: str) -> Install:
    """What the command names, as seen from where the shell text began."""
    if not folder:
        return install
    if _UNKNOWN.search(folder):
        return replace(install, projects=(), archives=())
    names = ("lists", "constraints", "projects", "archives")
    moved = {
        name: tuple(posixpath.join(folder, one) for one in getattr(install, name)) for name in names
    }
    return replace(install, **moved)


def _of_command(argv: list[str], path: str, line: int) -> Iterator[Install]:
    argv = without_runners(argv)
    name = argv[0].rpartition("/")[2] if argv else ""
    if _PYTHON.fullmatch(name) and argv[1:2] == ["-m"]:
        argv = argv[2:]
        name = argv[0] if argv else ""
    if _PIP.fullmatch(name):
        name = "pip"
    key = (name, *argv[1:3])
    for size in (3, 2, 1):
        found = _COMMANDS.get(key[:size])
        if found is not None:
            tool, action, style = found
            reader = _Reader(tool, action, style, path, line)
            yield reader.read(argv[size:])
            return


_Style = Literal["pip", "lists", "conda", "file", "lock"]

_COMMANDS: dict[tuple[str, ...], tuple[Tool, Action, _Style]] = {
    ("pip", "install"): ("pip", "resolve", "pip"),
    ("uv", "pip", "install"): ("pip", "resolve", "pip"),
    ("uv", "add"): ("pip", "resolve", "pip"),
    ("uv", "pip", "sync"): ("pip", "resolve", "lists"),
    ("pip-sync",): ("pip", "resolve", "lists"),
    ("uv", "pip", "compile"): ("uv", "export", "lock"),
    ("pip-compile",): ("pip", "export", "lock"),
    ("uv", "sync"): ("uv", "lock", "lock"),
    ("uv", "export"): ("uv", "export", "lock"),
    ("uv", "venv"): ("uv", "resolve", "lock"),
    ("uv", "python", "install"): ("uv", "resolve", "conda"),
    ("poetry", "install"): ("poetry", "lock", "lock"),
    ("poetry", "sync"): ("poetry", "lock", "lock"),
    ("poetry", "export"): ("poetry", "export", "lock"),
    ("pdm", "install"): ("pdm", "lock", "lock"),
    ("pdm", "sync"): ("pdm", "lock", "lock"),
    ("pdm", "export"): ("pdm", "export", "lock"),
    ("pipenv", "install"): ("pipenv", "lock", "lock"),
    ("pipenv", "sync"): ("pipenv", "lock", "lock"),
    ("pipenv", "requirements"): ("pipenv", "export", "lock"),
    ("pixi", "install"): ("pixi", "lock", "lock"),
    ("conda-lock", "install"): ("conda", "lock", "lock"),
    **{(one, word): ("conda", "resolve", "conda") for one in _CONDAS for word in ("install",)},
    **{(one, word): ("conda", "resolve", "conda") for one in _CONDAS for word in ("create",)},
    **{
        (one, "env", word): ("conda", "resolve", "file")
        for one in _CONDAS
        for word in ("create", "update")
    },
}


class _Reader:
    """Reads the words behind a command."""

    def __init__(self, tool: Tool, action: Action, style: _Style, path: str, line: int) -> None:
        self._install = Install(tool, action, line)
        self._style = style
        self._path = path
        self._dependencies: list[Dependency] = []
        self._files: dict[str, list[str]] = {
            key: [] for key in ("lists", "constraints", "projects", "archives")
        }
        self._python = ""
        self._output = ""
        self._bare = False
        self._groups: list[str] = []

    def read(self, words: list[str]) -> Install:
        waiting = iter(words)
        for word in waiting:
            if word.startswith("-") and len(word) > 1:
                self._option(word, waiting)
            elif not _UNKNOWN.search(word):
                self._word(word)
        return replace(
            self._install,
            dependencies=tuple(self._dependencies),
            bare=self._bare,
            groups=tuple(self._groups),
            python=self._python,
            output=self._output,
            **{key: tuple(found) for key, found in self._files.items()},
        )

    def _option(self, word: str, waiting: Iterator[str]) -> None:
        bundled = _BUNDLED.fullmatch(word)
        word = f"-{bundled[1]}" if bundled else word
        name, equals, value = word.partition("=")
        if not word.startswith("--") and len(word) > 2 and word[:2] in ("-r", "-c", "-e", "-f"):
            name, equals, value = word[:2], "=", word[2:].lstrip("=")
        kind = self._kind(name)
        self._bare = self._bare or name == "--no-deps"
        if not equals and (kind or name in _VALUED):
            value = next(waiting, "")
        if _UNKNOWN.search(value):
            return
        if name in _GROUPS:
            self._groups.append(f"{name}={value}" if value else name)
        if kind == "editable":
            self._word(value)
        elif kind == "python":
            self._python = _interpreter(value)
        elif kind == "output":
            self._output = value
        elif kind:
            self._files[kind].append(value)

    def _kind(self, name: str) -> str:
        """What the option's value is; empty when it is of no interest."""
        if self._install.tool == "conda":
            return "lists" if name in ("-f", "--file") else ""
        if name in ("-o", "--output-file", "--output"):
            return "output"
        if name in ("-p", "--python"):
            return "python"
        if self._style not in ("pip", "lists"):
            return ""
        if name in _EDITABLE:
            return "editable"
        if name in _CONSTRAINTS:
            return "constraints"
        return "lists" if name in _LISTS else ""

    def _word(self, word: str) -> None:
        match self._style:
            case "lists":
                self._files["lists"].append(word)
            case "conda":
                self._conda(word)
            case "pip":
                self._pip(word)
            case _:
                pass

    def _pip(self, word: str) -> None:
        if _ARCHIVE.search(word) and "://" not in word and "@" not in word:
            self._files["archives"].append(word)
        elif _LOCAL.fullmatch(word) and "://" not in word:
            folder, _, extras = word.rstrip("]").partition("[")
            self._files["projects"].append(folder)
            self._groups += [f"--extra={one.strip()}" for one in extras.split(",") if one.strip()]
        else:
            span = Span(self._install.line)
            found = read_line(word, self._path).dependencies
            self._dependencies += [replace(one, group="", span=span) for one in found]

    def _conda(self, word: str) -> None:
        found = _CONDA_SPEC.fullmatch(word)
        if found is None:
            self._python = self._python or _interpreter(word)
            return
        name, version = normalise(found[1]), conda_specifier(found[2] or "")
        if self._install.tool == "uv":
            self._python = _interpreter(word)
        elif name == "python":
            self._python = _interpreter(version.removeprefix("=="))
        else:
            span = Span(self._install.line)
            dependency = Dependency(name, version, channel="conda", span=span, raw=word)
            self._dependencies.append(dependency)


def _interpreter(text: str) -> str:
    """`==3.11.*` for `3.11` and `python3.11`; empty for what names no version."""
    found = re.fullmatch(r"(?:c?python-?)?(\d+(?:\.\d+){0,2})(?:\.\*)?", text)
    if found is None:
        return text if re.fullmatch(r"[<>=~!][<>=~!\d.,*]*", text) else ""
    return f"=={found[1]}" if found[1].count(".") == 2 else f"=={found[1]}.*"
