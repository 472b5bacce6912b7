"""What is known of a value, and what is asked."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from mlaudit.facts.syntax import AnyValue, Collection, Const, Mapping
from mlaudit.project.linking.frames import Frame
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.values.flow import Place

FARTHEST = 40
"""Steps that one value is followed."""
NONE = Const(None)


class Object(NamedTuple):
    """An object of a class of the repository, and the call that makes it."""

    owner: Definition
    call: int


class Class(NamedTuple):
    """A class of the repository itself."""

    owner: Definition


class Options(NamedTuple):
    """What the command line is parsed into by a file."""

    path: str


Kind: TypeAlias = Const | Mapping | Collection | Object | Class | Options


class Known(NamedTuple):
    """A value that is known, and where it stands written."""

    value: Kind
    frame: Frame
    place: Place
    option: str = ""
    """The option that it hangs on: `--seed`. The value is then the one that nobody gave it."""


class Truth(NamedTuple):
    """Whether a test holds; None when nobody knows."""

    holds: bool | None
    option: str = ""

    def turned(self) -> Truth:
        return Truth(None if self.holds is None else not self.holds, self.option)


UNDECIDED = Truth(None)


class Asked(NamedTuple):
    """A value where it is used, and how far it was followed already."""

    value: AnyValue
    frame: Frame
    place: Place
    depth: int = 0
    option: str = ""

    def then(self, value: AnyValue) -> Asked:
        return self._replace(value=value, depth=self.depth + 1)

    def deeper(self) -> Asked:
        return self._replace(depth=self.depth + 1)

    def on(self, option: str) -> Asked:
        """The same, hanging on an option, too."""
        return self._replace(option=self.option or option)
