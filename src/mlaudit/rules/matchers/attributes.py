"""Which paths go through Git LFS, by .gitattributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from mlaudit.facts.records import Pattern
from mlaudit.repo.model import Kind

if TYPE_CHECKING:
    from mlaudit.project.project import Project


class _Line(NamedTuple):
    folder: str
    """Of the .gitattributes file, with a slash at its end; empty for the root."""
    matches: Callable[[str], bool]
    lfs: bool


def in_lfs(project: Project) -> Callable[[str], bool]:
    """Tells of a path whether git stores a pointer for it.

    The size of such a file in the working tree says nothing of what git holds. The last line that
    fits decides, and a file deeper down outweighs one above.
    """
    lines = list(_lines(project))
    if not any(line.lfs for line in lines):
        return lambda _: False

    def decide(path: str) -> bool:
        for line in reversed(lines):
            if path.startswith(line.folder) and line.matches(path[len(line.folder) :]):
                return line.lfs
        return False

    return decide


def _lines(project: Project) -> list[_Line]:
    """All lines that set or unset a filter, those of outer folders first."""
    files = [facts for facts in project.of_kind(Kind.ATTRIBUTES) if facts.patterns]
    files.sort(key=lambda facts: facts.path.count("/"))
    found: list[_Line] = []
    for facts in files:
        folder = facts.path.rpartition("/")[0]
        for pattern in facts.patterns:
            setting = _filter(pattern)
            if setting is not None:
                found.append(
                    _Line(f"{folder}/" if folder else "", _matcher(pattern.pattern), setting)
                )
    return found


def _filter(pattern: Pattern) -> bool | None:
    """Whether the line sends its paths through LFS; None when it says nothing of filters."""
    decided = None
    for attribute in pattern.attributes:
        name, _, value = attribute.partition("=")
        if name.lstrip("-!") == "filter":
            decided = value == "lfs"
    return decided


def _matcher(pattern: str) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    # In .gitattributes a pattern without a slash fits in every folder, as in .gitignore.
    try:
        spec = GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return lambda _: False
    return lambda path: bool(spec.match_file(path))
