"""Records of the repository stage: files, kinds, contexts, git."""

from enum import Enum
from pathlib import Path

from msgspec import Struct

from mlaudit.repo.trees import Disk, Tree


class Kind(str, Enum):
    """What a file is, which decides the reader that reads it."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    REQUIREMENTS = "requirements"
    PYPROJECT = "pyproject"
    SETUP_CFG = "setup-cfg"
    SETUP_PY = "setup-py"
    CONDA = "conda"
    PIPFILE = "pipfile"
    PIXI = "pixi"
    LOCK = "lock"
    DOCKERFILE = "dockerfile"
    YAML = "yaml"
    TOML = "toml"
    JSON = "json"
    DOTENV = "dotenv"
    MAKEFILE = "makefile"
    SHELL = "shell"
    IGNORE = "ignore"
    ATTRIBUTES = "attributes"
    TEXT = "text"
    BLOB = "blob"


class Context(str, Enum):
    """What a file is there for. What is an error in src may be silence in tests."""

    SRC = "src"
    SCRIPTS = "scripts"
    NOTEBOOKS = "notebooks"
    TESTS = "tests"
    DOCS = "docs"
    EXAMPLES = "examples"
    CONFIG = "config"
    VENDORED = "vendored"
    GENERATED = "generated"


class File(Struct, frozen=True, gc=False):
    """One file of the repository. `path` is relative to the root, with `/` on every system."""

    path: str
    kind: Kind
    context: Context
    size: int = 0
    """Bytes on disk; for a file that is missing on disk, 0."""
    tracked: bool = True
    """In the index of git; False for every file of a plain folder."""
    oid: str = ""
    """Id of the blob in the git index, empty outside git and for untracked files."""
    missing: bool = False
    """In the index, but not on disk (deleted, or never checked out)."""


class Git(Struct, frozen=True):
    """What git says of the repository, read with everything switched off that runs programs."""

    head: str = ""
    """Commit id; empty in a repository without commits."""
    branch: str = ""
    """Empty when HEAD is detached."""
    remote: str = ""
    """URL of `origin`, without user name and password."""
    shallow: bool = False
    submodules: tuple[str, ...] = ()


class Skipped(Struct, frozen=True):
    """A path that could not be taken in, and why: a value, for it stops nothing."""

    path: str
    reason: str


class Link(Struct, frozen=True):
    """A symbolic link inside the repository to something inside the repository.

    What it points to is read under its own name only, so a link is no file; but a rule that asks
    whether there is a README may want to know of it.
    """

    path: str
    target: str
    """Path relative to the root; `.` for the root itself."""


class Repo(Struct, frozen=True):
    """A repository or plain folder as opened. Its root is git's top level where there is one."""

    root: Path
    files: tuple[File, ...]
    """Sorted by path; all of the repository, whatever was asked for."""
    selection: frozenset[str] | None = None
    """Paths that were asked for; None when it is the whole repository."""
    git: Git | None = None
    skipped: tuple[Skipped, ...] = ()
    links: tuple[Link, ...] = ()
    past: Tree | None = None
    """The commit that it is looked at in; None for what lies on disk."""

    @property
    def tree(self) -> Tree:
        """What lies where in it."""
        return self.past or Disk(self.root)

    @property
    def whole(self) -> bool:
        """Whether rules about the repository as a whole can speak."""
        return self.selection is None

    def selected(self, path: str) -> bool:
        return self.selection is None or path in self.selection

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError when it cannot be read."""
        return self.tree.read(path)

    def read_head(self, path: str, size: int) -> bytes:
        """At most the first `size` bytes of a file. Raises OSError when it cannot be read."""
        return self.tree.read_head(path, size)
