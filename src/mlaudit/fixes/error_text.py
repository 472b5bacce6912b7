"""Puts a constant in the place of an error's text, and writes the error to the log instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mlaudit.fixes.edits import Edit
from mlaudit.fixes.environment import before_imports, offset

_LOGGERS = frozenset({"getLogger", "get_logger"})
_TEXTS = frozenset({"str", "repr", "format", "format_exc", "join"})


def hide_error(
    text: str, tree: ast.Module, start: int, end: int, constant: str
) -> tuple[Edit, ...] | None:
    """`detail=str(error)` becomes `detail="..."`, with `logger.exception(...)` above.

    `start` and `end` are those of the call that makes the response. None where the error has no
    name, or the statement no line of its own.
    """
    for handler in ast.walk(tree):
        if not isinstance(handler, ast.ExceptHandler):
            continue
        found = _statement(text, handler, start, end)
        if found is not None:
            statement, call = found
            given = [call] if _called(call) in _TEXTS else _given(call)
            shown = [part for part in given if _shows(part, handler.name or "")]
            hidden = [Edit(*_stretch(text, part), f'"{constant}"') for part in shown]
            logged = _logged(text, tree, handler, statement, constant)
            return None if logged is None or not hidden else (*logged, *hidden)
    return None


def _statement(
    text: str, handler: ast.ExceptHandler, start: int, end: int
) -> tuple[ast.stmt, ast.Call] | None:
    """The innermost statement that holds the call."""
    found = None
    for node in ast.walk(handler):
        if isinstance(node, ast.Return | ast.Raise | ast.Expr):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _stretch(text, call) == (start, end):
                    found = node, call
    return found


def _stretch(text: str, node: ast.expr) -> tuple[int, int]:
    last = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return offset(text, node.lineno, node.col_offset), offset(text, *last)


def _given(call: ast.Call) -> Iterator[ast.expr]:
    """What a response is made of, down to single texts."""
    waiting: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Dict):
            waiting += node.values
        elif isinstance(node, ast.List | ast.Tuple):
            waiting += node.elts
        elif isinstance(node, ast.Call) and _called(node) not in _TEXTS:
            waiting += [*node.args, *(keyword.value for keyword in node.keywords)]
        else:
            yield node


def _shows(node: ast.expr, name: str) -> bool:
    return any(
        (isinstance(part, ast.Name) and part.id == name)
        or (isinstance(part, ast.Call) and _called(part) == "format_exc")
        for part in ast.walk(node)
    )


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _logged(
    text: str, tree: ast.Module, handler: ast.ExceptHandler, statement: ast.stmt, constant: str
) -> tuple[Edit, ...] | None:
    if any(isinstance(one, ast.Call) and _called(one) == "exception" for one in ast.walk(handler)):
        return ()
    at = offset(text, statement.lineno, 0)
    indent = text[at : offset(text, statement.lineno, statement.col_offset)]
    if indent.strip():
        return None
    logger = _logger(tree)
    line = Edit(at, at, f'{indent}{logger or "logging"}.exception("{constant}")\n')
    if logger:
        return (line,)
    top = before_imports(text, tree)
    return None if top is None else (Edit(top, top, "import logging\n"), line)


def _logger(tree: ast.Module) -> str:
    """What the module logs with: its own logger, else `logging`, if that is imported."""
    found = ""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if _called(node.value) in _LOGGERS and isinstance(node.targets[0], ast.Name):
                return node.targets[0].id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for name in node.names:
                if (name.asname or name.name) == "logging" or (
                    isinstance(node, ast.ImportFrom) and node.module == "loguru"
                ):
                    found = name.asname or name.name
    return found
