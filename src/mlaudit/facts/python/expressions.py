"""Expressions become values; calls and string literals on the way are recorded."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from mlaudit.facts.credentials import as_secret, is_secret_name
from mlaudit.facts.python.folding import (
    FALSE,
    NONE,
    OPERATORS,
    TRUE,
    UNKNOWN,
    WIDEST_INT,
    fold,
    writable,
)
from mlaudit.facts.python.names import Namespace, type_made_by
from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Binding,
    Block,
    Call,
    Collection,
    CollectionKind,
    Const,
    Global,
    Import,
    Item,
    Local,
    Mapping,
    Operation,
    Result,
    Scope,
    Slice,
    Statement,
    Text,
)

STAR = "*"
_DISPLAYS: dict[type[ast.expr], CollectionKind] = {
    ast.Tuple: "tuple", ast.List: "list", ast.Set: "set",
}  # fmt: skip


class Expressions:
    """Turns expressions into values, in the order in which Python evaluates them."""

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
        self.fallback = False
        """Inside a `try` that survives ImportError, where a name may get a stand-in."""
        self.space = Namespace("module", None)
        self._globals: dict[str, Global] = {}
        self._locals: dict[str, Local] = {}
        self._constants: dict[str, tuple[str, Const]] = {}

    def value(self, node: ast.expr) -> AnyValue:
        return HANDLERS[type(node)](self, node)

    # names

    def name(self, node: ast.Name) -> AnyValue:
        return self.space.values.get(node.id) or self.space.resolve(node.id)

    def attribute(self, node: ast.Attribute) -> AnyValue:
        dotted, root = chain(node)
        if type(root) is ast.Name:
            return self._named(root.id, dotted)
        return Attribute(self.value(node.value), node.attr)

    def _named(self, root: str, rest: str) -> Global | Local:
        """The value of `root` + `rest`, where `rest` is like `.random.rand`."""
        base = self.space.values.get(root) or self.space.resolve(root)
        if not rest:
            return base
        name = base.name + rest
        known: Global | Local | None
        if type(base) is Global:
            known = self._globals.get(name)
            if known is None:
                known = self._globals[name] = Global(name)
        else:
            known = self._locals.get(name)
            if known is None:
                known = self._locals[name] = Local(name)
        return known

    # literals

    def constant(self, node: ast.Constant) -> AnyValue:
        return self.literal(node, "other")

    def literal(self, node: ast.Constant, role: str, name: str = "", callee: str = "") -> AnyValue:
        value = node.value
        if isinstance(value, str):
            return self._text(value, node, role, name, callee)
        if value is None:
            return NONE
        if value is True:
            return TRUE
        if value is False:
            return FALSE
        if isinstance(value, float):
            return Const(value)
        if isinstance(value, int) and -WIDEST_INT <= value < WIDEST_INT:
            return Const(value)
        return UNKNOWN

    def _text(self, value: str, node: ast.expr, role: str, name: str, callee: str) -> AnyValue:
        if name and value and is_secret_name(name):
            secret = as_secret(value)
            self._record_text(secret.prefix + "…", node, role, name, callee)
            return secret
        known = self._constants.get(value)
        if known is None:
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

    def child(self, node: ast.expr, role: str, name: str = "", callee: str = "") -> AnyValue:
        """The value of a part whose place in the whole is known: what a string in it is for."""
        kind = type(node)
        if kind is ast.Name:
            return self.space.values.get(node.id) or self.space.resolve(node.id)  # type: ignore[attr-defined]
        if kind is ast.Constant:
            return self.literal(node, role, name, callee)  # type: ignore[arg-type]
        if kind is ast.JoinedStr:
            return self.joined(node, name, callee)  # type: ignore[arg-type]
        return HANDLERS[kind](self, node)

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

    # displays

    def collection(self, node: ast.Tuple | ast.List | ast.Set) -> AnyValue:
        items = tuple([self.child(item, "element") for item in node.elts])
        return Collection(_DISPLAYS[type(node)], items)

    def mapping(self, node: ast.Dict) -> AnyValue:
        keys: list[AnyValue | None] = []
        values: list[AnyValue] = []
        for key, value in zip(node.keys, node.values, strict=True):
            name = ""
            if key is None:
                keys.append(None)
            else:
                known = self.child(key, "element")
                keys.append(known)
                if type(known) is Const and type(known.value) is str:
                    name = known.value
            values.append(self.child(value, "element", name))
        return Mapping(tuple(keys), tuple(values))

    # operations

    def binary(self, node: ast.BinOp) -> AnyValue:
        chain: list[ast.BinOp] = [node]
        while type(chain[-1].left) is ast.BinOp:
            chain.append(chain[-1].left)
        total = self.value(chain[-1].left)
        for part in reversed(chain):
            total = fold(OPERATORS[type(part.op)], total, self.value(part.right))
        return total

    def unary(self, node: ast.UnaryOp) -> AnyValue:
        value = self.value(node.operand)
        kind = OPERATORS[type(node.op)]
        if kind == "neg" and type(value) is Const:
            number = value.value
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                return Const(-number)
        return Operation(kind, (value,))

    def boolean(self, node: ast.BoolOp) -> AnyValue:
        return Operation(OPERATORS[type(node.op)], tuple([self.value(v) for v in node.values]))

    def compare(self, node: ast.Compare) -> AnyValue:
        left = self.child(node.left, "compare")
        parts: list[AnyValue] = []
        for kind, right in zip(node.ops, node.comparators, strict=True):
            value = self.child(right, "compare")
            parts.append(Operation(OPERATORS[type(kind)], (left, value)))
            left = value
        return parts[0] if len(parts) == 1 else Operation("and", tuple(parts))

    def conditional(self, node: ast.IfExp) -> AnyValue:
        test = self.value(node.test)
        return Operation("if", (test, self.value(node.body), self.value(node.orelse)))

    def subscript(self, node: ast.Subscript) -> AnyValue:
        return Item(self.value(node.value), self.child(node.slice, "element"))

    def slice(self, node: ast.Slice) -> AnyValue:
        lower, upper, step = (
            NONE if part is None else self.value(part)
            for part in (node.lower, node.upper, node.step)
        )
        return Slice(lower, upper, step)

    def starred(self, node: ast.Starred) -> AnyValue:
        return Operation(STAR, (self.value(node.value),))

    def awaited(self, node: ast.Await) -> AnyValue:
        return Operation("await", (self.value(node.value),))

    def yielded(self, node: ast.Yield | ast.YieldFrom) -> AnyValue:
        value = NONE if node.value is None else self.value(node.value)
        line = node.lineno + self.offset
        self.statements.append(Statement("yield", value, self.block, len(self.calls), line))
        return UNKNOWN

    # calls

    def call(self, node: ast.Call) -> AnyValue:
        place: Any = node
        func = node.func
        dotted, root = chain(func)
        local, receiver, method = "", None, ""
        if type(root) is ast.Name:
            base = self._named(root.id, dotted)
            if type(base) is Global:
                callee = base.name
            else:
                local = base.name
                callee = self.space.callee_of(local)
        elif type(func) is ast.Attribute:
            receiver = self.child(func.value, "other")
            method = func.attr
            callee = self._method(receiver, method)
        else:
            receiver = self.value(func)
            callee = ""
        shown = callee or local
        known, resolve = self.space.values, self.space.resolve  # a bare name spares a call
        args = tuple(
            [
                (known.get(arg.id) or resolve(arg.id))
                if type(arg) is ast.Name
                else self.child(arg, "argument", "", shown)
                for arg in node.args
            ]
        )
        keywords = tuple(
            [
                (word.arg or "", known.get(word.value.id) or resolve(word.value.id))
                if type(word.value) is ast.Name
                else (word.arg or "", self.child(word.value, "argument", word.arg or "", shown))
                for word in node.keywords
            ]
        )
        offset = self.offset
        self.calls.append(
            Call(
                callee,
                local,
                receiver,
                args,
                keywords,
                self.block,
                node.lineno + offset,
                node.col_offset,
                place.end_lineno + offset,
                place.end_col_offset,
                method,
            )
        )
        return Result(len(self.calls) - 1)

    def _method(self, receiver: AnyValue, name: str) -> str:
        made_by = self.type_of(receiver)
        return f"{made_by}.{name}" if made_by else ""

    def type_of(self, value: AnyValue) -> str:
        """The type of a value as far as it is simple to tell; empty otherwise."""
        if type(value) is Result:
            return type_made_by(self.calls[value.call].callee)
        if type(value) is Local:
            return self.space.type_of(value.name)
        if type(value) is Operation and value.kind == "await":
            return self.type_of(value.operands[0])
        return ""

    def unknown(self, node: ast.expr) -> AnyValue:  # noqa: ARG002
        return UNKNOWN


def chain(node: ast.expr) -> tuple[str, ast.expr]:
    """`a.b.c` as `.b.c` and the node of `a`."""
    dotted = ""
    while type(node) is ast.Attribute:
        dotted = f".{node.attr}{dotted}"
        node = node.value
    return dotted, node


HANDLERS: dict[type[ast.expr], Callable[[Any, Any], AnyValue]] = {
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.attribute,
    ast.Constant: Expressions.constant,
    ast.JoinedStr: Expressions.joined,
    ast.FormattedValue: Expressions.formatted,
    ast.Tuple: Expressions.collection,
    ast.List: Expressions.collection,
    ast.Set: Expressions.collection,
    ast.Dict: Expressions.mapping,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.BoolOp: Expressions.boolean,
    ast.Compare: Expressions.compare,
    ast.IfExp: Expressions.conditional,
    ast.Subscript: Expressions.subscript,
    ast.Slice: Expressions.slice,
    ast.Starred: Expressions.starred,
    ast.Await: Expressions.awaited,
    ast.Yield: Expressions.yielded,
    ast.YieldFrom: Expressions.yielded,
    ast.Call: Expressions.call,
}
for _new in ("TemplateStr", "Interpolation"):  # Python 3.14
    if hasattr(ast, _new):
        HANDLERS[getattr(ast, _new)] = Expressions.unknown
