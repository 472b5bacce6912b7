"""Seed options of argparse, and the namespaces that they are parsed into."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.options_model import SEED, Option, texts_of
from mlaudit.analyses.places import spot_of
from mlaudit.analyses.reads import Reads, Thing
from mlaudit.facts.syntax import Call, Const, Item, Local, PythonFacts, Result
from mlaudit.project.linking.resolution import Definition

PARSERS = frozenset(
    {"argparse.ArgumentParser", "configargparse.ArgumentParser", "configargparse.ArgParser"}
)
PARTS = frozenset(
    {"add_argument_group", "add_mutually_exclusive_group", "add_parser", "add_subparsers"}
)
"""Methods whose results take options of the parser that they are called on."""
PARSES = frozenset({"parse_args", "parse_known_args", "parse_intermixed_args"})


def argparse_options(reads: Reads, path: str, python: PythonFacts) -> Iterator[Option]:
    for number, call in enumerate(python.calls):
        if not call.local.endswith(".add_argument"):
            continue
        name = _destination(call)
        if SEED.fullmatch(name):
            parser = _parser(reads, path, number)
            if parser is not None:
                holders = tuple(_namespaces(reads, parser))
                option = f"--{name}" if name == "seed" else _written(call)
                yield Option(option, name, spot_of(path, call), holders)


def _written(call: Call) -> str:
    names = texts_of(call)
    return max(names, key=len, default="")


def _destination(call: Call) -> str:
    """Name of the attribute that takes the option; empty when it is not known."""
    given = call.keyword("dest")
    if given is not None:
        return given.value if isinstance(given, Const) and isinstance(given.value, str) else ""
    names = texts_of(call)
    long = [name for name in names if name.startswith("--")]
    return (long or names or [""])[0].lstrip("-").replace("-", "_")


def _parser(reads: Reads, path: str, number: int) -> Thing | None:
    """The parser that takes an option, under its name in the function that makes it."""
    flow = reads.flow(path)
    calls = flow.python.calls
    name, place = calls[number].local.rpartition(".")[0], flow.at_call(number)
    for _ in range(4):
        if "." in name:
            return None
        bound = flow.reaching(name, place)
        values = {flow.python.bindings[n].value for n in bound}
        value = values.pop() if len(values) == 1 else None
        if not isinstance(value, Result):
            return None
        made = calls[value.call]
        if made.callee in PARSERS:
            home = flow.home(name, flow.scope(place.block))
            return None if home is None else Thing(path, home, name)
        base, _, method = made.local.rpartition(".")
        if method not in PARTS:
            return None
        name, place = base, flow.at_call(value.call)
    return None


def _namespaces(reads: Reads, parser: Thing) -> Iterator[Thing]:
    """What the parser's options are parsed into, here or by whom the parser is returned to."""
    flow = reads.flow(parser.path)
    yield from _parsed(reads, parser)
    returns = any(
        statement.kind == "return"
        and statement.value == Local(parser.name)
        and flow.scope(statement.block) == parser.scope
        for statement in flow.python.statements
    )
    if returns and parser.scope:
        for made in reads.callers(Definition(parser.path, parser.scope)):
            yield from _parsed(reads, made)
            for binding in reads.flow(made.path).python.bindings:
                if binding.value == made.value and "." not in binding.name:
                    scope = reads.flow(made.path).scope(binding.block)
                    yield from _parsed(reads, Thing(made.path, scope, binding.name))


def _parsed(reads: Reads, parser: Thing) -> Iterator[Thing]:
    flow = reads.flow(parser.path)
    for number, call in enumerate(flow.python.calls):
        base, _, method = call.local.rpartition(".")
        own = base == parser.name if parser.name else call.receiver == parser.value
        if not own or (method or call.method) not in PARSES or call.keyword("namespace"):
            continue
        if parser.name and flow.home(base, flow.scope(call.block)) != parser.scope:
            continue
        yield from _taken(reads, parser.path, number)


def _taken(reads: Reads, path: str, number: int) -> Iterator[Thing]:
    """The result of a call that parses; its first half where the unknown rest comes with it."""
    flow = reads.flow(path)
    call = flow.python.calls[number]
    if not (call.local or call.method).endswith("parse_known_args"):
        yield Thing(path, flow.scope(call.block), "", number)
        return
    half = Item(Result(number), Const(0))
    for binding in flow.python.bindings:
        if binding.value == half:
            yield Thing(path, flow.scope(binding.block), binding.name)
