"""All code that programs run, as one graph: who comes where, without a walk for each program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.reach import CallGraph
from mlaudit.project.linking.steps import Half, Key, Site


class Node(NamedTuple):
    """Code that runs. A module that is run as a program does more than one that is imported."""

    key: Key
    as_program: bool = False


class Ways:
    """Looks at each piece of code once, however many programs run it."""

    def __init__(self, graph: CallGraph, wanted: Callable[[Site], bool]) -> None:
        self._graph = graph
        self._wanted = wanted
        self._runners: dict[Node, list[Node]] = {}
        """For each piece of code that was looked at: what runs it."""
        self._of_scope: dict[tuple[str, int], list[Node]] = defaultdict(list)
        self._leading: set[Node] = set()
        """Code from which a call that is wanted is reached."""

    def lead_to_wanted(self, entry: EntryPoint) -> bool:
        """Whether a program comes to a call that is wanted."""
        self._look_from(entry)
        return not self._leading.isdisjoint(_starts(entry))

    def leading_to(
        self, path: str, scope: int, entries: Iterable[EntryPoint]
    ) -> tuple[EntryPoint, ...]:
        """Those of the programs that come to a scope of a file."""
        asked = list(entries)
        for entry in asked:
            self._look_from(entry)
        leading: set[Node] = set()
        for node in self._of_scope.get((path, scope), ()):
            self._spread(node, leading)
        return tuple(entry for entry in asked if not leading.isdisjoint(_starts(entry)))

    def _look_from(self, entry: EntryPoint) -> None:
        waiting = [node for node in _starts(entry) if self._is_new(node)]
        while waiting:
            node = waiting.pop()
            wanted = False
            for step in self._graph.steps_of(*node):
                if isinstance(step, Site):
                    wanted = wanted or self._wanted(step)
                    continue
                inner = Node((step.path, step.scope, step.owner, step.half))
                if self._is_new(inner):
                    waiting.append(inner)
                self._runners[inner].append(node)
                wanted = wanted or inner in self._leading
            if wanted:
                self._spread(node, self._leading)

    def _is_new(self, node: Node) -> bool:
        if node in self._runners:
            return False
        self._runners[node] = []
        self._of_scope[node.key[:2]].append(node)
        return True

    def _spread(self, node: Node, leading: set[Node]) -> None:
        """Adds a piece of code, and all that runs it at any remove."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one not in leading:
                leading.add(one)
                waiting += self._runners[one]


def _starts(entry: EntryPoint) -> list[Node]:
    own = Node((entry.path, entry.scope, None, Half.WHOLE), as_program=True)
    return [own, Node((entry.path, 0, None, Half.WHOLE))] if entry.scope else [own]
