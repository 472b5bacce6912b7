"""Which generators are seeded at a moment, and where that ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mlaudit.facts.syntax import Call, Collection, Const, PythonFacts, Result
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project

_DELAYED = frozenset({"joblib.delayed", "sklearn.utils.parallel.delayed"})
_PARALLEL = frozenset({"joblib.Parallel", "sklearn.utils.parallel.Parallel"})


class _Island(NamedTuple):
    """A stretch of the program whose seeds are forgotten behind it."""

    path: str
    number: int
    fresh: bool = False
    """A process of its own, in which nothing that was seeded before is."""
    imports: bool = False
    """That process imports the program's own modules first."""


class State:
    """Seeds hold from where they are set to the end of the block that forgets them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._islands: list[tuple[_Island, frozenset[str]]] = []
        self._blocks: dict[str, frozenset[int]] = {}
        self._kept: dict[tuple[str, int], frozenset[str]] = {}
        self.seeded: set[str] = set()
        self.at_import: set[str] = set()
        """What the modules of the program seed when they are imported."""
        self.options: dict[str, str] = {}
        """Generators that an option without a default seeds: `--seed`."""

    def comes_to(self, frames: Iterable[tuple[str, int, bool]]) -> bool:
        """Moves to a call, by the calls that lead to it. Whether it stands on an island.

        With each call comes whether a library runs the next of them.
        """
        around = [island for frame in frames for island in self._around(*frame)]
        common = 0
        for (known, _), island in zip(self._islands, around, strict=False):
            if known != island:
                break
            common += 1
        while len(self._islands) > common:
            self.seeded = set(self._islands.pop()[1])
        for island in around[common:]:
            self._islands.append((island, frozenset(self.seeded)))
            if island.fresh:
                self.seeded = set(self.at_import) if island.imports else set()
        return bool(around)

    def _around(self, path: str, number: int, held: bool) -> Iterable[_Island]:
        python = self._python(path)
        islands = self._forgetful(path)
        if islands:
            block = python.calls[number].block
            found = []
            while block >= 0:
                if block in islands:
                    found.append(_Island(path, block))
                block = python.blocks[block].parent
            yield from reversed(found)
        if held:
            name = self._project.program.callee(path, number)
            if name in api_table("frameworks", "frameworks.starts-processes"):
                yield _Island(path, number, fresh=True, imports=True)
            elif name in _DELAYED and self._has_processes(path):
                yield _Island(path, number, fresh=True)

    def _has_processes(self, path: str) -> bool:
        pools = [call for call in self._python(path).calls if call.callee in _PARALLEL]
        return bool(pools) and all(map(_is_parallel, pools))

    def _forgetful(self, path: str) -> frozenset[int]:
        """Blocks behind a `with` that brings the state of the generators back."""
        known = self._blocks.get(path)
        if known is None:
            names = api_table("frameworks", "frameworks.isolate")
            python = self._python(path)
            makers = {n for n, call in enumerate(python.calls) if call.callee in names}
            known = self._blocks[path] = frozenset(_behind(python, makers))
        return known

    def _python(self, path: str) -> PythonFacts:
        return self._project.facts[path].python or PythonFacts()

    def keep(self, path: str, number: int) -> None:
        """The state of the generators is kept, by this call."""
        self._kept[path, number] = frozenset(self.seeded)

    def restore(self, generators: frozenset[str], path: str, number: int) -> None:
        """What a call kept is brought back."""
        kept = self._kept.get((path, number), generators)
        self.seeded = (self.seeded - generators) | (generators & kept)


def _is_parallel(pool: Call) -> bool:
    """More than one job, and nothing is said of threads."""
    jobs = pool.args[0] if pool.args else pool.keyword("n_jobs")
    if not isinstance(jobs, Const) or jobs.value in (None, 0, 1):
        return False
    return not pool.open and not any(
        pool.keyword(word) for word in ("backend", "prefer", "require")
    )


def _behind(python: PythonFacts, makers: set[int]) -> Iterable[int]:
    for number, block in enumerate(python.blocks if makers else ()):
        if block.kind == "with":
            values = block.value.items if isinstance(block.value, Collection) else [block.value]
            if any(isinstance(value, Result) and value.call in makers for value in values):
                yield number
