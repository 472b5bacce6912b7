"""Where symbolic links of a commit lead, told without a disk."""

from __future__ import annotations

from collections.abc import Mapping

_MOST = 40
"""Links that are followed for one path, as in Linux."""


def end_of(path: str, targets: Mapping[str, str]) -> str | None:
    """The path that a link leads to in the end, empty for the root; None out of the repository.

    `targets` are the texts of all links, by path. A loop ends at one of its links, where nothing
    else can lie.
    """
    waiting = path.split("/")[::-1]
    at: list[str] = []
    followed = 0
    while waiting:
        segment = waiting.pop()
        if segment == "..":
            if not at:
                return None
            at.pop()
        elif segment not in ("", "."):
            at.append(segment)
            target = targets.get("/".join(at))
            if target is None:
                continue
            followed += 1
            if followed > _MOST or not target:
                return "/".join(at)
            if target.startswith("/"):
                return None
            at.pop()
            waiting += target.split("/")[::-1]
    return "/".join(at)
