"""Which program is meant by a path and a name."""

from __future__ import annotations

from collections.abc import Iterable

from mlaudit.facts.syntax import PythonFacts
from mlaudit.project.glance import CODE, EMPTY, Glance
from mlaudit.project.linking.entry_points import EntryPoint, is_program, main_guard

NAMED = 12
"""Programs or functions that an error names."""


class NoEntryError(Exception):
    """Nothing starts there. The message names what does."""


def find_entry(project: Glance, path: str, function: str) -> EntryPoint:
    """The entry point that a file is, or one of its functions. Raises NoEntryError."""
    file = project.files.get(path)
    if file is None:
        raise NoEntryError(f"{path or 'the repository'} is a folder; {_programs(project, path)}")
    python = project.facts[path].python if file.kind in CODE else None
    if python is None or python is EMPTY:
        raise NoEntryError(f"{path} holds no Python that can be read")
    if function:
        return _function(path, python, function)
    guard = main_guard(python)
    if guard is not None:
        return EntryPoint(path, 0, "main", python.blocks[guard].line)
    if project.facts[path].notebook is not None:
        return EntryPoint(path, 0, "notebook")
    if is_program(python):
        return EntryPoint(path, 0, "script")
    names = _listed(f"{path}:{name}" for name in _functions(python)) or "there are none"
    raise NoEntryError(f"{path} only defines; name a function of it: {names}")


def _function(path: str, python: PythonFacts, name: str) -> EntryPoint:
    for number, scope in enumerate(python.scopes):
        if scope.kind == "function" and scope.qualname == name:
            return EntryPoint(path, number, "function", scope.line)
    names = _listed(_functions(python)) or "no functions"
    raise NoEntryError(f"{path} has no function '{name}'; there are {names}")


def _functions(python: PythonFacts) -> list[str]:
    return [scope.qualname for scope in python.scopes if scope.kind == "function"]


def _programs(project: Glance, folder: str) -> str:
    below = f"{folder}/" if folder else ""
    found = [
        path
        for path, file in project.files.items()
        if path.startswith(below) and file.kind in CODE and _starts(project, path)
    ]
    return f"name a program in it: {_listed(found)}" if found else "there is no program in it"


def _starts(project: Glance, path: str) -> bool:
    facts = project.facts[path]
    if facts.python is None:
        return False
    return (
        facts.notebook is not None
        or main_guard(facts.python) is not None
        or is_program(facts.python)
    )


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return ", ".join(known[:NAMED]) + more
