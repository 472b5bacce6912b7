"""Expressions become values; calls and string literals on the way are recorded."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from mlaudit.facts.credentials import as_secret, is_secret_name
from mlaudit.facts.python.names import Namespace, type_made_by
from mlaudit.facts.syntax import (
    AnyValue,
    Attribute,
    Binding,
    Block,
    BlockKind,
    Call,
    Collection,
    CollectionKind,
    Const,
    Function,
    Global,
    Import,
    Item,
    Local,
    Mapping,
    Operation,
    Parameter,
    ParameterKind,
    Result,
    Scope,
    ScopeKind,
    Slice,
    Statement,
    Text,
    Unknown,
)

UNKNOWN = Unknown()
NONE = Const(None)
TRUE = Const(True)
FALSE = Const(False)
LONGEST_TEXT = 4096
"""Characters of a literal that are kept."""
WIDEST_INT = 2**63
STAR = "*"

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is-not",
    ast.In: "in",
    ast.NotIn: "not-in",
    ast.Not: "not",
    ast.Invert: "~",
    ast.UAdd: "pos",
    ast.USub: "neg",
}
_DISPLAYS: dict[type[ast.expr], CollectionKind] = {
    ast.Tuple: "tuple", ast.List: "list", ast.Set: "set",
}  # fmt: skip
_FOLDS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
}


def writable(text: str) -> str:
    """The text as it can be stored: without lone surrogates, and not endless."""
    text = text[:LONGEST_TEXT]
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


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
        return _HANDLERS[type(node)](self, node)

    # names

    def name(self, node: ast.Name) -> AnyValue:
        return self.space.values.get(node.id) or self.space.resolve(node.id)

    def attribute(self, node: ast.Attribute) -> AnyValue:
        dotted, root = _chain(node)
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
        return _HANDLERS[kind](self, node)

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
            total = _fold(_OPERATORS[type(part.op)], total, self.value(part.right))
        return total

    def unary(self, node: ast.UnaryOp) -> AnyValue:
        value = self.value(node.operand)
        kind = _OPERATORS[type(node.op)]
        if kind == "neg" and type(value) is Const:
            number = value.value
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                return Const(-number)
        return Operation(kind, (value,))

    def boolean(self, node: ast.BoolOp) -> AnyValue:
        return Operation(_OPERATORS[type(node.op)], tuple([self.value(v) for v in node.values]))

    def compare(self, node: ast.Compare) -> AnyValue:
        left = self.child(node.left, "compare")
        parts: list[AnyValue] = []
        for kind, right in zip(node.ops, node.comparators, strict=True):
            value = self.child(right, "compare")
            parts.append(Operation(_OPERATORS[type(kind)], (left, value)))
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

    def walrus(self, node: ast.NamedExpr) -> AnyValue:
        value = self.value(node.value)
        self.bind(node.target, "assign", value)
        return value

    # comprehensions and lambdas

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> AnyValue:
        outer = self.block
        iterables: list[AnyValue] = []
        for part in node.generators:
            iterable = self.value(part.iter)
            iterables.append(iterable)
            self.open_block("comprehension", part.iter, iterable)
            self.bind(part.target, "for", iterable)
            for test in part.ifs:
                self.value(test)
        element: AnyValue
        if isinstance(node, ast.DictComp):
            element = Collection("tuple", (self.value(node.key), self.value(node.value)))
        else:
            element = self.value(node.elt)
        self.block = outer
        return Operation("comprehension", (element, *iterables))

    def lambda_(self, node: ast.Lambda) -> AnyValue:
        parameters = self.parameters(node.args)
        outer_block, outer_space = self.block, self.space
        index = self.open_scope("lambda", "<lambda>", node, parameters)
        self.statements.append(
            Statement(
                "return",
                self.value(node.body),
                self.block,
                len(self.calls),
                node.lineno + self.offset,
            )
        )
        self.block, self.space = outer_block, outer_space
        return Function(index)

    # calls

    def call(self, node: ast.Call) -> AnyValue:
        place: Any = node
        func = node.func
        dotted, root = _chain(func)
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
        args = tuple([self.child(arg, "argument", "", shown) for arg in node.args])
        keywords = tuple(
            [
                (word.arg or "", self.child(word.value, "argument", word.arg or "", shown))
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

    # what statements share

    def open_block(self, kind: BlockKind, node: ast.AST, value: AnyValue | None = None) -> None:
        """Enter a new block inside the one that is open."""
        parent = self.block
        line = getattr(node, "lineno", 0) + self.offset
        scope = self.blocks[parent].scope
        self.blocks.append(Block(kind, parent, scope, line, value))
        self.block = len(self.blocks) - 1

    def open_scope(
        self,
        kind: ScopeKind,
        name: str,
        node: Any,
        parameters: tuple[Parameter, ...] = (),
        decorators: tuple[AnyValue, ...] = (),
        bases: tuple[AnyValue, ...] = (),
    ) -> int:
        """Enter a new scope with its body block; returns its index."""
        parent = self.blocks[self.block].scope
        outer = self.scopes[parent].qualname
        index = len(self.scopes)
        self.scopes.append(
            Scope(
                kind,
                name,
                f"{outer}.{name}" if outer else name,
                parent,
                node.lineno + self.offset,
                node.col_offset,
                node.end_lineno + self.offset,
                parameters,
                decorators,
                bases,
                self.block,
            )
        )
        self.blocks.append(Block("body", -1, index, node.lineno + self.offset))
        self.block = len(self.blocks) - 1
        self.space = self._inner_space(kind)
        for parameter in parameters:
            made_by = ""
            if type(parameter.annotation) is Global:
                made_by = parameter.annotation.name
            self.space.bind(parameter.name, made_by)
        return index

    def _inner_space(self, kind: str) -> Namespace:
        outer = self.space
        if outer.kind == "class":
            return Namespace(kind, outer.parent, outer)
        return Namespace(kind, outer, outer.owner)

    def parameters(self, args: ast.arguments) -> tuple[Parameter, ...]:
        if not (args.args or args.kwonlyargs or args.vararg or args.kwarg or args.posonlyargs):
            return ()
        found: list[Parameter] = []
        named = [*args.posonlyargs, *args.args]
        defaults: list[ast.expr | None] = [None] * (len(named) - len(args.defaults))
        defaults += args.defaults
        for position, (arg, default) in enumerate(zip(named, defaults, strict=True)):
            kind: ParameterKind = "positional" if position < len(args.posonlyargs) else "normal"
            found.append(self._parameter(arg, kind, default))
        if args.vararg:
            found.append(self._parameter(args.vararg, "args"))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            found.append(self._parameter(arg, "keyword", default))
        if args.kwarg:
            found.append(self._parameter(args.kwarg, "kwargs"))
        return tuple(found)

    def _parameter(
        self, arg: ast.arg, kind: ParameterKind, default: ast.expr | None = None
    ) -> Parameter:
        annotation = None if arg.annotation is None else self.annotation(arg.annotation)
        value = None if default is None else self.child(default, "default", arg.arg)
        return Parameter(arg.arg, kind, annotation, value)

    def annotation(self, node: ast.expr) -> AnyValue:
        """Of an annotation only its plain name is kept: what it holds is not run."""
        kind = type(node)
        if kind is ast.Name or kind is ast.Attribute:
            return self.value(node)
        return UNKNOWN

    def bind(
        self, target: ast.expr, kind: str, value: AnyValue, annotation: AnyValue | None = None
    ) -> None:
        """Bind a target, unpacked where it is a tuple, to a value."""
        if type(target) is ast.Name:
            self._bind_name(target.id, target, kind, value, annotation)
        elif type(target) is ast.Attribute:
            dotted, root = _chain(target)
            if type(root) is ast.Name:
                self._bind_name(root.id + dotted, target, kind, value, annotation)
            else:
                self.value(root)
        elif type(target) is ast.Tuple or type(target) is ast.List:
            self._unpack(target, kind, value)
        elif type(target) is ast.Subscript:
            self._bind_item(target, value)
        elif type(target) is ast.Starred:
            self.bind(target.value, kind, UNKNOWN)

    def _bind_name(
        self, name: str, node: ast.expr, kind: str, value: AnyValue, annotation: AnyValue | None
    ) -> None:
        made_by = "" if kind == "for" else self.type_of(value)
        if not made_by and type(annotation) is Global:
            made_by = annotation.name
        self.take(name, made_by)
        self.bindings.append(
            Binding(
                name,
                kind,
                value,
                self.block,
                len(self.calls),
                node.lineno + self.offset,
                node.col_offset,
                None,
                annotation,
            )
        )

    def take(self, name: str, made_by: str = "") -> None:
        """Bind a name. The stand-in for a missing import leaves the import's meaning to it."""
        if not (self.fallback and self.space.names.get(name)):
            self.space.bind(name, made_by)

    def _unpack(self, target: ast.Tuple | ast.List, kind: str, value: AnyValue) -> None:
        items: tuple[AnyValue, ...] = ()
        if type(value) is Collection and len(value.items) == len(target.elts):
            items = value.items
        for index, part in enumerate(target.elts):
            self.bind(part, kind, items[index] if items else Item(value, Const(index)))

    def _bind_item(self, target: ast.Subscript, value: AnyValue) -> None:
        base = self.value(target.value)
        key = self.child(target.slice, "element")
        name = base.name if isinstance(base, (Local, Global)) else ""
        self.record_binding(name, target, "item", value, key)

    def record_binding(
        self,
        name: str,
        node: Any,
        kind: str,
        value: AnyValue,
        key: AnyValue | None = None,
        annotation: AnyValue | None = None,
    ) -> None:
        line, column = node.lineno + self.offset, node.col_offset
        after = len(self.calls)
        self.bindings.append(
            Binding(name, kind, value, self.block, after, line, column, key, annotation)
        )

    def unknown(self, node: ast.expr) -> AnyValue:  # noqa: ARG002
        return UNKNOWN


