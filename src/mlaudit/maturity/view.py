"""What the signs of maturity look at: a part of the repository, and what the rules saw in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call
from mlaudit.knowledge import Names
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.parts import Part, whole
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.nature import Nature
from mlaudit.project.practices.kubernetes import Thing
from mlaudit.project.practices.looks import Look, Sight, see
from mlaudit.project.practices.sights import Line, Sights
from mlaudit.project.practices.tools import COUNTED, ToolSign
from mlaudit.project.project import Project
from mlaudit.repo.model import Context, Kind
from mlaudit.rules.model import Match


class Cloud(NamedTuple):
    """A file in use that is not understood."""

    path: str
    why: str
    text: str
    code: bool


class View(Sights):
    """The files on which a level rests: those of one project root, and what speaks of it."""

    def __init__(
        self,
        project: Project,
        matches: Sequence[Match] = (),
        part: Part | None = None,
        looked: dict[int, tuple[Sight, ...]] | None = None,
    ) -> None:
        """`looked`: what looks at all files have shown, for the views of several parts to share."""
        super().__init__(project)
        part = self._part = part or whole(project)
        self.root = part.root
        self.files = part.files
        self.matches = [one for one in matches if self.holds(one.spot.path)]
        """What rules found in it."""
        self.shown: dict[str, tuple[Evidence, ...]] = {}
        """What each sign showed, once it was asked."""
        self._looked = {} if looked is None else looked
        self.clouds: list[Cloud] | None = None
        """Files that are not understood, once somebody asked for them."""
        if part.files is not project.files:
            self.facts = {path: one for path, one in project.facts.items() if path in part.files}

    def holds(self, path: str) -> bool:
        """Whether a finding at this path is about the part."""
        return self._part.holds(self.project, path)

    def counts(self, path: str) -> bool:
        """Whether a finding at this path is about what the project itself does, or says."""
        file = self.project.files.get(path)
        told = file is not None and (file.kind, file.context) == (Kind.TEXT, Context.DOCS)
        return file is None or file.context in COUNTED or told

    # what is indexed for all parts at once

    def sees(self, look: Look, says: str) -> Iterator[Sight]:
        """All places where one way of a practice shows itself."""
        if self.files is self.project.files:
            yield from see(look, says, self)
            return
        known = self._looked.get(id(look))
        if known is None:
            known = self._looked[id(look)] = tuple(see(look, says, self.project.sights))
        yield from (one for one in known if one.path in self.files)

    @cached_property
    def tools(self) -> tuple[ToolSign, ...]:
        return tuple(one for one in self.project.sights.tools if one.path in self.files)

    @cached_property
    def commands(self) -> tuple[Line, ...]:
        return tuple(one for one in self.project.sights.commands if one.path in self.files)

    @cached_property
    def objects(self) -> tuple[Thing, ...]:
        return tuple(one for one in self.project.sights.objects if one.path in self.files)

    def calls(self, names: Names) -> Iterator[tuple[FileFacts, Call]]:
        return (one for one in self.project.sights.calls(names) if one[0].path in self.files)

    @cached_property
    def training(self) -> tuple[EntryPoint, ...]:
        """The entry points of applications that train, examples and the like left out."""
        project = self.project
        return tuple(
            entry
            for entry in project.program.entry_points
            if entry.path in self.files
            and self.files[entry.path].context in COUNTED
            and project.nature(project.environment.root_of(entry.path)) is not Nature.LIBRARY
            and project.program.fits(entry)
        )
