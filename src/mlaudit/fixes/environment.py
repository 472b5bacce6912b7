"""Puts a look-up in the environment in the place of a secret that code holds as a literal."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from mlaudit.fixes.calls import Called
from mlaudit.fixes.edits import Edit
from mlaudit.fixes.lines import Lines

_NOT_NAME = re.compile(r"[^A-Z0-9]+")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_environment(
    text: str,
    tree: ast.Module,
    called: Called,
    variables: Mapping[str, str],
    values: Mapping[str, str],
) -> tuple[Edit, ...] | None:
    """`key="..."` becomes `key=os.environ["WANDB_API_KEY"]`, and `os` is imported.

    `variables` has the name that a library itself reads, by callable. None where the argument is
    no literal, nor a variable that is bound to one once.
    """
    import libcst as cst

    place = called.argument_of(values, (cst.SimpleString, cst.ConcatenatedString))
    variable = called.argument_of(values, cst.Name)
    if variable is not None:
        place = _assigned(text, tree, text[slice(*variable)])
    if place is None:
        return None
    callee = values.get("callee", "")
    name = variables.get(callee) or _variable(callee, values.get("argument", ""))
    lookup = Edit(*place, f'os.environ["{name}"]')
    if _imports_os(tree):
        return (lookup,)
    at = before_imports(text, tree)
    return None if at is None else (Edit(at, at, "import os\n"), lookup)


def _assigned(text: str, tree: ast.Module, name: str) -> tuple[int, int] | None:
    """Where the literal stands that the variable is bound to, if that is all that it ever is."""
    bound = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    ]  # fmt: skip
    found = [
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and node.targets[0] in bound
    ]  # fmt: skip
    if len(bound) != 1 or len(found) != 1:
        return None
    value = found[0]
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return None
    end = (value.end_lineno or value.lineno, value.end_col_offset or value.col_offset)
    return offset(text, value.lineno, value.col_offset), offset(text, *end)


def offset(text: str, line: int, column: int) -> int:
    """`column` counts UTF-8 bytes from 0, as `ast` does."""
    start = Lines(text).offset(line, 1)
    before = text[start : start + column].encode()[:column].decode(errors="ignore")
    return start + len(before)


def _variable(callee: str, argument: str) -> str:
    """`psycopg2.connect` and `password` make PSYCOPG2_PASSWORD."""
    words = _CAPITAL.sub("_", f"{callee.partition('.')[0]}_{argument}").upper()
    return _NOT_NAME.sub("_", words).strip("_")


def _imports_os(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Import) and any(a.name == "os" and not a.asname for a in node.names)
        for node in tree.body
    )


def before_imports(text: str, tree: ast.Module) -> int | None:
    """Where the first import begins that is not of the future, if it has a line of its own."""
    for node in tree.body:
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if isinstance(node, ast.Import | ast.ImportFrom) and not future:
            return Lines(text).offset(node.lineno, 1) if node.col_offset == 0 else None
    return None
