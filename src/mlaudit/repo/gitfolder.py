"""Finding a git repository, and where its parts lie, without starting git."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from mlaudit.repo.regular import read_regular


class GitFolder(Struct, frozen=True):
    """Where the parts of a repository lie."""

    worktree: Path
    """Its top level."""
    private: Path
    """The `.git` folder, or that of a linked worktree or submodule: HEAD and the index."""
    common: Path
    """The folder that linked worktrees share: objects, refs, configuration."""
    bare: bool = False
    """What is asked about lies in the index alone, whatever lies in the worktree."""


def find_git_folder(start: Path) -> GitFolder | None:
    """The repository that a folder lies in, as git itself climbs. `start` is an absolute path.

    A bare repository is never found: one that is planted inside a checkout is a known trap.
    """
    for folder in (start, *start.parents):
        private = _private_folder(folder / ".git")
        if private is not None:
            common = _common_folder(private)
            if (private / "HEAD").is_file() and (common / "objects").is_dir():
                return GitFolder(folder, private, common)
    return None


def is_bare(folder: Path) -> bool:
    """Whether a folder is a repository without a working tree."""
    return (
        all((folder / name).is_dir() for name in ("objects", "refs"))
        and (folder / "HEAD").is_file()
    )


def _private_folder(entry: Path) -> Path | None:
    if entry.is_dir():
        return entry
    try:
        line = read_regular(entry, 8192)
    except OSError:
        return None
    if not line.startswith(b"gitdir:"):
        return None
    return _pointed_to(entry.parent, line[len(b"gitdir:") :])


def _common_folder(private: Path) -> Path:
    try:
        line = read_regular(private / "commondir", 8192)
    except OSError:
        return private
    return _pointed_to(private, line) or private


def _pointed_to(base: Path, line: bytes) -> Path | None:
    """The folder that a line of a pointer file names."""
    name = os.fsdecode(line.strip())
    try:
        return Path(os.path.realpath(base / name)) if name else None
    except ValueError:  # a NUL byte
        return None
