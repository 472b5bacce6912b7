"""Expressions become values: names, displays, operations."""

from __future__ import annotations

import ast

from mlaudit.facts.credentials import is_secret_name
from mlaudit.facts.python.folding import NONE, OPERATORS, UNKNOWN, fold
from mlaudit.facts.python.literals import HANDLERS, Literals
from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Collection,
    CollectionKind,
    Const,
    Global,
    Item,
    Local,
    Mapping,
    Operation,
    Slice,
    Statement,
)

STAR = "*"
_DISPLAYS: dict[type[ast.expr], CollectionKind] = {
    ast.Tuple: "tuple", ast.List: "list", ast.Set: "set",
}  # fmt: skip


class Expressions(Literals):
    """Turns expressions into values, in the order in which Python evaluates them."""

    # names

    def name(self, node: ast.Name) -> AnyValue:
        return self.space[node.id]

    def attribute(self, node: ast.Attribute) -> AnyValue:
        dotted, root = chain(node)
        if type(root) is ast.Name:
            return self.named(root.id, dotted)
        return Attribute(self.value(node.value), node.attr)

    def named(self, root: str, rest: str) -> Global | Local:
        """The value of `root` + `rest`, where `rest` is like `.random.rand`."""
        base = self.space[root]
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
        for kind, right in zip(node.ops, node.comparators):  # noqa: B905 (ast keeps them equal)
            literal = type(right) is ast.Constant or type(right) is ast.JoinedStr
            value = self.child(right, "compare", _name_of(node.left) if literal else "")
            parts.append(Operation(OPERATORS[type(kind)], (left, value)))
            left = value
        return parts[0] if len(parts) == 1 else Operation("and", tuple(parts))

    def conditional(self, node: ast.IfExp) -> AnyValue:
        test = self.value(node.test)
        return Operation("if", (test, self.value(node.body), self.value(node.orelse)))

    def subscript(self, node: ast.Subscript) -> AnyValue:
        return Item(self.value(node.value), self.child(node.slice, "element"))

    def slice(self, node: ast.Slice) -> AnyValue:
        lower = NONE if node.lower is None else self.value(node.lower)
        upper = NONE if node.upper is None else self.value(node.upper)
        return Slice(lower, upper, NONE if node.step is None else self.value(node.step))

    def starred(self, node: ast.Starred) -> AnyValue:
        return Operation(STAR, (self.value(node.value),))

    def awaited(self, node: ast.Await) -> AnyValue:
        return Operation("await", (self.value(node.value),))

    def yielded(self, node: ast.Yield | ast.YieldFrom) -> AnyValue:
        value = NONE if node.value is None else self.value(node.value)
        line = node.lineno + self.offset
        self.statements.append(Statement("yield", value, self.block, len(self.calls), line))
        return UNKNOWN

    def unknown(self, node: ast.expr) -> AnyValue:  # noqa: ARG002
        return UNKNOWN


def _name_of(node: ast.expr) -> str:
    """Of a variable that is named like a secret: what it is compared with may be one."""
    name = node.id if type(node) is ast.Name else node.attr if type(node) is ast.Attribute else ""
    return name if is_secret_name(name) else ""


def chain(node: ast.expr) -> tuple[str, ast.expr]:
    """`a.b.c` as `.b.c` and the node of `a`."""
    dotted = ""
    while type(node) is ast.Attribute:
        dotted = f".{node.attr}{dotted}"
        node = node.value
    return dotted, node


HANDLERS |= {
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.attribute,
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
}
for _new in ("TemplateStr", "Interpolation"):  # Python 3.14
    if hasattr(ast, _new):
        HANDLERS[getattr(ast, _new)] = Expressions.unknown
