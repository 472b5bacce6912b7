"""One way through a program: who called whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.steps import Run


class Frame(NamedTuple):
    """A function that runs, and the call that runs it."""

    path: str
    scope: int
    call: int = -1
    """In the file of the outer frame; -1 where that makes no call, but an import."""
    outer: Frame | None = None
    held: bool = False
    """Run by a library, which passes what it likes."""

    def all(self) -> Iterator[Frame]:
        """This frame and those outside of it, innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.outer

    def around(self, scope: int) -> Frame | None:
        """The frame of an enclosing scope of the same file."""
        if scope == 0:
            return Frame(self.path, 0)
        same = (one for one in self.all() if (one.path, one.scope) == (self.path, scope))
        return next(same, None)


def frame_of(entry: EntryPoint, trace: Sequence[Run]) -> Frame:
    """The innermost frame of a trace."""
    frame = Frame(entry.path, entry.scope)
    for run in trace:
        frame = Frame(run.path, run.scope, run.call, frame, run.held)
    return frame
