"""What the signs of maturity look at: the repository, and what the rules saw in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from mlaudit.maturity.model import Evidence
from mlaudit.project.entry_points import EntryPoint
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.project.sights import Sights
from mlaudit.project.tools import COUNTED
from mlaudit.rules.model import Match


class View(Sights):
    """Files on which a level may rest, and what they say."""

    def __init__(self, project: Project, matches: Sequence[Match] = ()) -> None:
        super().__init__(project)
        self.matches = matches
        self.shown: dict[str, tuple[Evidence, ...]] = {}
        """What each sign showed, once it was asked."""

    def counts(self, path: str) -> bool:
        """Whether a finding at this path is about what the project itself does."""
        file = self.project.files.get(path)
        return file is None or file.context in COUNTED

    @cached_property
    def training(self) -> tuple[EntryPoint, ...]:
        """The entry points of applications that train, examples and the like left out."""
        project = self.project
        return tuple(
            entry
            for entry in project.program.entry_points
            if project.files[entry.path].context in COUNTED
            and project.nature(project.environment.root_of(entry.path)) is not Nature.LIBRARY
            and project.program.fits(entry)
        )
