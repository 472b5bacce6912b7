"""What the user wants left out."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from mlaudit.repo.model import Repo


def without(repo: Repo, patterns: Sequence[str]) -> Repo:
    """The repository without the files that patterns, written as in .gitignore, name."""
    if not patterns:
        return repo
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(patterns)
    return structs.replace(
        repo, files=tuple(file for file in repo.files if not spec.match_file(file.path))
    )
