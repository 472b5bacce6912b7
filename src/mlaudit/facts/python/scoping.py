"""What binds names: targets, parameters, comprehensions, lambdas; and the scopes they open."""

from __future__ import annotations

import ast
from typing import Any

from mlaudit.facts.python.calls import Calls
from mlaudit.facts.python.expressions import chain
from mlaudit.facts.python.folding import UNKNOWN
from mlaudit.facts.python.literals import HANDLERS
from mlaudit.facts.python.names import Namespace
from mlaudit.facts.syntax import (
    AnyValue,
    Binding,
    Block,
    BlockKind,
    Collection,
    Const,
    Function,
    Global,
    Item,
    Local,
    Operation,
    Parameter,
    ParameterKind,
    Scope,
    ScopeKind,
    Statement,
)


class Scoping(Calls):
    """Expressions, and all that gives names to values."""

    def walrus(self, node: ast.NamedExpr) -> AnyValue:
        value = self.value(node.value)
        self.bind(node.target, "assign", value)
        return value

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

    # blocks and scopes

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
        self.space = space = self._inner_space(kind)
        for parameter in parameters:
            annotation = parameter.annotation
            space.bind(parameter.name, annotation.name if type(annotation) is Global else "")
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
            found.append(self._parameter(args.vararg, "args", None))
        for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            found.append(self._parameter(arg, "keyword", value))
        if args.kwarg:
            found.append(self._parameter(args.kwarg, "kwargs", None))
        return tuple(found)

    def _parameter(self, arg: ast.arg, kind: ParameterKind, default: ast.expr | None) -> Parameter:
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
            dotted, root = chain(target)
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


HANDLERS |= {
    ast.NamedExpr: Scoping.walrus,
    ast.ListComp: Scoping.comprehension,
    ast.SetComp: Scoping.comprehension,
    ast.GeneratorExp: Scoping.comprehension,
    ast.DictComp: Scoping.comprehension,
    ast.Lambda: Scoping.lambda_,
}
