"""What matchers say of files that only the history holds, and of the commits that brought them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from mlaudit.project.stored import Past
from mlaudit.repo.model import Context, File
from mlaudit.rules.ignoring import ignores, lines_for
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Related, Rule, Spot

if TYPE_CHECKING:
    from mlaudit.project.project import Project

WORTH_REWRITING = 1_000_000
"""Bytes that every clone downloads."""
MAX_COMMITS = 20
"""That are named for one finding."""

_REMEDY = (
    "Nothing to do if the size does not hurt. Else take it out of all commits with "
    "`git filter-repo --path`, which gives every commit since a new id: agree on it with everybody "
    "who has a clone."
)


def selected(project: Project, rule: Rule) -> Iterator[File]:
    """The files of the past that the rule may speak of."""
    for file in project.stored.past:
        if file.context.value in rule.contexts:
            yield file


def spot_of(file: File) -> Spot:
    return Spot(file.path, commit=file.commit) if isinstance(file, Past) else Spot(file.path)


def identity_of(file: File, identity: str) -> str:
    return f"past {identity}" if isinstance(file, Past) else identity


def remedy_of(file: File) -> str:
    """Empty where the rule's own remedy fits."""
    return _REMEDY if isinstance(file, Past) else ""


def is_lower(file: File, lower_in: Collection[Context]) -> bool:
    """Whether a file counts for less. For examples of today, the funnel sees to that."""
    is_past_example = isinstance(file, Past) and file.context is Context.EXAMPLES
    return file.context in lower_in or is_past_example


def is_little(files: Sequence[File]) -> bool:
    """Whether files of the past cost so little that no history is rewritten for them."""
    stored = [file.stored for file in files if isinstance(file, Past)]
    return bool(stored) and sum(stored) < WORTH_REWRITING


def line_to_ignore(written: Sequence[str], file: File, project: Project) -> str:
    """Lines for .gitignore, of which the past has no need."""
    return "" if isinstance(file, Past) else lines_for(written, ignores(project))


def values_of(files: Sequence[File], project: Project) -> dict[str, str]:
    """`held`: where; `paid`: what every clone pays, when it is known."""
    brought = project.stored.brought
    stored = [
        file.stored if isinstance(file, Past) else brought[file.oid].stored
        for file in files
        if isinstance(file, Past) or file.oid in brought
    ]
    is_past = isinstance(files[0], Past)
    return {
        "held": "in the history of git" if is_past else "tracked by git",
        "paid": f"; every clone downloads {paths.readable(sum(stored))}" if stored else "",
    }


def commits_of(files: Sequence[File], project: Project) -> tuple[Related, ...]:
    """The commits that brought the files, as far as the history was asked for.

    The first of the past stands for the finding itself.
    """
    found = []
    for file in files[1:] if isinstance(files[0], Past) else files:
        if isinstance(file, Past):
            path, commit, stored = file.path, file.commit, file.stored
        elif file.oid in project.stored.brought:
            blob = project.stored.brought[file.oid]
            path, commit, stored = blob.path, blob.commit, blob.stored
        else:
            continue
        name = file.path.rpartition("/")[2]
        says = f"this commit brought '{name}', {paths.readable(stored)} of every clone"
        found.append(Related(Spot(path, commit=commit), says))
    return tuple(found[:MAX_COMMITS])
