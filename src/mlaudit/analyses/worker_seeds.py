"""What the worker processes of a DataLoader draw from."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.randomness import Randomness
from mlaudit.facts.syntax import AnyValue, Const
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project

FROM_TORCH = frozenset(
    {"torch.initial_seed", "torch.random.initial_seed", "torch.utils.data.get_worker_info"}
)
FROM_NUMPY = frozenset({"numpy.random.get_state"})


def drawn_by_workers(project: Project, randomness: Randomness, loader: Site, generator: str) -> str:
    """The generator that decides what workers draw from `generator`; empty when nothing is known.

    torch seeds the generators of each worker from its own, and `worker_init_fn` may do so again.
    """
    call = randomness.call(loader)
    workers, start = call.keyword("num_workers"), call.keyword("worker_init_fn")
    if start is not None and start != Const(None):
        seeds = _started(project, randomness, loader, start)
        if seeds is None:
            return ""
        if generator in seeds:
            return seeds[generator]
    return "torch" if isinstance(workers, Const) or generator == "torch" else ""


def _started(
    project: Project, randomness: Randomness, loader: Site, start: AnyValue
) -> dict[str, str] | None:
    """The generators that a function seeds, and what from; None when it is out of sight."""
    resolver = project.program.resolver
    python = project.facts[loader.path].python
    assert python is not None
    scope = python.scope_of(python.calls[loader.number].block)
    target = resolver.value(loader.path, start, scope)
    if not isinstance(target, Definition):
        return None
    seeded: dict[str, str] = {}
    origin = ""
    for site in _sites(project, target):
        if site.name in FROM_TORCH or site.name in FROM_NUMPY:
            origin = "torch" if site.name in FROM_TORCH else "numpy"
        for generator in randomness.effect(site).seeds:
            seeded[generator] = origin
    return seeded


def _sites(project: Project, target: Definition) -> Iterator[Site]:
    """The calls of a function and of what it runs, a few levels deep."""
    stack, seen = [target], {target}
    while stack:
        at = stack.pop()
        for step in project.program.graph.steps(at.path, at.scope, as_program=False):
            if isinstance(step, Site):
                yield step
            elif (inner := Definition(step.path, step.scope)) not in seen:
                seen.add(inner)
                stack.append(inner)
