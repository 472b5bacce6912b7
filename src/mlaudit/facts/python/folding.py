"""Literals, operators, and what can be computed from literals alone."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from mlaudit.facts.syntax import AnyValue, Const, Operation, Unknown

UNKNOWN = Unknown()
NONE = Const(None)
TRUE = Const(True)
FALSE = Const(False)
LONGEST_TEXT = 4096
"""Characters of a literal that are kept."""
WIDEST_INT = 2**63

OPERATORS: dict[type[ast.AST], str] = {
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


def fold(kind: str, left: AnyValue, right: AnyValue) -> AnyValue:
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
