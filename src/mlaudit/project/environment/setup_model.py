"""Places where commands set an environment up."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from mlaudit.facts.installs import Install
from mlaudit.facts.records import Dependency
from mlaudit.project.environment.interpreters import PythonSource

Side = Literal["image", "ci", "notebook"]


class Setup(Struct, frozen=True):
    """What one image, job or notebook brings into its environment."""

    side: Side
    path: str
    name: str = ""
    """Of the job; empty for the others."""
    installs: tuple[Install, ...] = ()
    pythons: tuple[PythonSource, ...] = ()
    given: tuple[Dependency, ...] = ()
    """Distributions that the base image has."""
    copies: tuple[tuple[str, str], ...] = ()
    """Files that an image takes in: path there, and path in the repository as written."""
    folders: tuple[str, ...] = ()
    """Folders that a job works in or waits for, relative to the repository."""
    runs: bool = True
    """False for a job that neither installs the project nor runs a tool that does."""

    @property
    def code(self) -> bool:
        """Whether its lines are those of `PythonFacts`."""
        return self.side == "notebook"
