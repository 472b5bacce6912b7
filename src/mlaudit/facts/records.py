"""What files other than Python say, and the record that carries all facts of one file.

Lines and columns start at 1 here; columns count characters.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from mlaudit.facts.syntax import PythonFacts
from mlaudit.repo.model import Kind


class Span(Struct, frozen=True, gc=False, array_like=True):
    line: int = 1
    column: int = 1
    end_line: int = 0
    """0: the same as `line`."""
    end_column: int = 0
    """Exclusive; 0: to the end of the line."""


class Problem(Struct, frozen=True):
    """Why a file, or a part of it, could not be read."""

    reason: str
    line: int = 0
    """0 when it is about the whole file."""


class Credential(Struct, frozen=True):
    """A place that holds, or may hold, a secret. The secret itself is never kept."""

    provider: str
    """Id in the provider table; `url` for `scheme://user:password@host`; `private-key` for PEM;
    `named` for what only a name tells."""
    span: Span
    """Of the secret alone, in raw lines and columns of the file."""
    prefix: str
    length: int
    digest: str
    virtual_line: int = 0
    """In a notebook's code: the line in the numbering of `PythonFacts`."""
    local: bool = False
    """Of a development set-up: a URL whose host is this machine or a service beside it, or what
    people set for their own machine, such as `postgres`."""
    name: str = ""
    """The name that tells a `named` one."""
    output: bool = False
    """In what a notebook saved when it ran: the output of a cell, or the state of a widget."""


class Suppression(Struct, frozen=True):
    """One `# mlaudit: ignore[...]` comment."""

    rules: tuple[str, ...]
    line: int
    reason: str = ""
    until: str = ""
    """ISO date, empty without one."""
    own_line: bool = False
    """A comment alone on its line covers the line below."""


class Entry(Struct, frozen=True, gc=False, array_like=True):
    """One key path of a document, in the order of the file."""

    path: tuple[str | int, ...]
    value: bool | int | float | str | None
    """None for a mapping or sequence, too."""
    kind: Literal["scalar", "mapping", "sequence"]
    line: int
    """Of the key, or of the item of a sequence."""
    column: int
    value_line: int
    value_column: int
    document: int = 0
    """Number of the document in a YAML stream."""


class Document(Struct, frozen=True):
    """A YAML, TOML or JSON document, flattened, with a position for every key path."""

    format: Literal["yaml", "toml", "json"]
    entries: tuple[Entry, ...] = ()
    template: bool = False
    """Holds Jinja, Helm or cookiecutter placeholders."""


class Dependency(Struct, frozen=True):
    """One declared distribution."""

    name: str
    """Normalised as PyPI does."""
    specifier: str = ""
    """PEP 440; `1.2.*` style for conda's `=1.2`. Empty: any version."""
    marker: str = ""
    extras: tuple[str, ...] = ()
    source: Literal["index", "vcs", "url", "path", "editable"] = "index"
    url: str = ""
    ref: str = ""
    """Revision of a VCS URL as written."""
    group: str = ""
    """Empty for a runtime dependency; `dev`, `extra:NAME`, `build`, `conda` ..."""
    channel: Literal["pip", "conda"] = "pip"
    hashed: bool = False
    span: Span = Span()
    raw: str = ""
    """As written, for messages."""


class Include(Struct, frozen=True):
    """`-r other.txt` or `-c constraints.txt`; `path` is relative to the repository's root."""

    kind: Literal["requirement", "constraint"]
    path: str
    span: Span = Span()
    group: str = ""
    """Of the dependencies that it brings, as in `Dependency`."""


class Manifest(Struct, frozen=True):
    """What a project asks for."""

    manager: Literal[
        "requirements", "pep621", "poetry", "pdm", "uv", "setuptools", "conda", "pipenv", "pixi"
    ]
    dependencies: tuple[Dependency, ...] = ()
    includes: tuple[Include, ...] = ()
    name: str = ""
    python: str = ""
    """Specifier of the interpreter, as written."""
    python_span: Span = Span()
    build_backend: str = ""
    scripts: tuple[tuple[str, str], ...] = ()
    """Console scripts: name and `module:function`."""
    dynamic: tuple[str, ...] = ()
    """Parts of the metadata computed at build time (`dependencies` among them, perhaps)."""
    classifiers: tuple[str, ...] = ()
    compiled_by: str = ""
    """Tool named in the header of a compiled file: `pip-compile`, `uv`, `poetry export` ..."""
    compiled_with: str = ""
    """The command in that header, where it names one."""
    packaged: bool = False
    """Describes an importable package (a build backend or `packages`)."""
    workspace: tuple[str, ...] = ()
    """Globs of the folders that share this one's lock; with `!` in front, of those that do not."""
    indexes: tuple[str, ...] = ()
    """URLs of package indexes and of pages with links, in a requirements file."""
    problems: tuple[Problem, ...] = ()


class Locked(Struct, frozen=True, gc=False, array_like=True):
    """One distribution of a lock file, at one version."""

    name: str
    version: str
    source: Literal["index", "vcs", "url", "path"] = "index"
    commit: str = ""
    line: int = 1
    channel: Literal["pip", "conda"] = "pip"
    marker: str = ""


