"""Loops in which a training goes on, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.syntax import AnyValue, Block, Global, Local, Operation, PythonFacts, Result
from mlaudit.patterns import Gated
from mlaudit.project.linking.calls import python_of
from mlaudit.project.linking.steps import Run, Site
from mlaudit.project.project import Project
from mlaudit.project.runs.events import Does, done_by
from mlaudit.project.runs.extents import is_within
from mlaudit.project.values.flow import within

LOOPS = ("for", "while")
APART = Gated(
    r"(?i)fold|split|model|estimator|clf|classif|regress|param|grid|config|trial|seed|label|class"
    r"|name|dataset|task|target|column|feature|metric|algo|method|solver|kernel|depth|threshold"
    r"|alpha|rate|run|key|group|categor|file|path|subset|layer"
)
"""Words of loops over things beside one another, in which no order stands for a step."""
IN_ORDER = Gated(r"(?i)epoch|step|iter|batch|round|episode|loader|tick|^i$|^it$|^_$|^t$|^n$")
COUNTERS = frozenset(
    {"builtins.range", "builtins.enumerate", "tqdm.trange", "tqdm.tqdm", "tqdm.auto.tqdm",
     "tqdm.auto.trange", "tqdm.notebook.tqdm", "itertools.count", "builtins.zip"}
)  # fmt: skip


class Loop(NamedTuple):
    path: str
    block: int


def loop_beside(project: Project, site: Site) -> Loop | None:
    """The loop over steps in the function around, where the run is not opened in it."""
    python = python_of(project, site.path)
    block = python.calls[site.number].block
    loop = _loop(python, block)
    if loop is None or not _is_taken(python, block, loop):
        return None
    if _opens_inside(python, loop) or not _goes_in_order(python, loop):
        return None
    return Loop(site.path, loop)


def _loop(python: PythonFacts, block: int) -> int | None:
    while block >= 0:
        if python.blocks[block].kind in LOOPS:
            return block
        block = python.blocks[block].parent
    return None


def _opens_inside(python: PythonFacts, loop: int) -> bool:
    """Whether each pass has a run, or a writer, of its own."""
    return any(
        Does.OPENS in done_by(call.callee) or call.callee.endswith("SummaryWriter")
        for call in python.calls
        if is_within(python, call.block, loop)
    )


def _is_taken(python: PythonFacts, block: int, loop: int) -> bool:
    """Whether more than one pass comes to the call, as far as one can see."""
    leaves = {s.block for s in python.statements if s.kind in ("break", "return", "raise")}
    while block != loop:
        kind = python.blocks[block].kind
        if block in leaves or kind in ("except", "finally", "loop-else", "case"):
            return False
        if kind in ("if", "else") and not _is_every_nth(python.blocks[block]):
            return False
        block = python.blocks[block].parent
    return loop not in leaves


def _is_every_nth(block: Block) -> bool:
    if block.value is None:
        return False
    return any(isinstance(part, Operation) and part.kind == "%" for part in within(block.value))


def _goes_in_order(python: PythonFacts, loop: int) -> bool:
    """Whether the loop counts steps, and does not go through things beside one another."""
    block = python.blocks[loop]
    words = [*_targets(python, loop), *_words(python, block.value)]
    if any(APART.search(word) for word in words):
        return False
    if block.kind == "while":
        return True
    counts = isinstance(block.value, Result) and python.calls[block.value.call].callee in COUNTERS
    return counts or any(IN_ORDER.search(word) for word in words)


def _targets(python: PythonFacts, loop: int) -> list[str]:
    """The names that a `for` binds in each pass."""
    return [b.name for b in python.bindings if b.kind == "for" and b.block == loop]


def _words(python: PythonFacts, value: AnyValue | None) -> Iterator[str]:
    stack = [] if value is None else [value]
    while stack:
        for part in within(stack.pop()):
            if isinstance(part, Local | Global):
                yield part.name.rpartition(".")[2]
            elif isinstance(part, Result):
                call = python.calls[part.call]
                yield (call.local or call.method).rpartition(".")[2]
                stack.extend(call.args)


def loop_of_caller(project: Project, site: Site) -> Loop | None:
    """The loop over steps in a run, from which the function around is called."""
    python = python_of(project, site.path)
    if not _is_taken_always(python, python.calls[site.number].block):
        return None
    loops = []
    for region in project.runs.regions:
        for visit in region.visits:
            if (visit.site.path, visit.site.number) != (site.path, site.number):
                continue
            if not visit.certain or not visit.trace:
                return None
            loops.append(_loop_on_the_way(project, region.opening.path, visit.trace))
    found = [loop for loop in loops if loop is not None]
    return found[0] if found and len(found) == len(loops) else None


def _is_taken_always(python: PythonFacts, block: int) -> bool:
    while block >= 0:
        if python.blocks[block].kind not in ("body", "with", "try"):
            return False
        block = python.blocks[block].parent
    return True


def _loop_on_the_way(project: Project, path: str, trace: tuple[Run, ...]) -> Loop | None:
    """The loop that calls the innermost function of a trace."""
    last = trace[-1]
    path = trace[-2].path if len(trace) > 1 else path
    if last.call < 0 or last.held:
        return None
    python = python_of(project, path)
    block = python.calls[last.call].block
    loop = _loop(python, block)
    if loop is None or not _is_taken(python, block, loop) or _opens_inside(python, loop):
        return None
    return Loop(path, loop) if _goes_in_order(python, loop) else None


def index_of(python: PythonFacts, loop: int) -> str:
    """The name that counts the passes; empty where there is none."""
    value = python.blocks[loop].value
    callee = python.calls[value.call].callee if isinstance(value, Result) else ""
    names = _targets(python, loop)
    if callee.rpartition(".")[2] in ("range", "trange", "count", "enumerate") and names:
        return names[0] if names[0] != "_" and names[0].isidentifier() else ""
    return ""
