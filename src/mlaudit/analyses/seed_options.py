"""Where a program lets its user choose a seed: options of command lines, fields, configuration."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.argparse_options import argparse_options
from mlaudit.analyses.options_model import SEED, Option, texts_of
from mlaudit.analyses.places import spot_of
from mlaudit.analyses.reads import Reads, Thing
from mlaudit.facts.records import Entry, FileFacts, Span
from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Const,
    Global,
    Local,
    PythonFacts,
    Result,
    Scope,
)
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.values.flow import Held
from mlaudit.rules.model import Spot

CLICK = frozenset({"click.option", "click.argument", "rich_click.option", "asyncclick.option"})
TYPER = frozenset({"typer.Option", "typer.Argument"})
LOADS = frozenset(
    {
        "json.load", "omegaconf.OmegaConf.load", "toml.load", "tomllib.load", "yaml.full_load",
        "yaml.load", "yaml.safe_load", "yaml.unsafe_load",
    }
)  # fmt: skip
DATACLASSES = frozenset({"dataclasses.dataclass"})
EXECUTES = frozenset({"builtins.exec", "builtins.eval", "builtins.globals", "builtins.locals"})
MODULES = frozenset(
    {
        "absl", "argparse", "asyncclick", "click", "configargparse", "dataclasses", "rich_click",
        "tensorflow", "typer",
    }
)  # fmt: skip
"""Packages without which a file declares no seed option."""


def options(reads: Reads, file: FileFacts) -> Iterator[Option]:
    """The seed options of a file whose reads can be followed."""
    python = file.python
    if python is None or any(call.callee in EXECUTES for call in python.calls):
        return
    roots = {item.target.partition(".")[0] for item in python.imports}
    if not roots.isdisjoint({"argparse", "configargparse"}):
        yield from argparse_options(reads, file.path, python)
    if not roots.isdisjoint({"click", "rich_click", "asyncclick", "typer"}):
        yield from _of_functions(file.path, python)
    if not roots.isdisjoint({"absl", "tensorflow"}):
        yield from _of_flags(reads, file.path, python)
    if "dataclasses" in roots:
        yield from _of_dataclasses(reads, file.path, python)
    if not roots.isdisjoint({"yaml", "omegaconf", "toml", "tomllib", "json"}):
        yield from _of_documents(reads, file.path, python)


# functions that click and typer make commands of


def _of_functions(path: str, python: PythonFacts) -> Iterator[Option]:
    for number, scope in enumerate(python.scopes):
        names = {parameter.name for parameter in scope.parameters}
        for name, option in _command_options(python, scope):
            if SEED.fullmatch(name) and name in names:
                line = option.line if option else scope.line
                column = option.column if option else scope.column
                spot = Spot(path, Span(line, column), code=True)
                yield Option(f"--{name.replace('_', '-')}", "", spot, (Thing(path, number, name),))


def _command_options(python: PythonFacts, scope: Scope) -> Iterator[tuple[str, Call | None]]:
    for decorator in scope.decorators:
        call = python.calls[decorator.call] if isinstance(decorator, Result) else None
        if call is not None and call.callee in CLICK and not call.keyword("callback"):
            names = texts_of(call)
            plain = [name for name in names if not name.startswith("-")]
            best = plain or sorted(names, key=len)[-1:]
            yield from ((name.lstrip("-").replace("-", "_"), call) for name in best)
        elif call is not None and call.callee in ("typer.Typer.command", "typer.Typer.callback"):
            yield from ((parameter.name, None) for parameter in scope.parameters)
            return
    for parameter in scope.parameters:
        if isinstance(parameter.default, Result):
            call = python.calls[parameter.default.call]
            if call.callee in TYPER and not call.keyword("callback"):
                yield parameter.name, call


# flags of absl and TensorFlow


def _of_flags(reads: Reads, path: str, python: PythonFacts) -> Iterator[Option]:
    for number, call in enumerate(python.calls):
        if not call.callee.endswith("flags.DEFINE_integer") or not call.args:
            continue
        name = call.args[0].value if isinstance(call.args[0], Const) else None
        if isinstance(name, str) and SEED.fullmatch(name) and not _is_bound(python, number):
            yield Option(f"--{name}", name, spot_of(path, call), tuple(_flag_holders(reads)))


def _is_bound(python: PythonFacts, number: int) -> bool:
    return any(binding.value == Result(number) for binding in python.bindings)


def _flag_holders(reads: Reads) -> Iterator[Thing]:
    """The names of `flags.FLAGS` in all files."""
    for path, file in reads.project.facts.items():
        for binding in file.python.bindings if file.python else ():
            if isinstance(binding.value, Global) and binding.value.name.endswith("flags.FLAGS"):
                yield Thing(path, reads.flow(path).scope(binding.block), binding.name)


# dataclasses


def _of_dataclasses(reads: Reads, path: str, python: PythonFacts) -> Iterator[Option]:
    for number, scope in enumerate(python.scopes):
        if scope.kind != "class" or scope.bases or not _is_dataclass(python, scope):
            continue
        for binding in python.bindings:
            own = python.scope_of(binding.block) == number and binding.annotation is not None
            if own and SEED.fullmatch(binding.name):
                spot = Spot(path, Span(binding.line, binding.column), code=True)
                holders = tuple(_instances(reads, Definition(path, number)))
                yield Option(f"{scope.name}.{binding.name}", binding.name, spot, holders)


def _is_dataclass(python: PythonFacts, scope: Scope) -> bool:
    return any(_name_of(python, decorator) in DATACLASSES for decorator in scope.decorators)


def _name_of(python: PythonFacts, value: AnyValue) -> str:
    if isinstance(value, Result):
        return python.calls[value.call].callee
    return value.name if isinstance(value, Global) else ""


def _instances(reads: Reads, owner: Definition) -> Iterator[Thing]:
    """Its objects; none where one is made, or may be, by somebody out of sight."""
    python = reads.flow(owner.path).python
    scope = python.scopes[owner.scope]
    if reads.named(owner.path, scope.name):
        return
    yield from reads.callers(owner)
    for number, inner in enumerate(python.scopes):
        if inner.parent == owner.scope and inner.kind == "function" and inner.parameters:
            yield Thing(owner.path, number, inner.parameters[0].name)


# configuration


def _of_documents(reads: Reads, path: str, python: PythonFacts) -> Iterator[Option]:
    for number, call in enumerate(python.calls):
        if call.callee not in LOADS:
            continue
        document = _document(reads, path, number)
        if document is None:
            continue
        scope = python.scope_of(call.block)
        for entry in _seed_keys(document):
            spot = Spot(document.path, Span(entry.line, entry.column))
            key = str(entry.path[-1])
            yield Option(f"{key}:", key, spot, (Thing(path, scope, "", number),))


def _seed_keys(document: FileFacts) -> Iterator[Entry]:
    for entry in document.document.entries if document.document else ():
        if entry.kind == "scalar" and len(entry.path) == 1 and SEED.fullmatch(str(entry.path[0])):
            yield entry


def _document(reads: Reads, path: str, number: int) -> FileFacts | None:
    """The file of the repository that a call loads, when its path is literal."""
    flow = reads.flow(path)
    call = flow.python.calls[number]
    if not call.args:
        return None
    name = _literal_path(reads, path, Held(call.args[0], flow.at_call(number)))
    folder = path.rpartition("/")[0]
    for candidate in (name, f"{folder}/{name}") if name else ():
        found = reads.project.facts.get(candidate)
        if found is not None and found.document is not None and not found.document.template:
            return found
    return None


def _literal_path(reads: Reads, path: str, held: Held, depth: int = 0) -> str:
    flow = reads.flow(path)
    value = held.value
    if isinstance(value, Const):
        return value.value.removeprefix("./") if isinstance(value.value, str) else ""
    if isinstance(value, Result) and depth < 4:
        call = flow.python.calls[value.call]
        if call.callee in ("builtins.open", "io.open", "pathlib.Path") and call.args:
            inner = Held(call.args[0], flow.at_call(value.call))
            return _literal_path(reads, path, inner, depth + 1)
    if isinstance(value, Local) and depth < 4:
        bound = flow.bound(held) or []
        return _literal_path(reads, path, bound[0], depth + 1) if len(bound) == 1 else ""
    return ""
