"""Tracker runs that are still open when the next one starts."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.records import FileFacts, Span
from mlaudit.facts.syntax import (
    Call,
    Collection,
    Const,
    Local,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule, Spot

LOOPS = ("for", "while", "comprehension")
CONTINUES = ("nested", "reinit", "run_id", "id", "resume")
"""Arguments that make another start legitimate."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each start of a run that an open run gets in the way of."""
    for file in in_context(project, rule):
        if file.python is not None:
            yield from _Runs(project, file, file.python).matches(rule)


class _Runs:
    """The runs that one file opens by hand."""

    def __init__(self, project: Project, file: FileFacts, python: PythonFacts) -> None:
        self.project = project
        self.file = file
        self.python = python
        opens = api_table("tracking", "tracking.opens-run")
        starts = [n for n, call in enumerate(python.calls) if call.callee in opens]
        managed = self._managed() if starts else frozenset()
        self.starts = [n for n in starts if n not in managed and not self._continues(n)]

    def matches(self, rule: Rule) -> Iterator[Match]:
        for number in self.starts:
            if self._escapes(number):
                continue
            other = self._open_before(number)
            if other is not None:
                related = Related(self._spot(other), "this run is still open")
                yield self._match(rule, number, "the run started before is still open", related)
            elif self._is_left_by_error(number):
                yield self._match(rule, number, "an error leaves it open, and the loop goes on")
            elif self._repeats(number):
                yield self._match(rule, number, "it is opened again in each pass of the loop")
            elif self._in_cell(number):
                yield self._match(rule, number, "running the cell again meets the open run")

    def _match(self, rule: Rule, number: int, how: str, *related: Related) -> Match:
        callee = self.python.calls[number].callee
        values = {"callee": callee, "how": how}
        return Match(rule.id, self._spot(number), values, related=related)

    def _spot(self, number: int) -> Spot:
        call = self.python.calls[number]
        span = Span(call.line, call.column, call.end_line, call.end_column)
        return Spot(self.file.path, span, code=True)

    # ways in which a run is closed, or no business of ours

    def _managed(self) -> frozenset[int]:
        """Calls whose result is a context manager of a `with`, or is returned or handed on."""
        blocks = self.python.blocks
        values = [block.value for block in blocks if block.kind == "with" and block.value]
        values += [s.value for s in self.python.statements if s.kind in ("return", "yield")]
        for call in self.python.calls:
            values += [*call.args, *(value for _, value in call.keywords)]
        return frozenset(
            part.call
            for value in values
            for part in (value.items if isinstance(value, Collection) else (value,))
            if isinstance(part, Result)
        )

    def _continues(self, number: int) -> bool:
        call = self.python.calls[number]
        if self.file.notebook is not None and call.callee == "wandb.init":
            # In Jupyter, W&B itself finishes the run before, unless told not to.
            return call.keyword("reinit") != Const(False)
        return call.open or any(
            call.keyword(name) not in (None, Const(False), Const(None)) for name in CONTINUES
        )

    def _escapes(self, number: int) -> bool:
        """Whether the run's own name is closed, used in a `with`, returned or handed on."""
        names = {
            binding.name for binding in self.python.bindings if binding.value == Result(number)
        }
        if any("." in name for name in names):
            return True
        uses = {Local(name) for name in names}
        held = [b.value for b in self.python.blocks if b.kind == "with"]
        held += [s.value for s in self.python.statements if s.kind in ("return", "yield")]
        held += [value for call in self.python.calls for value in call.args]
        return any(value in uses for value in held)

    def _closes(self, number: int) -> bool:
        """Whether a call closes a run, itself or in a function of the repository, or may do so."""
        if self.project.runs.extents.closes(self.file.path, number):
            return True
        unknown = self.project.program.resolver.call(self.file.path, number) is None
        return unknown and "finish" in _last(self.python.calls[number])

    # ways in which an open run gets in the way

    def _open_before(self, number: int) -> int | None:
        """An earlier start on the same straight way, with nothing that closes it between."""
        call = self.python.calls[number]
        for other in reversed([n for n in self.starts if n < number]):
            before = self.python.calls[other]
            if before.callee != call.callee or not self._on_the_way(before.block, call.block):
                continue
            if not any(self._closes(n) for n in range(other + 1, number)):
                return other
        return None

    def _on_the_way(self, earlier: int, later: int) -> bool:
        """Whether whoever gets to `later` has come through `earlier`: it encloses it."""
        while later >= 0:
            if later == earlier:
                return True
            later = self.python.blocks[later].parent
        return False

    def _repeats(self, number: int) -> bool:
        """Started in a loop that neither closes the run nor leaves after it."""
        loop = self._loop_of(self.python.calls[number].block)
        if loop is None:
            return False
        inside = [
            n for n, call in enumerate(self.python.calls) if self._on_the_way(loop, call.block)
        ]
        leaves = any(
            statement.kind in ("break", "return", "raise")
            and self._on_the_way(loop, statement.block)
            for statement in self.python.statements
        )
        return not leaves and not any(self._closes(n) for n in inside)

    def _is_left_by_error(self, number: int) -> bool:
        """Closed only at the end of a `try` in a loop, whose `except` goes on with the loop."""
        block = self.python.calls[number].block
        while block >= 0 and self.python.blocks[block].kind != "try":
            block = self.python.blocks[block].parent
        if block < 0 or self._loop_of(block) is None:
            return False
        around = self.python.blocks[block].parent
        handlers = self._handlers(block, around)
        closing = [
            call.block
            for n, call in enumerate(self.python.calls)
            if n > number and self._on_the_way(around, call.block) and self._closes(n)
        ]
        in_try = all(self._on_the_way(block, closed) for closed in closing)
        return bool(closing and handlers) and in_try and not self._leaves(handlers)

    def _handlers(self, block: int, around: int) -> list[int]:
        """The `except` blocks that belong to a `try`: those before the next one beside it."""
        found = []
        for number in range(block + 1, len(self.python.blocks)):
            other = self.python.blocks[number]
            if other.parent == around and other.kind == "try":
                break
            if other.parent == around and other.kind == "except":
                found.append(number)
        return found

    def _leaves(self, blocks: list[int]) -> bool:
        return any(
            statement.kind in ("break", "return", "raise")
            and any(self._on_the_way(block, statement.block) for block in blocks)
            for statement in self.python.statements
        )

    def _loop_of(self, block: int) -> int | None:
        while block >= 0:
            if self.python.blocks[block].kind in LOOPS:
                return block
            block = self.python.blocks[block].parent
        return None

    def _in_cell(self, number: int) -> bool:
        """In a notebook, at top level, with MLflow, which refuses a second start."""
        call = self.python.calls[number]
        if self.file.notebook is None or call.callee != "mlflow.start_run":
            return False
        if self.python.blocks[call.block].scope != 0:
            return False
        return not any(self._closes(n) for n in range(len(self.python.calls)))


def _last(call: Call) -> str:
    return (call.local or call.callee or call.method).rpartition(".")[2]
