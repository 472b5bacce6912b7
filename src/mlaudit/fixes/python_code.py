"""Fixes in a text of Python: libcst finds the expression, and only its edits touch the text."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlaudit.facts.python.reader import UnparsableError, parse
from mlaudit.fixes.calls import Called
from mlaudit.fixes.edits import Edit, applied
from mlaudit.fixes.environment import read_environment
from mlaudit.fixes.error_text import hide_error
from mlaudit.fixes.lines import Lines
from mlaudit.fixes.model import Recipe
from mlaudit.fixes.surroundings import may_be_list

if TYPE_CHECKING:
    import libcst as cst
    from libcst.metadata import CodePosition


class PythonCode:
    """One text of Python, in which several findings may be fixed."""

    def __init__(self, text: str) -> None:
        """Raises UnparsableError."""
        import libcst as cst
        from libcst.metadata import MetadataWrapper, PositionProvider

        self._text = text
        self._lines = Lines(text)
        try:
            wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
            self._places = wrapper.resolve(PositionProvider)
        except cst.ParserSyntaxError as error:
            raise UnparsableError(str(error)) from None
        except (RecursionError, KeyError):  # a RecursionError makes libcst's clean-up fail, too
            raise UnparsableError("nested too deeply for libcst") from None
        self._expressions = {
            self._stretch(node): node
            for node in self._places
            if isinstance(node, cst.BaseExpression)
        }
        self._tree = parse(text)

    def _stretch(self, node: cst.CSTNode) -> tuple[int, int]:
        place = self._places[node]
        return self._offset(place.start), self._offset(place.end)

    def _offset(self, position: CodePosition) -> int:
        return self._lines.offset(position.line, position.column + 1)

    def fix(
        self, start: int, end: int, recipe: Recipe, values: Mapping[str, str]
    ) -> tuple[Edit, ...] | None:
        """Edits for what stands from `start` to `end`; None where it cannot be fixed."""
        node = self._expressions.get((start, end))
        if node is None:
            return None
        edits = self._edits(node, start, end, recipe, values)
        return edits if edits and self._still_parses(edits) else None

    def _edits(
        self,
        node: cst.BaseExpression,
        start: int,
        end: int,
        recipe: Recipe,
        values: Mapping[str, str],
    ) -> tuple[Edit, ...] | None:
        if recipe.kind == "wrap_call":
            return self._wrapped(node, start, end, recipe.parameter)
        import libcst as cst

        if not isinstance(node, cst.Call):
            return None
        if recipe.kind == "call_method":
            return self._method_called(end, recipe.parameter)
        if recipe.kind == "hide_error":
            return hide_error(self._text, self._tree, start, end, recipe.parameter)
        called = Called(self._text, node, self._stretch)
        if recipe.kind == "read_environment":
            return read_environment(self._text, self._tree, called, recipe.parameter, values)
        if recipe.kind == "rename_attributes":
            return called.rename_attributes(recipe.parameter)
        return called.set_argument(recipe.parameter, values)

    def _wrapped(
        self, node: cst.BaseExpression, start: int, end: int, function: str
    ) -> tuple[Edit, ...] | None:
        opening = f"{function}("
        if self._text[:start].endswith(opening) or _binds(self._tree, function):
            return None
        if not may_be_list(node, self._parent):
            return None
        return Edit(start, start, opening), Edit(end, end, ")")

    def _parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return next((one for one in self._places if node in one.children), None)

    def _method_called(self, end: int, parameter: Any) -> tuple[Edit, ...] | None:
        ((method, argument),) = parameter.items()
        if self._text.startswith(f".{method}(", end):
            return None
        return (Edit(end, end, f".{method}({argument!r})"),)

    def _still_parses(self, edits: tuple[Edit, ...]) -> bool:
        try:
            parse(applied(self._text, edits))
        except UnparsableError:
            return False
        return True


def _binds(tree: ast.Module, name: str) -> bool:
    """Whether the name is anything but the builtin somewhere in the file."""
    return any(name in _bound(node) for node in ast.walk(tree))


def _bound(node: ast.AST) -> tuple[str | None, ...]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(name=name, asname=asname):
            return (asname or name,)
        case _:
            return ()
