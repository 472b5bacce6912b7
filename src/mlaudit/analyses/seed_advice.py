"""The one line that makes a training program repeatable, and where it goes."""

from __future__ import annotations

from collections.abc import Iterable

from mlaudit.analyses.seeding_order import LOOPS, Draw, Event, Order
from mlaudit.analyses.spots import line_text
from mlaudit.project.linking.calls import call_of, python_of
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.project import Project

HELPERS = {
    "lightning": "lightning.seed_everything(0)",
    "pytorch_lightning": "pytorch_lightning.seed_everything(0)",
    "transformers": "transformers.set_seed(0)",
    "accelerate": "accelerate.utils.set_seed(0)",
}
"""Functions of frameworks that seed all generators at once, by what imports them."""

LINES = {
    "torch": "torch.manual_seed(0)",
    "numpy": "np.random.seed(0)",
    "python": "random.seed(0)",
    "tensorflow": "tf.random.set_seed(0)",
    "keras": "keras.utils.set_random_seed(0)",
}


def advice(project: Project, entry: EntryPoint, order: Order, draws: list[Draw]) -> str:
    """What to add where, or to move up."""
    first = draws[0]
    where = line_text(project, entry.path, place(project, entry, first.event))
    if first.option:
        return f"Give '{first.option}' a default, or seed without it before {where}."
    late = next((seed for seed in order.seeds if not _missing(project, seed, draws)), None)
    if late is not None:
        line = line_text(project, late.site.path, call_of(project, late.site).line)
        return f"Seed before {where}: what {line} seeds comes too late."
    generators = [draw.generator for draw in draws]
    return f"Add {_lines(project, entry, first.event, generators)} before {where}."


def _missing(project: Project, seed: Event, draws: list[Draw]) -> bool:
    """Whether a seed leaves out what is drawn from."""
    from mlaudit.analyses.randomness import Randomness

    seeds = Randomness(project).effect(seed.site).seeds
    return not all(draw.generator in seeds for draw in draws)


def _lines(project: Project, entry: EntryPoint, event: Event, generators: Iterable[str]) -> str:
    for path in (entry.path, event.site.path):
        roots = {item.target.partition(".")[0] for item in python_of(project, path).imports}
        for root, helper in HELPERS.items():
            if root in roots:
                return f"`{helper}`"
    wanted = list(generators)
    if "keras" in wanted:
        return "`keras.utils.set_random_seed(0)`"
    return " and ".join(f"`{LINES[one]}`" for one in wanted)


def place(project: Project, entry: EntryPoint, event: Event) -> int:
    """The line of the entry point's file before which a seed belongs.

    As near to the draw as can be, but outside of loops and methods, which may run many times.
    """
    path, scope, best = entry.path, entry.scope, entry.line
    for run in event.trace:
        if path != entry.path or _in_class(project, path, scope):
            return best
        best = _before_loops(project, path, run.call, run.line)
        path, scope = run.path, run.scope
    if path != entry.path or _in_class(project, path, scope):
        return best
    site = event.site
    return _before_loops(project, path, site.number, call_of(project, site).line)


def _in_class(project: Project, path: str, scope: int) -> bool:
    scopes = python_of(project, path).scopes
    while scope > 0:
        if scopes[scope].kind == "class":
            return True
        scope = scopes[scope].parent
    return False


def _before_loops(project: Project, path: str, number: int, line: int) -> int:
    if number < 0:
        return line
    python = python_of(project, path)
    block = python.calls[number].block
    while block >= 0:
        if python.blocks[block].kind in LOOPS:
            line = min(line, python.blocks[block].line)
        block = python.blocks[block].parent
    return line
