"""Training programs whose settings stand as literals among the code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.analyses.tracking import imports_tracker
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.facts.records import Span
from mlaudit.facts.syntax import Const, PythonFacts
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule, Spot

FEWEST = 3
NAMES = Gated(
    r"(?i)^(lr|learning_?rate|batch_?size|(num_?|n_?|max_?)?epochs?|dropout(_rate)?|weight_?decay"
    r"|momentum|hidden_?(size|dim|units)|embed(ding)?_?(size|dim)|(num_?|n_?)layers|n_estimators"
    r"|max_depth|num_leaves|gamma|beta_?[12]|warmup_steps|max_(seq_?)?len(gth)?|max_iter)$"
)
SOURCES = frozenset(
    {
        "argparse", "click", "typer", "absl", "fire", "hydra", "omegaconf", "yaml", "toml", "tomli",
        "tomllib", "configparser", "dataclasses", "pydantic", "pydantic_settings", "simple_parsing",
        "jsonargparse", "tyro", "docopt", "dynaconf", "gin", "sacred", "ml_collections", "attr",
        "attrs", "environs", "decouple", "optparse", "optuna", "ray",
    }
)  # fmt: skip
"""Packages that bring settings from outside, or keep them in one place."""
CONFIG = Gated(
    r"(?i)(^|[._/])(config\w*|conf|settings|params|hparams|hyperparameters|options)([._/]|$)"
)


class Literal(NamedTuple):
    name: str
    path: str
    line: int


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each program with three or more such literals and nothing to set them with."""
    for entry in training_programs(project, rule):
        file = project.files[entry.path]
        if file.kind is Kind.NOTEBOOK or file.context.value not in rule.contexts:
            continue
        if CONFIG.search(entry.path):
            continue
        found = list(_literals(project, entry))
        names = list(dict.fromkeys(one.name.lower() for one in found))
        if len(names) >= FEWEST and not _is_configured(project, entry):
            first, *others = found
            related = tuple(
                Related(Spot(one.path, Span(one.line, 0), code=True), f"'{one.name}'")
                for one in others[:8]
            )
            spot = Spot(first.path, Span(first.line, 0), code=True)
            yield Match(rule.id, spot, {"names": ", ".join(names[:4])}, related=related)


def _literals(project: Project, entry: EntryPoint) -> Iterator[Literal]:
    """In the program's own file, where it is reached: arguments and plain assignments."""
    python = project.facts[entry.path].python
    assert python is not None
    scopes = {scope for path, scope in project.program.reach(entry).scopes if path == entry.path}
    found = []
    for call in python.calls:
        if python.blocks[call.block].scope in scopes:
            for name, value in call.keywords:
                if NAMES.search(name) and _is_number(value):
                    found.append(Literal(name, entry.path, call.line))
    for binding in python.bindings:
        here = python.blocks[binding.block].scope in scopes and binding.kind == "assign"
        if here and NAMES.search(binding.name) and _is_number(binding.value):
            found.append(Literal(binding.name, entry.path, binding.line))
    yield from sorted(found, key=lambda one: one.line)


def _is_number(value: object) -> bool:
    number = value.value if isinstance(value, Const) else None
    return isinstance(number, int | float) and not isinstance(number, bool)


def _is_configured(project: Project, entry: EntryPoint) -> bool:
    reached = project.program.reach(entry)
    for path in {path for path, _ in reached.scopes}:
        python = project.facts[path].python
        if path != entry.path and CONFIG.search(path):
            return True
        if python is not None and _brings_settings(python):
            return True
    params = api_table("tracking", "tracking.params")
    autologs = api_table("tracking", "tracking.autolog")
    records = api_table("tracking", "tracking.records")
    trackers = api_table("tracking", "tracking.hands-over")
    if any(imports_tracker(project.facts[path]) for path, _ in reached.scopes):
        return True
    return any(
        any(site.name in table for table in (params, autologs, records, trackers))
        for site in reached.sites
    )


def _brings_settings(python: PythonFacts) -> bool:
    if any(item.target.partition(".")[0] in SOURCES for item in python.imports):
        return True
    if any(CONFIG.search(item.target) for item in python.imports):
        return True
    return any(
        call.callee in ("json.load", "json.loads", "os.getenv", "builtins.input")
        or call.callee.startswith(("os.environ", "sys.argv"))
        for call in python.calls
    ) or any("sys.argv" in repr(b.value) for b in python.bindings if "argv" in repr(b.value))
