"""Datasets whose generator each worker of a DataLoader gets an equal copy of.

A worker process starts from a copy of the dataset, generator included, and in each epoch anew: seen
with torch 2.13 for generators of NumPy, Python and torch, started by fork and by spawn, unless
`persistent_workers` keeps the processes. Since torch 1.9 each worker seeds the global generators.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.analyses.places import spot_of
from mlaudit.facts.syntax import (
    AnyValue,
    Binding,
    Call,
    Collection,
    Const,
    Item,
    Local,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import api_table
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.project import Project
from mlaudit.project.values.flow import Flow, Held, within
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule

LOADERS = frozenset({"torch.utils.data.DataLoader", "torch.utils.data.dataloader.DataLoader"})
WRAPPERS = frozenset(
    {
        "torch.utils.data.ConcatDataset", "torch.utils.data.Subset",
        "torch.utils.data.dataset.ConcatDataset", "torch.utils.data.dataset.Subset",
        "torch.utils.data.dataset.random_split", "torch.utils.data.random_split",
    }
)  # fmt: skip
COUNTS = frozenset({"os.cpu_count", "multiprocessing.cpu_count"})
NUM_WORKERS = 5
WORKER_INIT_FN = 10
"""Positions of the arguments of DataLoader."""
RESEEDS = frozenset({"seed", "manual_seed", "setstate", "set_state", "get_worker_info"})
GLOBAL_SINCE = "1.9"


class Loader(NamedTuple):
    """A DataLoader with workers that nobody seeds."""

    path: str
    number: int
    dataset: AnyValue


class Method(NamedTuple):
    scope: int
    name: str


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each generator that workers get copies of, or global draw in old torch."""
    allowed = {file.path for file in in_context(project, rule)}
    seen: set[tuple[str, int, int]] = set()
    for loader in _loaders(project, allowed):
        for owner in _classes(project, loader):
            if owner.path not in allowed:
                continue
            for call, attribute in _cloned(project, owner):
                key = (owner.path, call.line, call.column)
                if key not in seen:
                    seen.add(key)
                    yield _match(project, rule, loader, owner, call, attribute)


def _match(
    project: Project, rule: Rule, loader: Loader, owner: Definition, call: Call, attribute: str
) -> Match:
    python = _python(project, owner.path)
    feeds = _python(project, loader.path).calls[loader.number]
    return Match(
        rule.id,
        spot_of(owner.path, call),
        {"dataset": python.scopes[owner.scope].name, "generator": attribute},
        related=(Related(spot_of(loader.path, feeds), "its workers get equal copies"),),
    )


def _python(project: Project, path: str) -> PythonFacts:
    return project.facts[path].python or PythonFacts()


# loaders


def _loaders(project: Project, allowed: set[str]) -> Iterator[Loader]:
    for path in sorted(allowed):
        python = _python(project, path)
        for number, call in enumerate(python.calls):
            if call.callee in LOADERS and not call.open and _has_workers(project, path, call):
                dataset = call.args[0] if call.args else call.keyword("dataset")
                if dataset is not None:
                    yield Loader(path, number, dataset)


def _has_workers(project: Project, path: str, call: Call) -> bool:
    seeds = _argument(call, "worker_init_fn", WORKER_INIT_FN)
    count = _argument(call, "num_workers", NUM_WORKERS)
    if seeds not in (None, Const(None)) or count is None:
        return False
    if isinstance(count, Result):
        return _python(project, path).calls[count.call].callee in COUNTS
    known = project.program.constant(path, count, call.block)
    return known is not None and isinstance(known.value, int) and known.value > 0


def _argument(call: Call, name: str, position: int) -> AnyValue | None:
    return call.args[position] if position < len(call.args) else call.keyword(name)


# datasets