def _chain(node: ast.expr) -> tuple[str, ast.expr]:
    """`a.b.c` as `.b.c` and the node of `a`."""
    dotted = ""
    while type(node) is ast.Attribute:
        dotted = f".{node.attr}{dotted}"
        node = node.value
    return dotted, node


def _fold(kind: str, left: AnyValue, right: AnyValue) -> AnyValue:
    if type(left) is Const and type(right) is Const and kind in _FOLDS:
        a, b = left.value, right.value
        numbers = type(a) in (int, float) and type(b) in (int, float)
        texts = kind == "+" and type(a) is str and type(b) is str
        if numbers or texts:
            return _folded(kind, a, b)
    return Operation(kind, (left, right))


def _folded(kind: str, a: Any, b: Any) -> AnyValue:
    try:
        value = _FOLDS[kind](a, b)
    except ArithmeticError:
        return UNKNOWN
    if type(value) is int and not -WIDEST_INT <= value < WIDEST_INT:
        return UNKNOWN
    return Const(writable(value) if type(value) is str else value)


_HANDLERS: dict[type[ast.expr], Callable[[Expressions, Any], AnyValue]] = {
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
    ast.NamedExpr: Expressions.walrus,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.Lambda: Expressions.lambda_,
    ast.Call: Expressions.call,
}
for _new in ("TemplateStr", "Interpolation"):  # Python 3.14
    if hasattr(ast, _new):
        _HANDLERS[getattr(ast, _new)] = Expressions.unknown
