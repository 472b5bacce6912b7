"""Training on a GPU that is seeded, and leaves the order of its additions to chance."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.randomness import Randomness
from mlaudit.analyses.seeding_order import order_of
from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.syntax import Const
from mlaudit.knowledge import api_table
from mlaudit.project.linking.calls import call_of, python_of
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.reach import Reach
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.rules.model import Match, Rule

ON_GPU = frozenset({"torch", "tensorflow", "keras"})
ASKING = ("deterministic", "full_determinism")
"""Arguments of trainers that ask for deterministic operations."""
SWITCHES = ("torch.backends.cudnn.deterministic",)
AUTOTUNER = "torch.backends.cudnn.benchmark"


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match in a repository: the first seeded program on a GPU that may still differ."""
    randomness: Randomness | None = None
    for entry in training_programs(project, rule):
        reached = project.program.reach(entry)
        if not _uses_gpu(project, reached) or _asks(project, reached):
            continue
        randomness = randomness or Randomness(project)
        order = order_of(project, randomness, entry)
        if order.draws or ON_GPU.isdisjoint(order.seeded):
            continue
        yield _match(project, rule, entry, order.seeds[0].site)
        return


def _match(project: Project, rule: Rule, entry: EntryPoint, seed: Site) -> Match:
    tuned = any(_tunes(project, path) for path in _paths(project.program.reach(entry)))
    how = "lets cuDNN time its kernels" if tuned else "asks for no deterministic operations"
    values = {"entry": entry.path.rpartition("/")[2], "how": how}
    return Match(rule.id, spot_of(project, seed), values, identity=rule.id)


def _paths(reached: Reach) -> list[str]:
    return sorted({path for path, _ in reached.scopes})


def _uses_gpu(project: Project, reached: Reach) -> bool:
    if any(site.name.startswith(("torch.cuda.", "accelerate.")) for site in reached.sites):
        return True
    if any(call_of(project, site).method == "cuda" for site in reached.sites):
        return True
    return any(
        text.value.startswith("cuda")
        for path in _paths(reached)
        for text in python_of(project, path).texts
    )


def _asks(project: Project, reached: Reach) -> bool:
    table = api_table("frameworks", "frameworks.ask-for-determinism")
    for site in reached.sites:
        if site.name in table:
            return True
        for name in ASKING:
            if call_of(project, site).keyword(name) not in (None, Const(False)):
                return True
    return any(_switches(project, path) for path in _paths(reached))


def _switches(project: Project, path: str) -> bool:
    return any(
        binding.name in SWITCHES and binding.value != Const(False)
        for binding in python_of(project, path).bindings
    )


def _tunes(project: Project, path: str) -> bool:
    return any(
        binding.name == AUTOTUNER and binding.value == Const(True)
        for binding in python_of(project, path).bindings
    )
