"""Calls: under which name each goes, and what type its result has."""

from __future__ import annotations

import ast
from typing import Any

from mlaudit.facts.python.expressions import Expressions, chain
from mlaudit.facts.python.literals import HANDLERS
from mlaudit.facts.python.names import type_made_by
from mlaudit.facts.syntax import AnyValue, Call, Global, Local, Operation, Result


class Calls(Expressions):
    """Records calls in the order in which Python makes them."""

    def call(self, node: ast.Call) -> AnyValue:
        place: Any = node
        func = node.func
        dotted, root = chain(func)
        local, receiver, method = "", None, ""
        if type(root) is ast.Name:
            base = self.named(root.id, dotted)
            if type(base) is Global:
                callee = base.name
            else:
                local = base.name
                callee = self.space.callee_of(local) if dotted else ""
        elif type(func) is ast.Attribute:
            receiver = self.child(func.value, "other")
            method = func.attr
            callee = self._method(receiver, method)
        else:
            receiver = self.value(func)
            callee = ""
        args = self._arguments(node.args, callee or local) if node.args else ()
        keywords = self._keywords(node.keywords, callee or local) if node.keywords else ()
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

    def _arguments(self, args: list[ast.expr], shown: str) -> tuple[AnyValue, ...]:
        space, child = self.space, self.child
        return tuple(
            [
                # A bare name is the most frequent argument, and is spared a call.
                space[arg.id] if type(arg) is ast.Name else child(arg, "argument", "", shown)
                for arg in args
            ]
        )

    def _keywords(
        self, keywords: list[ast.keyword], shown: str
    ) -> tuple[tuple[str, AnyValue], ...]:
        space, child = self.space, self.child
        found: list[tuple[str, AnyValue]] = []
        for word in keywords:
            name, value = word.arg or "", word.value
            if type(value) is ast.Name:
                found.append((name, space[value.id]))
            else:
                found.append((name, child(value, "argument", name, shown)))
        return tuple(found)

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


HANDLERS[ast.Call] = Calls.call