class Lock(Struct, frozen=True):
    manager: Literal["uv", "poetry", "pdm", "pipenv", "pixi", "conda-lock", "pylock"]
    packages: tuple[Locked, ...] = ()
    python: str = ""
    python_line: int = 1
    """Where `python` stands; 1 where that is not known."""


class Instruction(Struct, frozen=True):
    """One instruction of a Dockerfile, continuation lines joined, ARG defaults substituted."""

    keyword: str
    value: str
    stage: int
    span: Span
    resolved: bool = True
    """False when a variable without a known default is left in `value`."""


class Stage(Struct, frozen=True):
    """`FROM image AS name`."""

    image: str
    """Substituted; see `resolved`."""
    name: str
    span: Span
    resolved: bool = True
    base: int = -1
    """Index of the stage it builds on; -1 for an image from outside."""


class Dockerfile(Struct, frozen=True):
    stages: tuple[Stage, ...] = ()
    instructions: tuple[Instruction, ...] = ()


class Command(Struct, frozen=True):
    """A shell command that a file says to run."""

    text: str
    line: int
    target: str = ""
    """Makefile target."""


class Setting(Struct, frozen=True):
    """`NAME=value` of a .env file. The value is never kept."""

    name: str
    span: Span
    length: int
    placeholder: bool


class Output(Struct, frozen=True):
    """One saved output of a notebook cell."""

    kind: str
    """`stream`, `display_data`, `execute_result`, `error`."""
    size: int
    """Bytes, images included."""
    line: int
    """Raw line of the .ipynb file."""
    name: str = ""
    """Name of the exception of an `error`."""


class Cell(Struct, frozen=True):
    """One cell. `first_line` is that of `PythonFacts` for code, 0 for other cells."""

    index: int
    """From 1, counting all cells."""
    kind: Literal["code", "markdown", "raw"]
    first_line: int
    lines: int
    raw_line: int
    """Where the cell begins in the .ipynb file."""
    execution_count: int | None = None
    tags: tuple[str, ...] = ()
    magics: tuple[Command, ...] = ()
    """`%magic` and `!shell` lines; `line` is that of `PythonFacts`."""
    language: str = "python"
    """Of a `%%bash`-like cell magic, else that of the kernel."""
    outputs: tuple[Output, ...] = ()
    problem: Problem | None = None
    suppress: tuple[str, ...] = ()
    """Rules named in the cell's metadata (`mlaudit.ignore`)."""


class RawLine(Struct, frozen=True, gc=False, array_like=True):
    """Where a line of code stands in the .ipynb file: line, and column of its first character."""

    line: int
    column: int


class Notebook(Struct, frozen=True):
    cells: tuple[Cell, ...] = ()
    raw_lines: tuple[RawLine, ...] = ()
    """One for each line of the code cells; line n of `PythonFacts` is `raw_lines[n - 1]`."""
    language: str = ""
    """Of the kernel, lower case; empty when the notebook does not say."""
    nbformat: int = 0

    @property
    def magics(self) -> tuple[Command, ...]:
        """Those of all cells, in their order."""
        return tuple(magic for cell in self.cells for magic in cell.magics)


class Blob(Struct, frozen=True):
    """What the first bytes of a file say."""

    format: str = ""
    """`pickle-4`, `torch-zip`, `hdf5`, `onnx`, `safetensors`, `gguf`, `tflite`, `parquet`,
    `arrow`, `npy`, `npz`, `sqlite`, `zip`, `gzip`, `image`, `text` ...; empty when unknown."""
    lfs: bool = False
    lfs_size: int = 0


class Prose(Struct, frozen=True):
    """What a Markdown, reStructuredText or plain text file says to do."""

    commands: tuple[Command, ...] = ()
    """Lines of code blocks that a shell would run."""


class Pattern(Struct, frozen=True):
    """A line of .gitignore, .dockerignore or .gitattributes."""

    pattern: str
    line: int
    attributes: tuple[str, ...] = ()


class FileFacts(Struct, frozen=True, omit_defaults=True):
    """All that one file says; only the parts that its kind has are there."""

    path: str
    kind: Kind
    python: PythonFacts | None = None
    notebook: Notebook | None = None
    document: Document | None = None
    manifest: Manifest | None = None
    lock: Lock | None = None
    dockerfile: Dockerfile | None = None
    blob: Blob | None = None
    prose: Prose | None = None
    commands: tuple[Command, ...] = ()
    settings: tuple[Setting, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    credentials: tuple[Credential, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def runs(self) -> tuple[Command, ...]:
        """All commands for a shell. In a notebook their lines are those of `PythonFacts`."""
        return self.commands if self.notebook is None else self.notebook.magics

    def raw_line(self, line: int) -> int:
        """Where a line of `PythonFacts` stands in the file."""
        raw = self.notebook.raw_lines if self.notebook is not None else ()
        return raw[line - 1].line if 0 < line <= len(raw) else line
