"""Metrics that a loop records without a step: all points lie at step 0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mlaudit.analyses.spots import python_of, spot_of
from mlaudit.analyses.step_helpers import Row, is_constant, unstepped_callers
from mlaudit.facts.records import Span
from mlaudit.facts.syntax import (
    AnyValue,
    Block,
    Call,
    Global,
    Local,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import api_rows
from mlaudit.project.flow import within
from mlaudit.project.project import Project
from mlaudit.project.resolution import PARTIAL
from mlaudit.project.run_events import Does, done_by
from mlaudit.project.run_extents import is_within
from mlaudit.project.steps import Run, Site
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule, Spot

LOOPS = ("for", "while")
PACKAGES = ("mlflow", "tensorboardX", "torch.utils.tensorboard")
APART = re.compile(
    r"(?i)fold|split|model|estimator|clf|classif|regress|param|grid|config|trial|seed|label|class"
    r"|name|dataset|task|target|column|feature|metric|algo|method|solver|kernel|depth|threshold"
    r"|alpha|rate|run|key|group|categor|file|path|subset|layer"
)
"""Words of loops over things beside one another, in which no order stands for a step."""
IN_ORDER = re.compile(r"(?i)epoch|step|iter|batch|round|episode|loader|tick|^i$|^it$|^_$|^t$|^n$")
COUNTERS = frozenset(
    {"builtins.range", "builtins.enumerate", "tqdm.trange", "tqdm.tqdm", "tqdm.auto.tqdm",
     "tqdm.auto.trange", "tqdm.notebook.tqdm", "itertools.count", "builtins.zip"}
)  # fmt: skip


class Loop(NamedTuple):
    path: str
    block: int


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each call that gives a constant name and no step, in a loop over steps."""
    for file in in_context(project, rule):
        if file.python is None or not _imports(file.python):
            continue
        for number, call in enumerate(file.python.calls):
            name = call.callee or _indirect(project, file.path, number, call)
            if name in _rows() and not _is_library(project, file.path):
                yield from _matches(project, rule, Site(file.path, number, name), file.python)


def _matches(project: Project, rule: Rule, site: Site, python: PythonFacts) -> Iterator[Match]:
    call = python.calls[site.number]
    if _lacks_step(python, site.name, call):
        loop = _loop_beside(project, site) or _loop_of_caller(project, site)
        if loop is not None:
            yield _match(project, rule, site, loop)
    (key, key_at), (step, step_at) = _rows()[site.name].items()
    if call.callee:
        for caller in unstepped_callers(project, site.path, call, Row(key, key_at, step, step_at)):
            loop = _loop_beside(project, caller)
            if loop is not None:
                yield _match(project, rule, caller, loop, fixable=False)


def _imports(python: PythonFacts) -> bool:
    return any(item.target.startswith(PACKAGES) for item in python.imports)


def _is_library(project: Project, path: str) -> bool:
    from mlaudit.project.nature import Nature

    return project.nature(project.environment.root_of(path)) is Nature.LIBRARY


@cache
def _rows() -> dict[str, dict[str, int]]:
    return api_rows("tracking", "tracking.stepped")


def _indirect(project: Project, path: str, number: int, call: Call) -> str:
    """What a name stands for that functools.partial was bound to."""
    python = python_of(project, path)
    if not call.local or "." in call.local or _partial(python, call) is None:
        return ""
    return project.program.callee(path, number)


def _partial(python: PythonFacts, call: Call) -> Call | None:
    for binding in python.bindings:
        if binding.name == call.local and isinstance(binding.value, Result):
            made = python.calls[binding.value.call]
            if made.callee == PARTIAL:
                return made
    return None


def _lacks_step(python: PythonFacts, name: str, call: Call) -> bool:
    """Whether the name of the metric is constant and no step is given."""
    first = None if call.callee else _partial(python, call)
    args = (*first.args[1:], *call.args) if first else call.args
    keywords = dict((*first.keywords, *call.keywords) if first else call.keywords)
    if call.open or (first is not None and first.open):
        return False
    (what, at), (step, place) = _rows()[name].items()
    if step in keywords or len(args) > place:
        return False
    key = keywords.get(what, args[at] if len(args) > at else None)
    return key is not None and is_constant(key)


# loops


def _loop_beside(project: Project, site: Site) -> Loop | None:
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


def _loop_of_caller(project: Project, site: Site) -> Loop | None:
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


def _match(project: Project, rule: Rule, site: Site, loop: Loop, *, fixable: bool = True) -> Match:
    line = python_of(project, loop.path).blocks[loop.block].line
    related = Related(Spot(loop.path, Span(line, 0), code=True), "the loop")
    values = {"callee": site.name, "argument": list(_rows()[site.name])[1]}
    if fixable and loop.path == site.path and _is_beside(project, site, loop):
        values["index"] = _index(python_of(project, site.path), loop.block)
    return Match(rule.id, spot_of(project, site), values, related=(related,))


def _is_beside(project: Project, site: Site, loop: Loop) -> bool:
    python = python_of(project, site.path)
    return is_within(python, python.calls[site.number].block, loop.block)


def _index(python: PythonFacts, loop: int) -> str:
    """The name that counts the passes; empty where there is none."""
    value = python.blocks[loop].value
    callee = python.calls[value.call].callee if isinstance(value, Result) else ""
    names = _targets(python, loop)
    if callee.rpartition(".")[2] in ("range", "trange", "count", "enumerate") and names:
        return names[0] if names[0] != "_" and names[0].isidentifier() else ""
    return ""
