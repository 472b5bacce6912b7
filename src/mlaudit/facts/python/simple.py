"""Statements that hold no others: assignments, imports, `return` and the like."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from mlaudit.facts.python.folding import NONE, UNKNOWN
from mlaudit.facts.python.scoping import Scoping
from mlaudit.facts.syntax import AnyValue, Guard, Import, Statement, StatementKind

STATEMENTS: dict[type[ast.stmt], Callable[[Any, Any], None]] = {}
"""What reads each kind of statement; each module adds its own."""


class SimpleStatements(Scoping):
    """Reads one statement at a time."""

    guard: Guard = ""
    """Of the imports in the block that is open; see `Import.guard`."""

    def record(self, kind: StatementKind, value: AnyValue, node: ast.stmt) -> None:
        line = node.lineno + self.offset
        self.statements.append(Statement(kind, value, self.block, len(self.calls), line))

    def expression(self, node: ast.Expr) -> None:
        if type(node.value) is not ast.Constant:
            self.record("expression", self.value(node.value), node)

    def return_(self, node: ast.Return) -> None:
        self.record("return", NONE if node.value is None else self.value(node.value), node)

    def raise_(self, node: ast.Raise) -> None:
        value = NONE if node.exc is None else self.value(node.exc)
        if node.cause is not None:
            self.value(node.cause)
        self.record("raise", value, node)

    def assert_(self, node: ast.Assert) -> None:
        value = self.value(node.test)
        if node.msg is not None:
            self.value(node.msg)
        self.record("assert", value, node)

    def jump(self, node: ast.Break | ast.Continue) -> None:
        self.record("break" if isinstance(node, ast.Break) else "continue", NONE, node)

    # bindings

    def assign(self, node: ast.Assign) -> None:
        value = self._assigned(node.value, node.targets[0])
        for target in node.targets:
            self.bind(target, "assign", value)

    def augment(self, node: ast.AugAssign) -> None:
        self.bind(node.target, "augment", self._assigned(node.value, node.target))

    def annotate(self, node: ast.AnnAssign) -> None:
        annotation = self.annotation(node.annotation)
        if node.value is None:
            self.bind(node.target, "annotate", UNKNOWN, annotation)
        else:
            value = self._assigned(node.value, node.target)
            self.bind(node.target, "assign", value, annotation)

    def _assigned(self, node: ast.expr, target: ast.expr) -> AnyValue:
        kind = type(node)
        if kind is ast.Constant or kind is ast.JoinedStr:
            return self.child(node, "assign", _target_name(target))
        return self.value(node)

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if type(target) in (ast.Name, ast.Attribute):
                self.bind(target, "delete", UNKNOWN)
            else:
                self.value(target)

    def global_(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            self.record_binding(name, node, "global", UNKNOWN)

    # imports

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            name, target = (alias.asname, alias.name) if alias.asname else (root, root)
            self._import(name, target, node, alias.name)

    def import_from(self, node: ast.ImportFrom) -> None:
        dots = "." * (node.level or 0)
        module = dots + (node.module or "")
        joint = "" if module == dots else "."
        for alias in node.names:
            if alias.name == "*":
                self._import("*", module, node, module)
            else:
                target = f"{module}{joint}{alias.name}"
                self._import(alias.asname or alias.name, target, node, module)

    def _import(self, name: str, target: str, node: ast.stmt, module: str) -> None:
        line = node.lineno + self.offset
        self.imports.append(
            Import(name, target, self.block, line, node.col_offset, self.guard, module)
        )
        if name != "*" and not (self.fallback and self.space.names.get(name)):
            self.space.bind_import(name, target)


def _target_name(target: ast.expr) -> str:
    """The name under which a literal is known: `KEY`, `key` of `self.key`, `key` of `x["key"]`."""
    if type(target) is ast.Name:
        return target.id
    if type(target) is ast.Attribute:
        return target.attr
    if type(target) is ast.Subscript and type(target.slice) is ast.Constant:
        key = target.slice.value
        return key if type(key) is str else ""
    return ""


STATEMENTS |= {
    ast.Expr: SimpleStatements.expression,
    ast.Assign: SimpleStatements.assign,
    ast.AugAssign: SimpleStatements.augment,
    ast.AnnAssign: SimpleStatements.annotate,
    ast.Return: SimpleStatements.return_,
    ast.Raise: SimpleStatements.raise_,
    ast.Assert: SimpleStatements.assert_,
    ast.Break: SimpleStatements.jump,
    ast.Continue: SimpleStatements.jump,
    ast.Delete: SimpleStatements.delete,
    ast.Global: SimpleStatements.global_,
    ast.Nonlocal: SimpleStatements.global_,
    ast.Import: SimpleStatements.import_,
    ast.ImportFrom: SimpleStatements.import_from,
}
