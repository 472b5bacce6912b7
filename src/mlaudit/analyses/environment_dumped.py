"""The whole environment, secrets and all, in what is printed, logged, tracked or answered."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.places import spot_of
from mlaudit.facts.records import Cell, FileFacts, Span
from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Collection,
    Global,
    Local,
    Mapping,
    Operation,
    PythonFacts,
    Result,
)
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Rule, Spot

_ENVIRONMENT = frozenset({"os.environ", "os.environb"})
_ITEMS = frozenset({"copy", "items", "values", "_asdict", "__repr__"})
_COPIES = frozenset(
    {
        "builtins.dict", "builtins.str", "builtins.repr", "builtins.list", "builtins.sorted",
        "builtins.tuple", "builtins.format", "json.dumps", "pprint.pformat", "copy.copy",
        "copy.deepcopy", "yaml.dump", "yaml.safe_dump", "pandas.DataFrame", "pandas.Series",
    }
)  # fmt: skip
"""What gives all of the environment again when it is given it."""
_ROUTES = frozenset({"route", "get", "post", "put", "delete", "api_route", "endpoint"})
_MAGICS = frozenset({"%env", "!env", "!printenv", "!export", "!set"})


def check(project: Project, rule: Rule) -> Iterator[Match]:
    for facts in in_context(project, rule):
        if facts.python is not None:
            yield from _Dumps(facts, facts.python, rule).matches()
        if facts.notebook is not None:
            for cell in facts.notebook.cells:
                yield from _magics(facts.path, cell, rule)


class _Dumps:
    """The places of one file where the environment leaves the program."""

    def __init__(self, facts: FileFacts, python: PythonFacts, rule: Rule) -> None:
        self._path = facts.path
        self._python = python
        self._rule = rule
        self._bound: dict[str, list[AnyValue]] = {}

    def matches(self) -> Iterator[Match]:
        if not self._mentions():
            return
        for binding in self._python.bindings:
            self._bound.setdefault(binding.name, []).append(binding.value)
        sinks = {callee for callee in {c.callee for c in self._python.calls} if self._shows(callee)}
        for call in self._python.calls if sinks else ():
            if call.callee in sinks and self._passes_all(call):
                yield self._match(spot_of(self._path, call), call.callee)
        yield from self._answers()

    def _mentions(self) -> bool:
        """A cheap question first: whether the file may have the environment at hand at all."""
        imports = self._python.imports
        return any(item.target in ("os", "os.environ") for item in imports)

    def _match(self, spot: Spot, sink: str) -> Match:
        return Match(self._rule.id, spot, {"sink": sink.replace("builtins.", "")})

    def _shows(self, callee: str) -> bool:
        return callee in api_table("credentials", "credentials.environment-sinks")

    def _passes_all(self, call: Call) -> bool:
        given = (*call.args, *(value for _, value in call.keywords))
        return any(self._is_all(value, 0) for value in given) or self._prints_each(call)

    def _prints_each(self, call: Call) -> bool:
        """`for name, value in os.environ.items(): print(name, value)`, without a test between."""
        block = self._python.blocks[call.block]
        if block.kind != "for" or block.value is None or not self._is_all(block.value, 0):
            return False
        names = {b.name for b in self._python.bindings if b.block == call.block and b.kind == "for"}
        used = {part.name for value in call.args for part in _locals(value)}
        return len(used & names) > 1

    def _is_all(self, value: AnyValue, depth: int) -> bool:
        """Whether a value holds the whole environment."""
        if depth > 8:
            return False
        if isinstance(value, Global):
            return value.name in _ENVIRONMENT
        if isinstance(value, Local):
            values = self._bound.get(value.name, [])
            return len(values) == 1 and self._is_all(values[0], depth + 1)
        if isinstance(value, Result):
            return self._gives_all(self._python.calls[value.call], depth + 1)
        return any(self._is_all(part, depth + 1) for part in _parts(value))

    def _gives_all(self, call: Call, depth: int) -> bool:
        head, _, method = call.callee.rpartition(".")
        if head in _ENVIRONMENT:
            return method in _ITEMS
        if call.callee in _COPIES:
            return any(self._is_all(value, depth) for value in call.args)
        return False

    def _answers(self) -> Iterator[Match]:
        """A route that returns it."""
        for statement in self._python.statements:
            if statement.kind == "return" and self._is_all(statement.value, 0):
                scope = self._python.scopes[self._python.scope_of(statement.block)]
                if any(_is_route(one, self._python) for one in scope.decorators):
                    span = Span(statement.line, 0, statement.line)
                    yield self._match(Spot(self._path, span, code=True), f"{scope.name}, a route")


def _is_route(decorator: AnyValue, python: PythonFacts) -> bool:
    if not isinstance(decorator, Result):
        return False
    call = python.calls[decorator.call]
    return (call.method or call.local or call.callee).rpartition(".")[2] in _ROUTES


def _parts(value: AnyValue) -> Iterator[AnyValue]:
    """What a value is put together of, where it keeps all of each part."""
    if isinstance(value, Operation) and value.kind in ("format", "+", "%", "|", "*"):
        yield from value.operands
    elif isinstance(value, Collection):
        yield from value.items
    elif isinstance(value, Mapping):
        yield from value.values


def _locals(value: AnyValue) -> Iterator[Local]:
    if isinstance(value, Local):
        yield value
    for part in _parts(value):
        yield from _locals(part)


def _magics(path: str, cell: Cell, rule: Rule) -> Iterator[Match]:
    """`%env` alone shows all; it counts where what it showed was saved."""
    for magic in cell.magics if cell.outputs else ():
        if magic.text.strip() in _MAGICS:
            span = Span(magic.line, 0, magic.line)
            yield Match(rule.id, Spot(path, span, code=True), {"sink": f"{magic.text.strip()}"})
