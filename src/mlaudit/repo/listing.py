"""The files that git knows of: those in its index, and the untracked ones that nothing ignores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlaudit.repo.git import run_git
from mlaudit.repo.gitfolder import GitFolder

_LINK_MODE = "120000"
_SUBMODULE_MODE = "160000"


class Listed(NamedTuple):
    """One path as listed: a tuple, for there are many."""

    path: str
    oid: str = ""
    """Empty for an untracked file."""
    link: bool = False
    """A symbolic link, for git."""


class Listing(NamedTuple):
    files: list[Listed]
    submodules: list[str]
    nested: list[str]
    """Untracked folders that are repositories of their own; git does not look into them."""


def list_files(folder: GitFolder) -> Listing:
    """Asks git once. Raises GitError.

    `-t` tells tracked from untracked, `-s` adds the object id: git knows both since long before
    2.25 (`--format` came with 2.38). The ignore rules are named one by one because
    `--exclude-standard` would look for `info/exclude` in the git folder that `run_git` makes, and
    for the user's own file.
    """
    exclude = folder.common / "info" / "exclude"
    excludes = [f"--exclude-from={exclude}"] if exclude.is_file() else []
    output = run_git(
        folder,
        *("ls-files", "-z", "-t", "-s", "--cached", "--others"),
        "--exclude-per-directory=.gitignore",
        *excludes,
    )
    return _parsed(output)


def _parsed(output: bytes) -> Listing:
    listing = Listing([], [], [])
    last = ""
    for record in os.fsdecode(output).split("\0"):
        if record.startswith("? "):
            path = record[2:]
            if path.endswith("/"):
                listing.nested.append(path[:-1])
            else:
                listing.files.append(Listed(path))
            continue
        description, tab, path = record.partition("\t")
        # In a merge conflict a path stands there up to three times in a row: the first will do.
        if not tab or path == last:
            continue
        last = path
        _, mode, oid, _ = description.split(" ")
        if mode == _SUBMODULE_MODE:
            listing.submodules.append(path)
        else:
            listing.files.append(Listed(path, oid, mode == _LINK_MODE))
    return listing


def paths_with(folder: GitFolder, attribute: str, value: str, paths: Sequence[str]) -> set[str]:
    """Those of the paths whose git attribute has this value. Raises GitError."""
    found = _checked(folder, [attribute], paths)
    return {path for path, _, given in found if given == value.encode()}


def attributes_of(
    folder: GitFolder, names: Sequence[str], paths: Sequence[str]
) -> dict[str, dict[str, bool]]:
    """Which of the named git attributes are set (True) or unset (False) for which paths.

    Paths without any are left out. Git itself answers, so nested files, macros and precedence are
    as git has them. Raises GitError.
    """
    found: dict[str, dict[str, bool]] = {}
    for path, name, value in _checked(folder, names, paths):
        if value != b"unspecified":
            unset = value in (b"unset", b"false")
            found.setdefault(path, {})[name.decode()] = not unset
    return found


def _checked(
    folder: GitFolder, names: Sequence[str], paths: Sequence[str]
) -> Iterator[tuple[str, bytes, bytes]]:
    """Path, attribute and value. Git itself answers."""
    stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
    source = ("--cached",) if folder.bare else ()
    output = run_git(folder, "check-attr", *source, "-z", "--stdin", *names, stdin=stdin)
    fields = output.split(b"\0")
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        yield os.fsdecode(path), name, value