def _classes(project: Project, loader: Loader) -> set[Definition]:
    """Classes of the repository whose objects the loader is given."""
    flow = Flow(_python(project, loader.path))

    def step(held: Held) -> list[Held] | None:
        match held.value:
            case Result(call=number) if flow.python.calls[number].callee in WRAPPERS:
                given = flow.python.calls[number].args[:1]
            case Item(base=base):
                given = (base,)
            case Collection(items=items):
                given = items
            case Local(name=name) if name.startswith("self."):
                return [flow.taken(number) for number in flow.attribute(name, held.place)]
            case _:
                return None
        return [Held(value, held.place) for value in given]

    found = set()
    for held in flow.trace(Held(loader.dataset, flow.at_call(loader.number)), step):
        if isinstance(held.value, Result):
            target = project.program.resolver.call(loader.path, held.value.call)
            if isinstance(target, Definition):
                found.add(target)
    return found


def _cloned(project: Project, owner: Definition) -> Iterator[tuple[Call, str]]:
    """Calls that make a generator which `__getitem__` draws from, and the attribute."""
    python = _python(project, owner.path)
    methods = {
        scope.name: number
        for number, scope in enumerate(python.scopes)
        if scope.parent == owner.scope and scope.kind == "function"
    }
    if python.scopes[owner.scope].kind != "class" or "__getitem__" not in methods:
        return
    mine = set(methods.values())
    if any(_last(call) == "get_worker_info" for call in _calls_in(python, mine)):
        return
    per_item = _reached(python, methods)
    for binding in python.bindings:
        if python.scope_of(binding.block) == methods.get("__init__"):
            made = _generator(python, binding)
            if made is not None and _replays(python, binding.name, mine, per_item):
                yield made, binding.name
    if _old_torch(project, owner.path):
        draws = api_table("entropy", "entropy.numpy-draws")
        for call in _calls_in(python, per_item):
            if call.callee in draws:
                yield call, call.callee


def _old_torch(project: Project, path: str) -> bool:
    version = project.environment.version(path, "torch")
    return version is not None and version.all_below(GLOBAL_SINCE)


def _reached(python: PythonFacts, methods: dict[str, int]) -> set[int]:
    """`__getitem__` and the methods that it calls on itself."""
    found = {methods["__getitem__"]}
    stack = list(found)
    while stack:
        for call in _calls_in(python, {stack.pop()}):
            method = methods.get(call.local.removeprefix("self."))
            if method is not None and method not in found:
                found.add(method)
                stack.append(method)
    return found


def _calls_in(python: PythonFacts, scopes: set[int]) -> Iterator[Call]:
    return (call for call in python.calls if python.scope_of(call.block) in scopes)


def _generator(python: PythonFacts, binding: Binding) -> Call | None:
    """The call that makes the generator which is stored, as an attribute, in `__init__`."""
    value = binding.value
    if not binding.name.startswith("self.") or not isinstance(value, Result):
        return None
    call = python.calls[value.call]
    if _last(call) == "manual_seed" and isinstance(call.receiver, Result):
        call = python.calls[call.receiver.call]
    known = call.callee == "torch.Generator" or call.callee in api_table(
        "generators", "numpy.generators"
    )
    return call if known and not call.callee.endswith("SeedSequence") else None


def _replays(python: PythonFacts, name: str, methods: set[int], per_item: set[int]) -> bool:
    """Bound once, never seeded again, and drawn from or handed on for each item."""
    if sum(binding.name == name for binding in python.bindings) > 1:
        return False
    init = next(b for b in python.bindings if b.name == name)
    start = python.scope_of(init.block)
    own = [call for call in _calls_in(python, methods) if _uses(call, name)]
    if any(_last(call) in RESEEDS and python.scope_of(call.block) != start for call in own):
        return False
    return any(python.scope_of(call.block) in per_item for call in own)


def _uses(call: Call, name: str) -> bool:
    given = (*call.args, *(value for _, value in call.keywords))
    return call.local.startswith(f"{name}.") or any(
        part == Local(name) for value in given for part in within(value)
    )


def _last(call: Call) -> str:
    return (call.callee or call.local or call.method).rpartition(".")[2]
