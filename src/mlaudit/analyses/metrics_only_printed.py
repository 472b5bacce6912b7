"""Results of a training program that go to the terminal and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.syntax import AnyValue, Binding, Call, Local, Operation, PythonFacts, Result
from mlaudit.knowledge import api_table
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.project.values.flow import within
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule

PRINTERS = frozenset({"builtins.print", "pprint.pprint", "rich.print", "click.echo", "typer.echo"})
LEVELS = frozenset({"debug", "info", "warning", "success", "critical"})
"""Methods of loggers."""
SHAPING = frozenset(
    {"builtins.round", "builtins.float", "builtins.str", "builtins.format", "numpy.sqrt",
     "numpy.round", "math.sqrt", "numpy.mean"}
)  # fmt: skip
"""Functions that hand on what they are given, in another form."""
DEEPEST = 4
NAMED = 5


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each file in which a program only prints what it measured."""
    table = api_table("tracking", "tracking.scores")
    done: set[str] = set()
    for entry in training_programs(project, rule):
        if project.files[entry.path].context.value not in rule.contexts:
            continue
        printed: dict[str, list[Site]] = {}
        for site in project.program.reach(entry).sites:
            if site.name in table and site.path not in done and _is_only_printed(project, site):
                printed.setdefault(site.path, []).append(site)
        for path, sites in printed.items():
            done.add(path)
            first, *others = sites
            related = tuple(Related(spot_of(project, o), "so is this") for o in others[:NAMED])
            values = {"callee": first.name.rpartition(".")[2]}
            yield Match(rule.id, spot_of(project, first), values, related=related)


def _is_only_printed(project: Project, site: Site) -> bool:
    file = project.facts[site.path]
    if file.python is None or file.kind is Kind.NOTEBOOK:
        return False
    ends = list(_uses(file.python, Result(site.number), DEEPEST))
    return bool(ends) and all(ends)


def _uses(python: PythonFacts, value: AnyValue, depth: int) -> Iterator[bool]:
    """For each use of a value, whether it is printed."""
    if depth == 0:
        yield False
        return
    for number, call in enumerate(python.calls):
        if call.receiver is not None and value in within(call.receiver) and call.method != "item":
            yield False
        if any(value in within(one) for one in (*call.args, *(v for _, v in call.keywords))):
            if call.callee in SHAPING or (call.method or call.local).endswith(".format"):
                yield from _uses(python, Result(number), depth - 1)
            else:
                yield _prints(call)
    for binding in python.bindings:
        if value in within(binding.value):
            yield from _uses_of_name(python, binding, value, depth)
    for held in _others(python):
        if value in within(held):
            yield False


def _uses_of_name(
    python: PythonFacts, binding: Binding, value: AnyValue, depth: int
) -> Iterator[bool]:
    """Those of the name that takes the value, if it takes no other."""
    once = sum(other.name == binding.name for other in python.bindings) == 1
    plain = isinstance(binding.value, Operation) or binding.value == value
    if binding.kind == "assign" and "." not in binding.name and once and plain:
        yield from _uses(python, Local(binding.name), depth - 1)
    else:
        yield False


def _others(python: PythonFacts) -> Iterator[AnyValue]:
    """Values that are returned, raised, tested or gone through."""
    yield from (s.value for s in python.statements if s.kind != "expression")
    yield from (block.value for block in python.blocks if block.value is not None)


def _prints(call: Call) -> bool:
    if call.callee in PRINTERS:
        return True
    name = call.callee or call.local
    head, _, last = name.rpartition(".")
    return last in LEVELS and "log" in head.lower() and "mlflow" not in head and "wandb" not in head
