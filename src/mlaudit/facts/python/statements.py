"""Statements, walked on a stack of our own: deep nesting is no danger, and order is kept."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from mlaudit.facts.python.folding import UNKNOWN
from mlaudit.facts.python.names import Namespace
from mlaudit.facts.python.simple import STATEMENTS, SimpleStatements
from mlaudit.facts.syntax import (
    AnyValue,
    Block,
    BlockKind,
    Collection,
    Const,
    Global,
    Guard,
    Local,
    Operation,
    Scope,
)

IMPORT_FAILURES = frozenset(
    f"builtins.{name}"
    for name in ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")
)


class Frame:
    """Statements that are being read as one block."""

    __slots__ = ("block", "branch", "guard", "rest", "space", "started")

    def __init__(
        self, body: Sequence[ast.stmt], block: int, space: Namespace, guard: Guard, branch: bool
    ) -> None:
        self.rest: Iterator[ast.stmt] = iter(body)
        self.block = block
        self.space = space
        self.guard = guard
        """Of the imports in it; see `Import.guard`."""
        self.branch = branch
        """May be passed over, so what it binds is not certain afterwards."""
        self.started = False


class Body(NamedTuple):
    """A function's body, read after all that encloses it, as Python does."""

    statements: Sequence[ast.stmt]
    block: int
    space: Namespace
    offset: int


