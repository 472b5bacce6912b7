"""What is collected from one source, and its literals: strings are recorded with their place."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from mlaudit.facts.credentials import as_secret, is_secret_name
from mlaudit.facts.passed_secrets import names_secret
from mlaudit.facts.python.folding import FALSE, NONE, TRUE, UNKNOWN, WIDEST_INT, writable
from mlaudit.facts.python.names import Namespace
from mlaudit.facts.secret_literals import Literal
from mlaudit.facts.syntax import (
    AnyValue,
    Binding,
    Block,
    Call,
    Const,
    Global,
    Import,
    Local,
    Operation,
    Scope,
    Statement,
    Text,
)

HANDLERS: dict[type[ast.expr], Callable[[Any, Any], AnyValue]] = {}
"""What turns each kind of expression into a value; each module adds its own."""

_SMALL_INTS = {number: Const(number) for number in range(17)}


class Literals:
    """Turns literals into values."""

    def __init__(self) -> None:
        self.imports: list[Import] = []
        self.scopes: list[Scope] = []
        self.blocks: list[Block] = []
        self.calls: list[Call] = []
        self.bindings: list[Binding] = []
        self.statements: list[Statement] = []
        self.texts: list[Text] = []
        self.offset = 0
        """Added to every line: where a notebook's cell begins."""
        self.block = 0
        self.secrets: frozenset[str] = frozenset()
        """Literals that are not kept, whatever they are named."""
        self.secret_literals: list[Literal] = []
        self.names_secret = False
        """Some literal is the name of a secret, so another may be the secret."""
        self.fallback = False
        """Inside a `try` that survives ImportError, where a name may get a stand-in."""
        self.space = Namespace("module", None)
        self._globals: dict[str, Global] = {}
        self._locals: dict[str, Local] = {}
        self._constants: dict[str, tuple[str, Const]] = {}

    def value(self, node: ast.expr) -> AnyValue:
        return HANDLERS[type(node)](self, node)

    def child(self, node: ast.expr, role: str, name: str = "", callee: str = "") -> AnyValue:
        """The value of a part whose place in the whole is known: what a string in it is for."""
        kind = type(node)
        if kind is ast.Name:
            return self.space[node.id]  # type: ignore[attr-defined]
        if kind is ast.Constant:
            return self.literal(node, role, name, callee)  # type: ignore[arg-type]
        if kind is ast.JoinedStr:
            return self.joined(node, name, callee)  # type: ignore[arg-type]
        return HANDLERS[kind](self, node)

    def constant(self, node: ast.Constant) -> AnyValue:
        return self.literal(node, "other")

    def literal(self, node: ast.Constant, role: str, name: str = "", callee: str = "") -> AnyValue:
        value: Any = node.value
        kind = type(value)
        if kind is str:
            return self._text(value, node, role, name, callee)
        if kind is int:
            if -WIDEST_INT <= value < WIDEST_INT:
                return _SMALL_INTS.get(value) or Const(value)
            return UNKNOWN
        if value is None:
            return NONE
        if value is True:
            return TRUE
        if value is False:
            return FALSE
        return Const(value) if kind is float else UNKNOWN

    def _text(self, value: str, node: ast.expr, role: str, name: str, callee: str) -> AnyValue:
        if value in self.secrets or (name and value and is_secret_name(name)):
            secret = as_secret(value)
            if not secret.placeholder:
                self.secret_literals.append(Literal(secret, name, node, self.offset))
            self._record_text(secret.prefix + "…", node, role, name, callee)
            return secret
        known = self._constants.get(value)
        if known is None:
            self.names_secret = self.names_secret or names_secret(value)
            kept = writable(value)
            known = self._constants[value] = kept, Const(kept)
        self._record_text(known[0], node, role, name, callee)
        return known[1]

    def _record_text(self, value: str, node: Any, role: str, name: str, callee: str) -> None:
        offset = self.offset
        self.texts.append(
            Text(
                value,
                role,
                name,
                callee,
                self.block,
                node.lineno + offset,
                node.col_offset,
                node.end_lineno + offset,
                node.end_col_offset,
            )
        )

    def joined(self, node: ast.JoinedStr, name: str = "", callee: str = "") -> AnyValue:
        parts: list[AnyValue] = []
        for part in node.values:
            if type(part) is ast.Constant:
                text = writable(str(part.value))
                self._record_text(text, node, "format", name, callee)
                parts.append(Const(text))
            elif type(part) is ast.FormattedValue:
                parts.append(self.formatted(part))
            else:
                parts.append(UNKNOWN)
        if len(parts) == 1 and type(parts[0]) is Const:
            return parts[0]
        return Operation("format", tuple(parts))

    def formatted(self, node: ast.FormattedValue) -> AnyValue:
        value = self.value(node.value)
        if isinstance(node.format_spec, ast.JoinedStr):
            for part in node.format_spec.values:
                if type(part) is ast.FormattedValue:
                    self.value(part.value)
        return value


HANDLERS |= {
    ast.Constant: Literals.constant,
    ast.JoinedStr: Literals.joined,
    ast.FormattedValue: Literals.formatted,
}
