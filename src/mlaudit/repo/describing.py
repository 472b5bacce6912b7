"""What git says of a repository beside its files, read from its folder without starting git."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from mlaudit.repo.git import GitError, run_git
from mlaudit.repo.gitconfig import config_values
from mlaudit.repo.gitfolder import GitFolder
from mlaudit.repo.model import Git
from mlaudit.repo.regular import read_regular

_SMALL = 1 << 12
_PACKED_REFS = 1 << 26
_OID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# The second form is a password with a slash in it: after the colon stands no port.
_USER = re.compile(r"^(?:[^/]*@|[^/@]*:(?!\d*(?:/|$))[^@]*@)")
_BRANCH = "refs/heads/"


def describe(folder: GitFolder, submodules: Iterable[str] = ()) -> Git:
    """The record of a repository. What cannot be read is left empty."""
    reference, head = _head(folder)
    return Git(
        head=head,
        branch=reference.removeprefix(_BRANCH) if reference.startswith(_BRANCH) else "",
        remote=_remote(folder),
        shallow=(folder.common / "shallow").is_file(),
        submodules=tuple(submodules),
    )


def _head(folder: GitFolder) -> tuple[str, str]:
    """The full name of the branch that is checked out (empty when detached) and its commit."""
    content = _content(folder, "HEAD")
    if not content.startswith(b"ref:"):
        return "", _oid(content)
    name = content[len(b"ref:") :].strip()
    if (folder.common / "reftable").is_dir():
        return _asked_of_git(folder)
    reference = name.decode("utf-8", "replace")
    if ".." in reference or not reference.startswith("refs/"):
        return "", ""
    return reference, _oid(_content(folder, reference)) or _packed(folder, name)


def _content(folder: GitFolder, name: str) -> bytes:
    for place in (folder.private, folder.common):
        with suppress(OSError, ValueError):
            return read_regular(place / name, _SMALL)
    return b""


def _oid(content: bytes) -> str:
    match = _OID.fullmatch(content.strip())
    return match[0].decode() if match else ""


def _packed(folder: GitFolder, name: bytes) -> str:
    try:
        content = read_regular(folder.common / "packed-refs", _PACKED_REFS)
    except OSError:
        return ""
    end = content.find(b" " + name + b"\n")
    return _oid(content[content.rfind(b"\n", 0, end) + 1 : end]) if end > 0 else ""


def _asked_of_git(folder: GitFolder) -> tuple[str, str]:
    try:
        reference = run_git(folder, "rev-parse", "--symbolic-full-name", "HEAD")
        commit = run_git(folder, "rev-parse", "HEAD")
    except GitError:
        return "", ""
    return reference.decode("utf-8", "replace").strip(), _oid(commit)


def _remote(folder: GitFolder) -> str:
    for key, value in config_values(folder.common / "config"):
        if key == "remote.origin.url":
            return without_credentials(value)
    return ""


def without_credentials(url: str) -> str:
    """A URL without user name, password, query and fragment, any of which may hold a token.

    The user goes from the scp-like form `git@host:path`, too.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "", url
    # The user goes first, for a password may hold a question mark.
    return scheme + mark + re.split(r"[?#]", _USER.sub("", rest), maxsplit=1)[0]
