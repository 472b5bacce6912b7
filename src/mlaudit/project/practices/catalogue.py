"""The catalogue of tools as data: how each shows itself in a repository."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache

from msgspec import Struct

from mlaudit.knowledge import shipped, shipped_names


class Strength(str, Enum):
    """How strongly a sign speaks: written down, imported, or called."""

    DECLARED = "declared"
    IMPORTED = "imported"
    CALLED = "called"

    @property
    def rank(self) -> int:
        return _RANKS[self.value]


_RANKS = {"declared": 0, "imported": 1, "called": 2}


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """A YAML, TOML or JSON document that one knows by its keys, and perhaps a value."""

    keys: tuple[str, ...]
    """At the top level; all of them."""
    files: str = ""
    """What the end of the path looks like; empty: any."""
    values: dict[str, str] = {}
    """Key: a regular expression that matches its value from the start."""


class ToolExample(Struct, frozen=True, forbid_unknown_fields=True):
    """A small repository that uses the tool; `shows` is how strongly."""

    files: dict[str, str]
    shows: Strength = Strength.CALLED


class Tool(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `rules/tools`: how a tool shows itself in a repository."""

    id: str
    name: str
    gives: dict[str, int] = {}
    """Capability: the level that the tool can carry when it is called."""
    distributions: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    """Dotted modules; whatever is called below one of them counts as a call."""
    inert: bool = False
    """Importing it alone says nothing."""
    files: tuple[str, ...] = ()
    """Regular expressions for paths of files that set the tool up."""
    runs: tuple[str, ...] = ()
    """The same, for files that are themselves what runs."""
    commands: tuple[str, ...] = ()
    """Regular expressions for the start of a command."""
    images: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """Kubernetes objects, as `group/Kind`; the version is not looked at."""
    terraform: tuple[str, ...] = ()
    """Resource types; `*` stands for any end."""
    actions: tuple[str, ...] = ()
    """GitHub actions, as `owner/name`."""
    variables: tuple[str, ...] = ()
    """Environment variables; `*` stands for any end."""
    texts: tuple[str, ...] = ()
    """Regular expressions for the start of a string in code."""
    documents: tuple[Shape, ...] = ()
    note: str = ""
    """What users of it should know: that it ended, or what took its place."""
    examples: tuple[ToolExample, ...] = ()


class _File(Struct, frozen=True):
    tools: tuple[Tool, ...]


@cache
def catalogue() -> Mapping[str, Tool]:
    """All tools by id, in the order of the files."""
    return {tool.id: tool for name in shipped_names("tools") for tool in shipped(name, _File).tools}
