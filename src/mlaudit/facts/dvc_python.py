"""Parameters in a Python file, as DVC takes them: literals that names are assigned to.

Of the module, of its classes, and of `self` in their `__init__`.
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

from mlaudit.facts.dvc_values import Path, Plain, plain
from mlaudit.facts.records import Problem


def load_python(text: str) -> tuple[Plain, dict[Path, int]] | Problem:
    """The values and the lines of the outermost names."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        lines: dict[Path, int] = {}
        return plain(_values(tree.body, lines)), lines
    except (SyntaxError, ValueError) as error:
        return Problem("not valid Python", getattr(error, "lineno", None) or 0)
    except (RecursionError, MemoryError):
        return Problem("nested too deeply")


def _values(
    body: list[ast.stmt], lines: dict[Path, int] | None = None, *, of_self: bool = False
) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for statement in body:
        part = _assigned(statement, of_self=of_self)
        if isinstance(statement, ast.ClassDef):
            part = {statement.name: _values(statement.body)}
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            part = _values(statement.body, of_self=True)
        found.update(part)
        if lines is not None:
            lines.update({(str(name),): statement.lineno for name in part})
    return found


def _assigned(statement: ast.stmt, *, of_self: bool) -> dict[Any, Any]:
    match statement:
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
            name = _name(target, of_self=of_self)
        case _:
            return {}
    if name is None or value is None:
        return {}
    try:
        return {name: ast.literal_eval(value)}
    except (ValueError, TypeError):
        return {}


def _name(target: ast.expr, *, of_self: bool) -> str | None:
    match target:
        case ast.Name(id=name) if not of_self:
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case _:
            return None
