"""Modules, resolved names, the call graph and the entry points."""

from __future__ import annotations

from collections.abc import Mapping

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import AnyValue, Const
from mlaudit.repo.model import File


class Program:
    """All Python of the repository, linked."""

    def __init__(self, facts: Mapping[str, FileFacts], files: Mapping[str, File]) -> None:
        self.facts = facts
        self.files = files

    def constant(self, path: str, value: AnyValue, block: int) -> Const | None:
        """The literal that `value` stands for: itself, or a name assigned once in reach.

        `block` is where the value is used. None when it is not statically known.
        """
        raise NotImplementedError

    def callee(self, path: str, call: int) -> str:
        """Resolved name of a call, re-exports within the repository followed; empty if unknown."""
        raise NotImplementedError

    def seeded_before(self, path: str, call: int, generator: str) -> bool:
        """Whether every run that reaches the call has seeded `generator` before.

        `generator` is `python`, `numpy`, `torch` or `tensorflow`. True as well where a seed may be
        set by a call that could not be resolved: who asks wants to know when to stay silent.
        """
        raise NotImplementedError

    def trains(self, path: str) -> bool:
        """Whether a training entry point lies in the file."""
        raise NotImplementedError