class Statements(SimpleStatements):
    """Reads whole modules."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []
        self.bodies: list[Body] = []
        self.too_deep: list[int] = []
        """Lines of statements that were given up."""

    def module(self, trees: Sequence[tuple[ast.Module, int]]) -> None:
        """Read modules (the cells of a notebook) one after the other as one scope."""
        self.scopes.append(Scope("module", "", "", -1, 1, 0, 0))
        self.blocks.append(Block("body", -1, 0, 1))
        space = self.space
        for tree, self.offset in trees:
            self._run(Frame(tree.body, 0, space, "", False))
        while self.bodies:
            bodies, self.bodies = self.bodies, []
            for body in bodies:
                self.offset = body.offset
                self._run(Frame(body.statements, body.block, body.space, "", False))

    def _run(self, first: Frame) -> None:
        frames = self.frames = [first]
        while frames:
            frame = frames[-1]
            self.block, self.space, self.guard = frame.block, frame.space, frame.guard
            self.fallback = frame.guard == "try"
            if not frame.started:
                frame.started = True
                if frame.branch:
                    frame.space.open_branch()
            if self._read(frame, frames):
                frames.pop()
                if frame.branch:
                    frame.space.close_branch()

    def _read(self, frame: Frame, frames: list[Frame]) -> bool:
        """Read statements until one holds others, which come first. True when none is left."""
        for node in frame.rest:
            handler = STATEMENTS.get(type(node))
            if handler is None:
                continue
            try:
                handler(self, node)
            except RecursionError:
                self.too_deep.append(node.lineno + self.offset)
                self.block, self.space = frame.block, frame.space
            if frames[-1] is not frame:
                return False
        return True

    def nested(
        self,
        kind: BlockKind,
        body: Sequence[ast.stmt],
        node: ast.AST,
        value: AnyValue | None = None,
        *,
        guard: Guard = "",
        branch: bool = True,
    ) -> Frame:
        """The frame of a block within the one that is open."""
        outer = self.block
        self.open_block(kind, node, value)
        inner, self.block = self.block, outer
        return Frame(body, inner, self.space, guard or self.guard, branch)

    def enter(self, *frames: Frame) -> None:
        """Have the frames read next, in this order."""
        self.frames.extend(reversed(frames))

    # compound statements

    def if_(self, node: ast.If) -> None:
        test = self.value(node.test)
        guard: Guard = "typing" if _is_type_checking(test) else ""
        branch = not _is_main_guard(test)
        frames = [self.nested("if", node.body, node, test, guard=guard, branch=branch)]
        if node.orelse:
            frames.append(self.nested("else", node.orelse, node.orelse[0], test))
        self.enter(*frames)

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        iterable = self.value(node.iter)
        loop = self.nested("for", node.body, node, iterable)
        self._in_block(loop.block, lambda: self.bind(node.target, "for", iterable))
        self._loop(loop, node)

    def while_(self, node: ast.While) -> None:
        test = self.value(node.test)
        self._loop(self.nested("while", node.body, node, test), node)

    def _loop(self, loop: Frame, node: ast.For | ast.AsyncFor | ast.While) -> None:
        frames = [loop]
        if node.orelse:
            frames.append(self.nested("loop-else", node.orelse, node.orelse[0], branch=False))
        self.enter(*frames)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        managers = [self.value(item.context_expr) for item in node.items]
        value = managers[0] if len(managers) == 1 else Collection("tuple", tuple(managers))
        frame = self.nested("with", node.body, node, value, branch=False)
        for item, manager in zip(node.items, managers, strict=True):
            if item.optional_vars is not None:
                self.bind(item.optional_vars, "with", manager)
        self.enter(frame)

    def try_(self, node: ast.Try) -> None:
        guard: Guard = "try" if any(self._survives_import(h) for h in node.handlers) else ""
        frames = [self.nested("try", node.body, node, guard=guard, branch=False)]
        frames.extend(self._handler(handler, guard) for handler in node.handlers)
        if node.orelse:
            frames.append(self.nested("else", node.orelse, node.orelse[0], branch=False))
        if node.finalbody:
            frames.append(self.nested("finally", node.finalbody, node.finalbody[0], branch=False))
        self.enter(*frames)

    def _survives_import(self, handler: ast.ExceptHandler) -> bool:
        if handler.type is None:
            return True
        types = handler.type.elts if type(handler.type) is ast.Tuple else [handler.type]
        return any(
            type(kind) is ast.Name and f"builtins.{kind.id}" in IMPORT_FAILURES for kind in types
        )

    def _handler(self, handler: ast.ExceptHandler, guard: Guard) -> Frame:
        types = None if handler.type is None else self.value(handler.type)
        frame = self.nested("except", handler.body, handler, types, guard=guard)
        if handler.name is not None:
            name = handler.name
            self._in_block(
                frame.block, lambda: self.record_binding(name, handler, "except", types or UNKNOWN)
            )
            self.space.bind(name)
        return frame

    def match(self, node: ast.Match) -> None:
        subject = self.value(node.subject)
        frames = []
        for case in node.cases:
            frame = self.nested("case", case.body, case.pattern, subject)
            for part in ast.walk(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    self.space.bind(name)
                    self.record_binding(name, part, "assign", UNKNOWN)
            if case.guard is not None:
                self.value(case.guard)
            frames.append(frame)
        self.enter(*frames)

    def _in_block(self, block: int, action: Callable[[], None]) -> None:
        outer, self.block = self.block, block
        action()
        self.block = outer

    # definitions

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = tuple([self.value(d) for d in node.decorator_list])
        parameters = self.parameters(node.args)
        self.record_binding(node.name, node, "def", UNKNOWN)
        self.take(node.name)
        block, space = self.block, self.space
        self.open_scope("function", node.name, node, parameters, decorators)
        self.bodies.append(Body(node.body, self.block, self.space, self.offset))
        self.block, self.space = block, space

    def class_(self, node: ast.ClassDef) -> None:
        decorators = tuple([self.value(d) for d in node.decorator_list])
        bases = tuple([self.value(base) for base in node.bases])
        for word in node.keywords:
            self.value(word.value)
        self.record_binding(node.name, node, "class", UNKNOWN)
        self.take(node.name)
        block, space = self.block, self.space
        self.open_scope("class", node.name, node, (), decorators, bases)
        self.enter(Frame(node.body, self.block, self.space, self.guard, False))
        self.block, self.space = block, space


def _is_type_checking(test: AnyValue) -> bool:
    return type(test) is Global and test.name.endswith("TYPE_CHECKING")


def _is_main_guard(test: AnyValue) -> bool:
    return (
        type(test) is Operation
        and test.kind == "=="
        and Local("__name__") in test.operands
        and Const("__main__") in test.operands
    )


STATEMENTS |= {
    ast.If: Statements.if_,
    ast.For: Statements.for_,
    ast.AsyncFor: Statements.for_,
    ast.While: Statements.while_,
    ast.With: Statements.with_,
    ast.AsyncWith: Statements.with_,
    ast.Try: Statements.try_,
    ast.Match: Statements.match,
    ast.FunctionDef: Statements.function,
    ast.AsyncFunctionDef: Statements.function,
    ast.ClassDef: Statements.class_,
}
if hasattr(ast, "TryStar"):  # Python 3.11
    STATEMENTS[ast.TryStar] = Statements.try_
