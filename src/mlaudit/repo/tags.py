"""Whether a repository has tags, read from its folder; git is started only for a past commit."""

from __future__ import annotations

import os
from functools import lru_cache

from mlaudit.repo.describing import describe
from mlaudit.repo.git import GitError, run_git
from mlaudit.repo.gitfolder import GitFolder, find_git_folder
from mlaudit.repo.model import Repo
from mlaudit.repo.regular import read_regular

_PACKED_REFS = 1 << 26


def is_tagged(repo: Repo) -> bool | None:
    """Whether the repository has a tag.

    A past commit has those of its own history, and what is checked out has all. None where that
    is not known: outside git, of a past commit where there are only others today, in a store of
    refs that only git reads, and in a shallow clone without tags, for such a clone leaves them out.
    """
    folder = find_git_folder(repo.root) if repo.git is not None else None
    if repo.git is None or folder is None or (folder.common / "reftable").is_dir():
        return None
    try:
        tagged = _has_tags(folder)
    except OSError:
        return None
    if tagged:
        git = repo.past.git if repo.past is not None else None
        if git is None or repo.git.head == describe(folder).head:
            return True
        return True if _has_tags_before(git) else None
    return None if repo.git.shallow else False


@lru_cache(maxsize=1)
def _has_tags_before(git: GitFolder) -> bool:
    """Whether a tag lies in the history of HEAD. Git walks all of it, so it is asked once."""
    try:
        return bool(run_git(git, "for-each-ref", "--count=1", "--merged=HEAD", "refs/tags"))
    except GitError:
        return False


def _has_tags(folder: GitFolder) -> bool:
    """Loose tags lie in files, the others in a list."""
    if any(files for _, _, files in os.walk(folder.common / "refs" / "tags")):
        return True
    try:
        return b" refs/tags/" in read_regular(folder.common / "packed-refs", _PACKED_REFS)
    except FileNotFoundError:
        return False
